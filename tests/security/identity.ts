/** Id_tokens of the hostile provider: good ones, and what must not be believed. */
import { CALENDAR_SCOPE, type ProviderName } from "../providers/strict.ts";
import { tokens } from "../providers/hostile.ts";
import type { ProviderFault } from "./faults.ts";

/** A token that nobody signed: what comes from the token endpoint is not checked by its signature. */
export function idToken(claims: Record<string, unknown>): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part({ alg: "none" })}.${part(claims)}.c2ln`;
}

/** What the provider would say of this account. */
export function claimsOf(
  { issuer, clientId, account }: { issuer: string; clientId: string; account: string },
): Record<string, unknown> {
  return {
    iss: issuer,
    aud: clientId,
    exp: 1,
    sub: account,
    tid: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    oid: account,
    email: `${account}@example.test`,
  };
}

/** Each makes of a good answer one whose account must not be believed; nothing is stored then. */
export function identityFaults(): ProviderFault[] {
  const changed = (what: string, change: (claims: Record<string, unknown>) => unknown) => ({
    what: `an id_token ${what}`,
    answer: (
      provider: ProviderName,
      { claims, ...given }: Parameters<ProviderFault["answer"]>[1],
    ) => tokens(CALENDAR_SCOPE[provider], { ...given, id_token: change({ ...claims }) }),
  });
  return [
    changed("of another issuer", (claims) => idToken({ ...claims, iss: "https://evil.example" })),
    changed("of no issuer", (claims) => idToken({ ...claims, iss: undefined })),
    changed("for another client", (claims) => idToken({ ...claims, aud: "another-client" })),
    changed("for two clients", (claims) => idToken({ ...claims, aud: [claims.aud, "another"] })),
    changed(
      "with an endless account",
      (claims) => idToken({ ...claims, sub: "1".repeat(300), oid: "1".repeat(300) }),
    ),
    changed(
      "with a newline in the account",
      (claims) => idToken({ ...claims, sub: "a\nb", oid: "a\nb" }),
    ),
    changed("that expires as a text", (claims) => idToken({ ...claims, exp: "1" })),
    changed("that is a number", () => 7),
    changed("that is no token", () => "a.b"),
    changed("of a list", () => idToken([] as unknown as Record<string, unknown>)),
  ];
}
