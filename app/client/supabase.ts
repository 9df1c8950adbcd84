/**
 * The part of a supabase-js client that is used, written down so that any 2.x version of it fits
 * and none is a dependency.
 */
export interface SupabaseLike {
  auth: {
    getSession(): Promise<{
      data: { session: SessionLike | null };
      error: { name: string } | null;
    }>;
    onAuthStateChange(
      callback: (event: string, session: SessionLike | null) => void,
    ): { data: { subscription: { unsubscribe(): void } } };
  };
  functions: {
    invoke(name: string, options: InvokeOptions): Promise<{ data: unknown; error: unknown }>;
  };
}

export interface SessionLike {
  access_token: string;
  user: { id: string };
}

export interface InvokeOptions {
  method: "GET" | "POST" | "DELETE";
  body?: Record<string, string>;
  signal: AbortSignal;
}
