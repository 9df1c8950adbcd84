/** TCP ports on the loopback interface. */

export interface ChosenPort {
  port: number;
  /** The port that was asked for and is in use by another program. */
  taken?: number;
}

/** The preferred port if nothing listens there, else a free one. */
export function choosePort(preferred = 0): ChosenPort {
  if (preferred !== 0) {
    try {
      return { port: probe(preferred) };
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      return { port: probe(0), taken: preferred };
    }
  }
  return { port: probe(0) };
}

function probe(port: number): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const chosen = (listener.addr as Deno.NetAddr).port;
  listener.close();
  return chosen;
}
