/// <reference path="../../dev/demo/env.d.ts" />
/** The Settings page of an app whose session is in cookies, as `@supabase/ssr` keeps it. */
import { createBrowserClient } from "@supabase/ssr";
import "../../app/element/mod.ts";

const supabase = createBrowserClient(
  import.meta.env.VITE_SUPABASE_URL,
  import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
);
const panel = document.querySelector("calendar-settings")!;
panel.url = "/api/calendar";
panel.supabase = supabase;
Object.assign(globalThis, { supabase });
