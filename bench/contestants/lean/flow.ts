/** The four use cases. */
import { random, sha256 } from "./bytes.ts";
import { type Provider, providers, redirectUrl } from "./config.ts";
import { Failure } from "./failure.ts";
import { open, type Place, seal } from "./vault.ts";
import { type Context, database, send } from "./wire.ts";

interface Connection {
  provider: string;
  status: string;
  calendar_id: string;
  account_label: string | null;
  scopes: string[];
  connected_at: string;
  last_sync_at: string | null;
}

interface TakenState {
  provider: string;
  sealed_verifier: string;
  live: boolean;
}

interface Tokens {
  access_token: string;
  refresh_token?: string;
  expires_in: number;
  scope?: string;
  token_type: string;
}

const columns = "provider,status,calendar_id,account_label,scopes,connected_at,last_sync_at";
const visible = /^[\x20-\x7e]{1,4096}$/;
const stateShape = /^[A-Za-z0-9_-]{43}$/;

export async function status(context: Context) {
  const query = `select=${columns}&user_id=eq.${context.caller.userId}&order=connected_at.desc`;
  return describe(await database<Connection[]>(context, `calendar_connections?${query}`));
}

export async function disconnect(context: Context, provider: string | null) {
  if (provider !== null && !(provider in providers)) throw new Failure(404, "unsupported_provider");
  const gone = await database<{ disconnected: string[]; connections: Connection[] }>(
    context,
    "rpc/calendar_disconnect",
    { p_user_id: context.caller.userId, p_provider: provider },
  );
  return { disconnected: gone.disconnected, ...describe(gone.connections) };
}

export async function connect(context: Context, provider: Provider) {
  const [state, verifier] = [random(32), random(32)];
  const stateHash = await sha256(state);
  const place = placeOf(context, provider, "code_verifier", stateHash);
  const expires_at = await database<string>(context, "rpc/calendar_open_state", {
    p_user_id: context.caller.userId,
    p_provider: provider.name,
    p_state_hash: stateHash,
    p_sealed_verifier: await seal(place, verifier),
  });
  const query = new URLSearchParams({
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: `${redirectUrl}/${provider.name}`,
    scope: provider.requestedScope,
    state,
    code_challenge: await sha256(verifier),
    code_challenge_method: "S256",
    ...provider.extras,
  });
  const authorization_url = `${provider.authorizationEndpoint}?${query}`;
  return { authorization_url, provider: provider.name, expires_at };
}

export async function callback(
  context: Context,
  provider: Provider,
  body: { code?: unknown; state?: unknown; iss?: unknown },
) {
  const { code, state, iss } = body;
  if (typeof state !== "string" || !stateShape.test(state)) throw new Failure(400, "invalid_state");
  if (typeof code !== "string" || !visible.test(code)) throw new Failure(400, "invalid_request");
  const stateHash = await sha256(state);
  const [taken] = await database<TakenState[]>(context, "rpc/calendar_take_state", {
    p_user_id: context.caller.userId,
    p_state_hash: stateHash,
  });
  const ours = taken?.live === true && taken.provider === provider.name;
  if (!ours || (iss !== undefined && iss !== provider.issuer)) {
    throw new Failure(400, "invalid_state");
  }
  const place = placeOf(context, provider, "code_verifier", stateHash);
  const verifier = await open(place, taken.sealed_verifier);
  return describe(await save(context, provider, await exchange(context, provider, code, verifier)));
}

async function exchange(context: Context, provider: Provider, code: string, verifier: string) {
  context.line.provider_calls++;
  const answer = await send(provider.tokenEndpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: `${redirectUrl}/${provider.name}`,
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
    }).toString(),
  }, 5000);
  if (answer.status !== 200) throw new Failure(502, "provider_rejected");
  const tokens: Tokens = JSON.parse(answer.body);
  const well = visible.test(tokens.access_token) && tokens.token_type.toLowerCase() === "bearer" &&
    Number.isInteger(tokens.expires_in);
  if (!well) throw new Failure(502, "provider_rejected");
  return tokens;
}

async function save(context: Context, provider: Provider, tokens: Tokens): Promise<Connection[]> {
  const scopes = (tokens.scope ?? provider.requestedScope).split(" ");
  if (!scopes.includes(provider.calendarScope) || !visible.test(tokens.refresh_token ?? "")) {
    throw new Failure(403, "insufficient_scope");
  }
  return await database<Connection[]>(context, "rpc/calendar_save_connection", {
    p_user_id: context.caller.userId,
    p_provider: provider.name,
    p_calendar_id: provider.defaultCalendar,
    p_account_id: null,
    p_account_label: null,
    p_scopes: scopes,
    p_sealed_access_token: await seal(
      placeOf(context, provider, "access_token"),
      tokens.access_token,
    ),
    p_sealed_refresh_token: await seal(
      placeOf(context, provider, "refresh_token"),
      tokens.refresh_token ?? "",
    ),
    p_access_token_expires_at: new Date(Date.now() + tokens.expires_in * 1000),
  });
}

function placeOf(
  context: Context,
  provider: Provider,
  purpose: Place["purpose"],
  stateHash?: string,
): Place {
  const place = { purpose, userId: context.caller.userId, provider: provider.name };
  return stateHash === undefined ? place : { ...place, stateHash };
}

function describe(connections: Connection[]) {
  const active = connections.find((each) => each.status === "active");
  const described = active ?? connections[0];
  return {
    connected: active !== undefined,
    provider: described?.provider ?? null,
    status: described?.status ?? null,
    last_sync_at: described?.last_sync_at ?? null,
    capacity: { level: "default", actions_per_day: 6, source: "fallback" },
    providers: Object.keys(providers),
    connections,
  };
}
