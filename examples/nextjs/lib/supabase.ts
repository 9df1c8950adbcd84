import { createBrowserClient } from "@supabase/ssr";

/** The browser's client: its session is in cookies, which the function sees under this domain. */
export function browserClient() {
  return createBrowserClient(
    process.env.NEXT_PUBLIC_SUPABASE_URL!,
    process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!,
  );
}
