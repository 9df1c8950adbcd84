/**
 * Line 30: an answer reaches the call that asked for it and no other, whatever is started in between: a provider's answer
 * holds somebody's tokens. Two calls of one task are in tests/browser/calls.rs.
 *
 * Mutation tried: see defences.ts, "30: a reply is its call's".
 */
import { deepEqual, equal } from "node:assert/strict";
import {
  exchangeGoogleCode,
  type ExchangeOptions,
  generateCodeVerifier,
} from "../../pkg/calendar_connect.js";
import { answerFetchWith } from "./offline.ts";

const scope = "https://www.googleapis.com/auth/calendar.readonly";

/** Every endpoint grants a token that bears its name. */
answerFetchWith((url) =>
  Response.json({
    access_token: `access-of-${url.pathname.slice(1)}`,
    refresh_token: "refresh",
    token_type: "Bearer",
    expires_in: 3600,
    scope,
  })
);

function options(name: string): ExchangeOptions {
  return {
    clientId: "client",
    clientSecret: "secret-not-real",
    redirectUri: "https://app.example.test/callback",
    code: "code",
    codeVerifier: generateCodeVerifier(),
    tokenEndpoint: `https://provider.example.test/${name}`,
  };
}

async function exchanged(given: ExchangeOptions): Promise<string> {
  return (await exchangeGoogleCode(given)).accessToken;
}

Deno.test("a task that starts another while it is read gets its own reply, and so does the other", async () => {
  const inner: Promise<string>[] = [];
  const outer = options("outer");
  Object.defineProperty(outer, "clientId", {
    get() {
      inner.push(exchanged(options("inner")));
      return "client";
    },
  });
  equal(await exchanged(outer), "access-of-outer");
  deepEqual(await Promise.all(inner), ["access-of-inner"]);
  equal(await exchanged(options("next")), "access-of-next");
});

Deno.test("a hundred tasks at once get their own replies", async () => {
  const names = Array.from({ length: 100 }, (_, at) => `n${at}`);
  const answers = await Promise.all(names.map((name) => exchanged(options(name))));
  deepEqual(answers, names.map((name) => `access-of-${name}`));
});

Deno.test("an endpoint that is no URL is the provider's trouble, and of nobody else", async () => {
  const bad = { ...options("bad"), tokenEndpoint: "no url" };
  const error: { code?: string } = await exchanged(bad).then(() => ({}), (thrown) => thrown);
  equal(error.code, "provider_unavailable");
  equal(await exchanged(options("after")), "access-of-after");
});
