/** The parts of `oidc-provider` that the tests use, typed; the package carries no types of its own. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Context {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  path: string;
  querystring: string;
  headers: Record<string, string>;
  status: number;
  type: string;
  body: unknown;
  response: { get(header: string): string | undefined; set(header: string, value: string): void };
  oidc?: { body?: Record<string, string> };
}

export interface Interaction {
  uid: string;
  grantId?: string;
  prompt: { name: string; details: { missingOIDCScope?: string[] } };
  params: Record<string, string>;
  session?: { accountId: string };
}

export interface Grant {
  addOIDCScope(scope: string): void;
  rejectOIDCScope(scope: string): void;
  save(): Promise<string>;
}

export interface Library {
  Grant: {
    new (of: { accountId: string; clientId: string }): Grant;
    find(id: string): Promise<Grant>;
  };
  use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(
    request: IncomingMessage,
    response: ServerResponse,
    result: Record<string, unknown>,
    options: { mergeWithLastSubmission: boolean },
  ): Promise<void>;
}

type Row = Record<string, unknown> & { grantId?: string; uid?: string };

/** Storage in memory. Nothing expires here: the library judges each row by its own `exp`. */
export class MapAdapter {
  static factory(): (model: string) => MapAdapter {
    const rows = new Map<string, Row>();
    return (model) => new MapAdapter(model, rows);
  }

  private constructor(private readonly model: string, private readonly rows: Map<string, Row>) {}

  upsert(id: string, row: Row): void {
    this.rows.set(`${this.model}:${id}`, row);
  }

  find(id: string): Row | undefined {
    return this.rows.get(`${this.model}:${id}`);
  }

  findByUid(uid: string): Row | undefined {
    return [...this.rows].find(([key, row]) => key.startsWith(`${this.model}:`) && row.uid === uid)
      ?.[1];
  }

  /** A code that was used once stays known, so that using it again is seen and its grant revoked. */
  consume(id: string): void {
    const row = this.find(id);
    if (row) row.consumed = Math.floor(Date.now() / 1000);
  }

  destroy(id: string): void {
    this.rows.delete(`${this.model}:${id}`);
  }

  revokeByGrantId(grantId: string): void {
    for (const [key, row] of this.rows) {
      if (row.grantId === grantId) this.rows.delete(key);
    }
  }
}
