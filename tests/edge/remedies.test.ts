/** That every message names its remedy is checked by `expectError`; here, that the check means something. */
import { deepEqual } from "node:assert/strict";
import { type Code, STATUS_OF } from "../support/answers.ts";
import { namesRemedy } from "../support/remedies.ts";

const CODES = Object.keys(STATUS_OF) as Code[];

const accepted = (message: string) => CODES.filter((code) => namesRemedy(code, message));

Deno.test("a message without a remedy is refused for every code", () => {
  for (
    const message of [
      "",
      "Something went wrong.",
      "The call must be wrong, see the log.",
      "The consent of this user takes no effect; check and try.",
      "The set of tokens that was sent could not be used at the start.",
    ]
  ) deepEqual(accepted(message), [], message);
});

Deno.test("a message with the remedy of one code is refused for the others", () => {
  const pairs: [Code, string][] = [
    ["invalid_state", "This sign-in has expired; start the connection again."],
    ["rate_limited", "Too many requests; wait and try again."],
    ["storage_unavailable", "No answer. Look at the status; where nothing changed, start again."],
    ["unsupported_media_type", "Send the body as Content-Type: application/json."],
    ["misconfigured", "CALENDAR_SETTINGS_URL must be an https URL."],
  ];
  for (const [code, message] of pairs) {
    // An expired state and a malformed one have the same remedy.
    const others = code === "invalid_state" ? ["invalid_request"] : [];
    deepEqual(accepted(message).sort(), [code, ...others].sort(), message);
  }
});
