/** By node:crypto (without a derived key or bound data) and openid-client. */
import { calculatePKCECodeChallenge, randomPKCECodeVerifier, randomState } from "openid-client";
import { open, seal } from "./cipher.ts";
import { report, text } from "./micro.ts";

await report(
  () => open(seal(text)),
  async () => [randomState(), await calculatePKCECodeChallenge(randomPKCECodeVerifier())],
);
