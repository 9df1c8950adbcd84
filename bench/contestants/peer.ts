/** What both peers share: routes, supabase-js with the caller's JWT, and the answers of the contract. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";

export interface Caller {
  database: SupabaseClient;
  userId: string;
}

interface Connection {
  provider: string;
  status: string;
  last_sync_at: string | null;
}

interface TakenState {
  provider: string;
  sealed_verifier: string;
  live: boolean;
}

export interface Peer {
  provider: string;
  status(caller: Caller): Promise<unknown>;
  disconnect(caller: Caller): Promise<unknown>;
  connect(caller: Caller): Promise<unknown>;
  callback(caller: Caller, body: { code: string; state: string }): Promise<unknown>;
}

const keys = JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS") ?? "{}");
const corsHeaders = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, x-client-info, apikey, content-type",
};
const columns = "provider,status,calendar_id,account_label,scopes,connected_at,last_sync_at";

export function serve(peer: Peer): void {
  Deno.serve(async (request) => {
    try {
      return Response.json(await dispatch(peer, request), { headers: corsHeaders });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return Response.json({ message }, { status: 500, headers: corsHeaders });
    }
  });
}

async function dispatch(peer: Peer, request: Request): Promise<unknown> {
  const route = new URL(request.url).pathname.split("/").slice(2).join("/");
  if (route === "health") return { status: "ok" };
  const caller = await signedIn(request);
  if (route === "status") return await peer.status(caller);
  if (route === "disconnect") return await peer.disconnect(caller);
  if (route === `connect/${peer.provider}`) return await peer.connect(caller);
  if (route === `callback/${peer.provider}`) {
    return await peer.callback(caller, await request.json());
  }
  throw new Error("no such route");
}

/** As documented, Auth is asked whose token it is; the other form believes the token and lets the database judge. */
const believesClaims = Deno.env.get("BENCH_PEER_BELIEVES_CLAIMS") === "yes";

async function signedIn(request: Request): Promise<Caller> {
  const authorization = request.headers.get("Authorization") ?? "";
  const database = createClient(Deno.env.get("SUPABASE_URL") ?? "", keys.default, {
    global: { headers: { Authorization: authorization } },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const token = authorization.replace("Bearer ", "");
  if (believesClaims) return { database, userId: claimsOf(token).sub };
  const { data, error } = await database.auth.getUser(token);
  if (error) throw error;
  return { database, userId: data.user.id };
}

function claimsOf(token: string): { sub: string } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

export async function connections({ database, userId }: Caller): Promise<unknown> {
  const { data, error } = await database.from("calendar_connections").select(columns)
    .eq("user_id", userId).order("connected_at", { ascending: false });
  if (error) throw error;
  return payload(data);
}

export async function disconnected({ database, userId }: Caller): Promise<unknown> {
  const { data, error } = await database.rpc("calendar_disconnect", { p_user_id: userId });
  if (error) throw error;
  return { disconnected: data.disconnected, ...payload(data.connections) };
}

export async function openState(
  { database, userId }: Caller,
  provider: string,
  state: string,
  sealedVerifier: string,
): Promise<string> {
  const { data, error } = await database.rpc("calendar_open_state", {
    p_user_id: userId,
    p_provider: provider,
    p_state_hash: hash(state),
    p_sealed_verifier: sealedVerifier,
  });
  if (error) throw error;
  return data;
}

export async function takeState({ database, userId }: Caller, state: string): Promise<TakenState> {
  const { data, error } = await database.rpc("calendar_take_state", {
    p_user_id: userId,
    p_state_hash: hash(state),
  });
  if (error) throw error;
  const [taken]: TakenState[] = data;
  if (!taken?.live) throw new Error("invalid state");
  return taken;
}

export async function saveConnection(
  { database, userId }: Caller,
  connection: Record<string, unknown>,
): Promise<unknown> {
  const { data, error } = await database.rpc("calendar_save_connection", {
    p_user_id: userId,
    p_account_id: null,
    p_account_label: null,
    ...connection,
  });
  if (error) throw error;
  return payload(data);
}

function hash(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

function payload(connections: Connection[]) {
  const active = connections.find((each) => each.status === "active");
  const described = active ?? connections[0];
  return {
    connected: active !== undefined,
    provider: described?.provider ?? null,
    status: described?.status ?? null,
    last_sync_at: described?.last_sync_at ?? null,
    capacity: { level: "default", actions_per_day: 6, source: "fallback" },
    providers: ["google", "outlook"],
    connections,
  };
}
