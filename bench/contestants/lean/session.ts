/** The caller's JWT: its kind is checked here, its signature by PostgREST. */
import { fromBase64 } from "./bytes.ts";
import { Failure } from "./failure.ts";

export interface Caller {
  jwt: string;
  userId: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const decoder = new TextDecoder("utf-8", { fatal: true });

export function session(header: string | null): Caller {
  const match = /^bearer +([A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+)$/i.exec(header ?? "");
  const [, jwt, payload] = match ?? [];
  if (jwt === undefined || payload === undefined || jwt.length > 16 * 1024) throw noSession();
  const claims = JSON.parse(decoder.decode(fromBase64(payload)));
  const signedIn = claims.role === "authenticated" && claims.is_anonymous !== true &&
    claims.client_id === undefined && typeof claims.sub === "string" && uuid.test(claims.sub);
  if (!signedIn) throw noSession();
  return { jwt, userId: claims.sub };
}

function noSession(): Failure {
  return new Failure(401, "unauthorized");
}
