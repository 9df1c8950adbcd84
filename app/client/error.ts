import { type CalendarErrorCode, isErrorCode } from "./contract.ts";

interface CalendarErrorDetails {
  status?: number | undefined;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
  expectedLabel?: string | undefined;
  actualLabel?: string | undefined;
  cause?: unknown;
}

/** Every failure of `CalendarClient`. Branch on `code`; `message` is for developers. */
export class CalendarError extends Error {
  override readonly name = "CalendarError";
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Finds the request in the function's log. */
  readonly requestId: string | undefined;
  /** Seconds to wait before another try, where the function said so. */
  readonly retryAfter: number | undefined;
  /** With `account_mismatch`: the address of the account that was to be connected again, if known. */
  readonly expectedLabel: string | undefined;
  /** With `account_mismatch`: the address of the account that was chosen at the provider, if known. */
  readonly actualLabel: string | undefined;

  constructor(
    readonly code: CalendarErrorCode,
    message: string,
    details: CalendarErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfter = details.retryAfter;
    this.expectedLabel = details.expectedLabel;
    this.actualLabel = details.actualLabel;
  }
}

/** No answer, or one that the function did not write: a gateway's or a proxy's page, for example. */
export function unreachable(cause?: unknown, status?: number): CalendarError {
  return new CalendarError("unreachable", "the calendar function did not answer", {
    cause,
    status,
  });
}

export async function errorOfResponse(response: Response): Promise<CalendarError> {
  const body: unknown = await response.json().catch(() => null);
  if (!isErrorBody(body)) return unreachable(undefined, response.status);
  return new CalendarError(body.code, body.message, {
    status: response.status,
    requestId: body.request_id,
    retryAfter: seconds(response.headers.get("retry-after")),
    expectedLabel: label(body.expected_label),
    actualLabel: label(body.actual_label),
  });
}

interface ErrorBody {
  code: CalendarErrorCode;
  message: string;
  request_id: string;
  expected_label?: unknown;
  actual_label?: unknown;
}

/** Judged by its form, so that the code, message and request id of a newer function arrive as well. */
function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== "object" || body === null) return false;
  const { code, message, request_id } = body as Record<string, unknown>;
  return isErrorCode(code) && typeof message === "string" && typeof request_id === "string";
}

function label(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
