/** People of the app, with the sessions and cookies that the libraries of apps make. */
import { createServerClient } from "@supabase/ssr";
import { createClient, type Session, type SupabaseClient } from "@supabase/supabase-js";
import { type Stack, userClaims } from "../../dev/mod.ts";

export interface User {
  id: string;
  token: string;
  /** The `Cookie` header of their browser, as @supabase/ssr wrote it. */
  cookie: string;
}

export interface SignedUpUser extends User {
  /** supabase-js with their session. */
  client: SupabaseClient;
}

export interface Profile {
  /** Goes into the session, and makes its cookie as long as one wishes. */
  about?: string;
}

/** Signs up at the local Auth API, which takes its time to hash the password. */
export async function signUp(stack: Stack, profile: Profile = {}): Promise<SignedUpUser> {
  const { client: browser, cookie } = browserClient(stack);
  const { data, error } = await browser.auth.signUp({
    email: newEmail(),
    password: "a password of a test",
    options: { data: { about: profile.about ?? "" } },
  });
  if (error) throw error;
  if (!data.session) throw new Error("the local Auth API gave no session at sign-up");
  return {
    id: data.session.user.id,
    token: data.session.access_token,
    cookie: cookie(),
    client: await signedIn(stack, data.session),
  };
}

/** A user made by SQL, with the session that the Auth API would have answered: for most tests. */
export async function insertUser(stack: Stack): Promise<User> {
  const user = { id: crypto.randomUUID(), email: newEmail(), role: "authenticated" };
  await stack.database.query("insert into auth.users (id, email) values ($1, $2)", [
    user.id,
    user.email,
  ]);
  const token = await stack.supabase.signJwt(userClaims(user.id, { email: user.email }));
  const session = {
    access_token: token,
    refresh_token: "refresh",
    token_type: "bearer",
    expires_in: 3600,
    user,
  };
  const { client: browser, cookie } = browserClient(
    stack,
    () => Promise.resolve(Response.json(session)),
  );
  const { error } = await browser.auth.signInWithPassword({ email: user.email, password: "-" });
  if (error) throw error;
  return { id: user.id, token, cookie: cookie() };
}

function browserClient(stack: Stack, fetch: typeof globalThis.fetch = globalThis.fetch) {
  const jar = new Map<string, string>();
  const client = createServerClient(stack.url, stack.publishableKey, {
    global: { fetch },
    cookies: {
      getAll: () => [...jar].map(([name, value]) => ({ name, value })),
      setAll: (changes) => {
        for (const { name, value } of changes) {
          if (value === "") jar.delete(name);
          else jar.set(name, value);
        }
      },
    },
  });
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  return { client, cookie };
}

async function signedIn(
  stack: Stack,
  session: Pick<Session, "access_token" | "refresh_token">,
): Promise<SupabaseClient> {
  const client = createClient(stack.url, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await client.auth.setSession(session);
  if (error) throw error;
  return client;
}

function newEmail(): string {
  return `person-${crypto.randomUUID()}@example.test`;
}
