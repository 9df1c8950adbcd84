/** The Settings page, served by Vite from `dev/demo/` at /app/settings, as a developer would run it. */
import { createServer } from "vite";
import { inRepository } from "./paths.ts";
import { choosePort } from "./ports.ts";

export interface PageOptions {
  /** Chosen beforehand with `choosePort`, since the function must know the page's address. */
  port: number;
  supabaseUrl: string;
  publishableKey: string;
  /** Filled into the sign-in form of the demo. */
  demo?: { email: string; password: string };
}

export interface Page {
  /** Address of the Settings page. */
  url: string;
  stop(): Promise<void>;
}

export const settingsPath = "/app/settings";

export async function startPage(options: PageOptions): Promise<Page> {
  const server = await createServer({
    configFile: inRepository("dev", "demo", "vite.config.ts"),
    define: constants(options),
    logLevel: "error",
    clearScreen: false,
    server: {
      host: "127.0.0.1",
      port: options.port,
      strictPort: true,
      // The page's own origin serves the function too, as an app does that proxies it.
      proxy: {
        "/api/calendar": {
          target: options.supabaseUrl,
          rewrite: (path: string) => path.replace(/^\/api/, "/functions/v1"),
        },
      },
    },
  });
  await server.listen();
  return {
    url: `http://127.0.0.1:${options.port}${settingsPath}`,
    stop: () => server.close(),
  };
}

/** Where the page will be; the port is held by nobody until the page starts. */
export function choosePage(preferred?: number): { url: string; port: number; taken?: number } {
  const chosen = choosePort(preferred);
  return { url: `http://127.0.0.1:${chosen.port}${settingsPath}`, ...chosen };
}

/** What the page reads as `import.meta.env.VITE_…`. */
function constants(options: PageOptions): Record<string, string> {
  const values = {
    VITE_SUPABASE_URL: options.supabaseUrl,
    VITE_SUPABASE_PUBLISHABLE_KEY: options.publishableKey,
    VITE_DEMO_EMAIL: options.demo?.email ?? "",
    VITE_DEMO_PASSWORD: options.demo?.password ?? "",
  };
  return Object.fromEntries(
    Object.entries(values).map((
      [name, value],
    ) => [`import.meta.env.${name}`, JSON.stringify(value)]),
  );
}
