/** What every answer of the function must be, whatever was asked. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { namesRemedy } from "./remedies.ts";

/** The closed set of error codes and the one status of each. */
export const STATUS_OF = {
  unauthorized: 401,
  unsupported_provider: 404,
  not_found: 404,
  method_not_allowed: 405,
  invalid_request: 400,
  payload_too_large: 413,
  account_mismatch: 409,
  account_limit: 409,
  reconnect_needed: 409,
  forbidden: 403,
  unsupported_media_type: 415,
  invalid_state: 400,
  access_denied: 403,
  insufficient_scope: 403,
  rate_limited: 429,
  provider_rejected: 502,
  provider_unavailable: 503,
  storage_unavailable: 503,
  misconfigured: 500,
  internal: 500,
} as const;

export type Code = keyof typeof STATUS_OF;

export interface ErrorBody {
  code: string;
  message: string;
  request_id: string;
  /** The two accounts of an `account_mismatch`. */
  expected_label?: string | null;
  actual_label?: string | null;
}

export function expectHeaders(response: Response): string {
  equal(response.headers.get("cache-control"), "no-store");
  equal(response.headers.get("referrer-policy"), "no-referrer");
  equal(response.headers.get("x-content-type-options"), "nosniff");
  const id = response.headers.get("x-request-id") ?? "";
  match(id, /^[\w-]{8,64}$/);
  return id;
}

/** Reads an error answer, after checking everything that all error answers have in common. */
export async function expectError(response: Response, code: Code): Promise<ErrorBody> {
  const text = await response.text();
  deepEqual([response.status, codeIn(text)], [STATUS_OF[code], code], text);
  const id = expectHeaders(response);
  match(response.headers.get("content-type") ?? "", /^application\/json\b/);
  const body: ErrorBody = JSON.parse(text);
  const labels = code === "account_mismatch" ? ["actual_label", "expected_label"] : [];
  deepEqual(Object.keys(body).sort(), [...labels, "code", "message", "request_id"].sort());
  equal(body.request_id, id);
  ok(namesRemedy(code, body.message), `the remedy of ${code} is missing: ${body.message}`);
  if (code === "method_not_allowed") ok(response.headers.get("allow"));
  if (code === "provider_unavailable") match(response.headers.get("retry-after") ?? "", /^\d+$/);
  return body;
}

/** Reads a good answer as JSON, after checking what all good answers have in common. */
export async function expectJson<Body>(response: Response, status = 200): Promise<Body> {
  const text = await response.text();
  equal(response.status, status, text);
  expectHeaders(response);
  match(response.headers.get("content-type") ?? "", /^application\/json\b/);
  return JSON.parse(text);
}

/** The place a redirect leads to. */
export async function expectRedirect(response: Response): Promise<URL> {
  const text = await response.text();
  equal(response.status, 303, text);
  equal(text, "");
  expectHeaders(response);
  return new URL(response.headers.get("location") ?? "");
}

function codeIn(text: string): unknown {
  try {
    return JSON.parse(text).code;
  } catch {
    return undefined;
  }
}
