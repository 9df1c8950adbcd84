/**
 * The local stack's page. Whoever starts Vite sets, in the process's environment:
 *
 * - VITE_SUPABASE_URL              origin of /auth/v1, /rest/v1 and /functions/v1, as the browser sees it
 * - VITE_SUPABASE_PUBLISHABLE_KEY  the publishable (or anon) key
 * - VITE_DEMO_EMAIL, VITE_DEMO_PASSWORD  optional: a seeded user, offered with one button
 *
 * The page is `/app/settings`; every path answers 200 with it, signed in or not.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  appType: "spa",
  envDir: false,
  cacheDir: here("../../.cache/vite"),
  clearScreen: false,
  server: {
    strictPort: true,
    hmr: false,
    fs: {
      allow: [
        here("."),
        here("../../app"),
        here("../../node_modules"),
        here("../../.cache/vite"),
        here("../../tests/e2e"),
      ],
    },
  },
});
