/** People of the app: signed up and signed in by the libraries that apps use. */
import { createServerClient } from "@supabase/ssr";
import { createClient, type Session, type SupabaseClient } from "@supabase/supabase-js";

export interface User {
  id: string;
  email: string;
  token: string;
  /** The `Cookie` header of their browser, as @supabase/ssr wrote it. */
  cookie: string;
  /** supabase-js with their session. */
  client: SupabaseClient;
}

export interface Profile {
  /** Goes into the session, and makes its cookie as long as one wishes. */
  about?: string;
}

export async function signUp(origin: string, key: string, profile: Profile = {}): Promise<User> {
  const jar = new Map<string, string>();
  const browser = createServerClient(origin, key, {
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
  const email = `person-${crypto.randomUUID()}@example.test`;
  const { data, error } = await browser.auth.signUp({
    email,
    password: "a password of a test",
    options: { data: { about: profile.about ?? "" } },
  });
  if (error) throw error;
  if (!data.session) throw new Error("the local Auth API gave no session at sign-up");
  return {
    id: data.session.user.id,
    email,
    token: data.session.access_token,
    cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
    client: await signedIn(origin, key, data.session),
  };
}

async function signedIn(
  origin: string,
  key: string,
  session: Pick<Session, "access_token" | "refresh_token">,
): Promise<SupabaseClient> {
  const client = createClient(origin, key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await client.auth.setSession(session);
  if (error) throw error;
  return client;
}
