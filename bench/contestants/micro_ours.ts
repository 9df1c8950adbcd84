/** By the helpers that pkg/ exports. */
import {
  codeChallenge,
  decryptToken,
  encryptToken,
  generateCodeVerifier,
  generateState,
  type TokenPlace,
} from "../../pkg/calendar_connect.js";
import { report, text } from "./micro.ts";

const place: TokenPlace = {
  key: Deno.env.get("CALENDAR_ENCRYPTION_KEY") ?? "",
  userId: "11111111-2222-4333-8444-555555555555",
  provider: "google",
  purpose: "access_token",
};

await report(
  () => decryptToken(encryptToken(text, place), place),
  () => [generateState(), codeChallenge(generateCodeVerifier())],
);
