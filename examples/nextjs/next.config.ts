import type { NextConfig } from "next";

const supabase = process.env.NEXT_PUBLIC_SUPABASE_URL;
if (!supabase) throw new Error("NEXT_PUBLIC_SUPABASE_URL is not set");

const config: NextConfig = {
  // The function under the app's own domain: it sees the session cookie, and the provider's
  // redirect ends in one step. Its CALENDAR_REDIRECT_URL is `https://<app>/api/calendar/callback`.
  rewrites: () =>
    Promise.resolve([{
      source: "/api/calendar/:path*",
      destination: `${supabase}/functions/v1/calendar/:path*`,
    }]),
};

export default config;
