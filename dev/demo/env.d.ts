/** What Vite defines from the environment; see vite.config.ts. */
interface ImportMeta {
  readonly env: {
    readonly VITE_SUPABASE_URL: string;
    readonly VITE_SUPABASE_PUBLISHABLE_KEY: string;
    readonly VITE_DEMO_EMAIL?: string;
    readonly VITE_DEMO_PASSWORD?: string;
  };
}
