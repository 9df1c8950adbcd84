import assert from "node:assert/strict";
import { readLanding } from "./landing.ts";

const page = "https://app.example/app/settings";

Deno.test("a relayed code is read and leaves a clean address", () => {
  assert.deepEqual(
    readLanding(`${page}#calendar_provider=google&calendar_code=4%2F0A&calendar_state=s-1`),
    {
      landing: { kind: "relay", provider: "google", body: { code: "4/0A", state: "s-1" } },
      rest: page,
    },
  );
});

Deno.test("an issuer is passed on", () => {
  const found = readLanding(
    `${page}#calendar_provider=outlook&calendar_code=c&calendar_state=s&calendar_iss=https%3A%2F%2Fi`,
  );
  assert.deepEqual(found?.landing, {
    kind: "relay",
    provider: "outlook",
    body: { code: "c", state: "s", iss: "https://i" },
  });
});

Deno.test("a denied consent is read without a code", () => {
  const found = readLanding(
    `${page}#calendar_provider=google&calendar_error=access_denied&calendar_state=s`,
  );
  assert.deepEqual(found?.landing, {
    kind: "relay",
    provider: "google",
    body: { error: "access_denied", state: "s" },
  });
});

for (
  const [what, fragment] of [
    ["without a state", "calendar_provider=google&calendar_code=c"],
    ["without a code or error", "calendar_provider=google&calendar_state=s"],
    ["of an unknown provider", "calendar_provider=__proto__&calendar_code=c&calendar_state=s"],
    ["that is empty", "calendar_code"],
  ]
) {
  Deno.test(`a relay ${what} is taken out of the address and is malformed`, () => {
    assert.deepEqual(readLanding(`${page}#${fragment}`), {
      landing: { kind: "malformed" },
      rest: page,
    });
  });
}

Deno.test("what is not ours in query and fragment stays as it was, to the byte", () => {
  const rest =
    "?code=supabase-pkce&tab=a%20b&x=%E2%82%AC&code=2#access_token=t&type=recovery&q=%2f&flag";
  const found = readLanding(
    `${page}${rest}&calendar_provider=google&calendar_code=c&calendar_state=s`,
  );
  assert.equal(found?.rest, page + rest);
});

Deno.test("supabase-js's own parameters alone are not touched", () => {
  for (
    const rest of [
      "?code=abc",
      "?error=access_denied&error_description=no",
      "#access_token=a&refresh_token=b&provider=google",
      "?provider=google&reason=x",
      "",
    ]
  ) assert.equal(readLanding(page + rest), null);
});

Deno.test("a one-step success names its provider", () => {
  assert.deepEqual(readLanding(`${page}?tab=2&connected=success&provider=google#top`), {
    landing: { kind: "done", provider: "google", connection: null, reason: null },
    rest: `${page}?tab=2#top`,
  });
});

Deno.test("a one-step failure carries a reason that has the form of a code", () => {
  const reason = (query: string) => readLanding(`${page}?connected=error&${query}`)?.landing;
  assert.deepEqual(reason("reason=invalid_state&provider=outlook"), {
    kind: "done",
    provider: "outlook",
    connection: null,
    reason: "invalid_state",
  });
  assert.deepEqual(reason("reason=account_mismatch&provider=google&connection=c-1"), {
    kind: "done",
    provider: "google",
    connection: "c-1",
    reason: "account_mismatch",
  });
  assert.deepEqual(reason("reason=of_a_newer_function&provider=google"), {
    kind: "done",
    provider: "google",
    connection: null,
    reason: "of_a_newer_function",
  });
  assert.deepEqual(reason("reason=%3Cscript%3E"), {
    kind: "done",
    provider: null,
    connection: null,
    reason: "internal",
  });
});

Deno.test("every parameter of a one-step return is taken out, and only with `connected`", () => {
  const ours = "connected=error&provider=google&connection=c-1&reason=account_mismatch";
  assert.equal(readLanding(`${page}?a=1&${ours}&b=2`)?.rest, `${page}?a=1&b=2`);
  assert.equal(readLanding(`${page}?connection=c-1`), null);
});

Deno.test("another app's `connected` is not ours", () => {
  assert.equal(readLanding(`${page}?connected=yes&provider=google`), null);
});

for (const path of ["//", "//other.example/app", "/%2F/app", "///"]) {
  Deno.test(`a page whose path is ${path} stays on its own origin`, () => {
    const { origin } = new URL(page);
    const found = readLanding(
      `${origin}${path}#calendar_provider=google&calendar_code=c&calendar_state=s`,
    );
    assert.equal(found?.rest, origin + path);
    assert.equal(new URL(found.rest, `${origin}${path}`).origin, origin);
  });
}
