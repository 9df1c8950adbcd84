/** By WebCrypto. */
import { random, sha256 } from "./lean/bytes.ts";
import { open, type Place, seal } from "./lean/vault.ts";
import { report, text } from "./micro.ts";

const place: Place = {
  purpose: "access_token",
  userId: "11111111-2222-4333-8444-555555555555",
  provider: "google",
};

await report(
  async () => await open(place, await seal(place, text)),
  async () => [random(32), await sha256(random(32))],
);
