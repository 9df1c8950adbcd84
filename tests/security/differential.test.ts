/**
 * Lines 7, 9, 14, 15: 20,000 generated answers of providers, judged by the Wasm that ships and by
 * `oauth4webapi`. Accepted means: tokens were taken, or the code was sent to the token endpoint.
 *
 * Mutations tried: see defences.ts, "14".
 */
import { deepEqual, ok } from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { exchangeGoogleCode } from "../../pkg/calendar_connect.js";
import { queryCase, tokenCase } from "./answers_of_providers.ts";
import {
  type Difference,
  QUERY_DIFFERENCES,
  type QueryCase,
  TOKEN_DIFFERENCES,
  type TokenCase,
} from "./differences.ts";
import { printed } from "./handler.ts";
import { addressOf } from "./handler.ts";
import { answerFetchWith, offline, token, type Upstream } from "./offline.ts";
import { BASE64URL, newRandom } from "./random.ts";

const CASES = 10_000;
const random = newRandom();

const server: oauth.AuthorizationServer = {
  issuer: "https://accounts.google.com",
  token_endpoint: "https://oauth2.googleapis.com/token",
};
const client: oauth.Client = { client_id: "google-test-client" };
const VERIFIER = "v".repeat(43);

let upstream: Upstream = () => new Response(null, { status: 500 });
answerFetchWith((url, init) => upstream(url, init));

Deno.test(`${CASES} token responses are judged as oauth4webapi does, but for what is listed; seed ${random.seed}`, async () => {
  const tally = new Tally(TOKEN_DIFFERENCES);
  for (let done = 0; done < CASES; done++) {
    const one = tokenCase(random);
    const respond = () =>
      new Response(one.bytes.slice(), { headers: { "content-type": "application/json" } });
    upstream = respond;
    tally.add(one, await weTakeTokens(), await theyTakeTokens(respond()), JSON.stringify(one.text));
  }
  tally.close();
});

async function weTakeTokens(): Promise<boolean> {
  const options = {
    clientId: client.client_id,
    clientSecret: "not-real",
    redirectUri: "https://app.example.test/callback",
    code: "a-code",
    codeVerifier: VERIFIER,
  };
  return await exchangeGoogleCode(options).then((grant) => grant.accessToken !== "", refused);
}

function refused(error: unknown): boolean {
  if (error instanceof Error && error.name === "CalendarConnectError") return false;
  throw error;
}

async function theyTakeTokens(response: Response): Promise<boolean> {
  try {
    await oauth.processAuthorizationCodeResponse(server, client, response);
    return true;
  } catch {
    return false;
  }
}

Deno.test(`${CASES} authorization responses are judged as oauth4webapi does, but for what is listed; seed ${random.seed}`, async () => {
  const tally = new Tally(QUERY_DIFFERENCES);
  const handle = offline();
  const state = random.text(BASE64URL, 43);
  const sealed = await sealedVerifierOf(handle, state);
  for (let done = 0; done < CASES; done++) {
    const one = queryCase(random, state);
    const ours = await weSendTheCode(handle, one, sealed);
    const theirs = await theySendTheCode(one, state);
    tally.add(one, ours, theirs, one.query);
    printed.lines.length = 0;
  }
  tally.close();
});

/** What the database would hold: the function seals a verifier for a state of its own, and we keep both. */
async function sealedVerifierOf(
  handle: (request: Request) => Promise<Response>,
  state: string,
): Promise<Sealed> {
  let kept: Sealed | undefined;
  upstream = (_, init) => {
    const { p_state_hash, p_sealed_verifier } = JSON.parse(String(init.body));
    kept = { state, own: "", hash: p_state_hash, verifier: p_sealed_verifier };
    return Response.json({ expires_at: "2030-01-01T00:00:00+00:00", connection: null });
  };
  const response = await handle(
    new Request(addressOf("/connect/google"), {
      method: "POST",
      headers: { authorization: `Bearer ${token()}` },
    }),
  );
  const { authorization_url } = await response.json();
  if (!kept) throw new Error("the function asked no database");
  return { ...kept, own: new URL(authorization_url).searchParams.get("state") ?? "" };
}

interface Sealed {
  /** The state that the cases are made with. */
  state: string;
  /** The state that the function made, whose hash the verifier is bound to. */
  own: string;
  hash: string;
  verifier: string;
}

async function weSendTheCode(
  handle: (request: Request) => Promise<Response>,
  { query }: QueryCase,
  sealed: Sealed,
): Promise<boolean> {
  let sent = false;
  upstream = (url, init) => {
    if (url.href === server.token_endpoint) {
      sent = true;
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const { p_state_hash } = JSON.parse(String(init.body));
    const found = p_state_hash === sealed.hash;
    return Response.json(
      found
        ? { provider: "google", sealed_verifier: sealed.verifier, live: true, connection: null }
        : null,
    );
  };
  const response = await handle(
    new Request(addressOf(`/callback/google?${query.replaceAll(sealed.state, sealed.own)}`), {
      headers: { authorization: `Bearer ${token()}` },
    }),
  );
  await response.body?.cancel();
  return sent;
}

async function theySendTheCode({ parameters }: QueryCase, state: string): Promise<boolean> {
  let sent = false;
  try {
    const checked = oauth.validateAuthResponse(server, client, parameters, state);
    await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      checked,
      "https://app.example.test/callback",
      VERIFIER,
      {
        [oauth.customFetch]: () => {
          sent = true;
          return Promise.resolve(new Response());
        },
      },
    );
  } catch (error) {
    if (sent) throw error;
  }
  return sent;
}

/** Counts agreement, and holds every difference against the list. */
class Tally<Case extends TokenCase | QueryCase> {
  readonly #used = new Set<string>();
  #accepted = 0;
  #refused = 0;

  constructor(readonly listed: readonly Difference<Case>[]) {}

  add(one: Case, ours: boolean, theirs: boolean, what: string): void {
    if (ours && theirs) this.#accepted++;
    if (!ours && !theirs) this.#refused++;
    if (ours === theirs) return;
    const accepts = ours ? "we" : "oauth4webapi";
    const reasons = this.listed.filter((each) => each.accepts === accepts && each.when(one));
    ok(reasons.length > 0, `only ${accepts} accept ${what.slice(0, 600)}`);
    // A line is needed where it alone explains a case.
    if (reasons.length === 1) this.#used.add(reasons[0]?.what ?? "");
  }

  close(): void {
    deepEqual(this.listed.map(({ what }) => what).filter((what) => !this.#used.has(what)), []);
    ok(this.#accepted > CASES / 50, `both accepted only ${this.#accepted}`);
    ok(this.#refused > CASES / 50, `both refused only ${this.#refused}`);
  }
}
