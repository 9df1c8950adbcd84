/**
 * Lines 1 to 9 of the checklist as attacks. V is attacked, A attacks with an account of their own, S is
 * a stranger. Each ends when the harm is seen from outside: in the authorization server's own count of
 * token requests, in its answers, and in the database's rows; what the function says is not believed.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { authorize } from "../providers/person.ts";
import { stateHash as sha256 } from "../support/envelope.ts";
import { bearer, finishOf } from "../support/flow.ts";
import type { User } from "../support/world.ts";
import { otherThan } from "./names.ts";
import {
  bring,
  nothingCameOfIt,
  type Stage,
  succeeded,
  tokenRequests,
  type Way,
  WAYS,
} from "./stage.ts";

export interface Attack {
  line: number;
  what: string;
  /** Throws when the attack works. */
  play(stage: Stage): Promise<void>;
}

/** The provider's page for this user. */
async function start({ target, provider }: Stage, user: User): Promise<string> {
  const response = await target.service.call(`/connect/${provider}`, {
    method: "POST",
    headers: bearer(user),
  });
  equal(response.status, 200);
  const { authorization_url } = await response.json();
  return authorization_url;
}

/** Connects and consents as this user, up to the redirect back, which nobody follows yet. */
async function consented(stage: Stage, user: User, account = "person@example.test"): Promise<URL> {
  return await authorize(await start(stage, user), { account });
}

async function people(stage: Stage): Promise<{ attacker: User; victim: User }> {
  return { attacker: await stage.world.newUser(), victim: await stage.world.newUser() };
}

/** The same callback with other parameters; `undefined` takes one away. */
function altered(callback: URL, changes: Record<string, string | undefined>): URL {
  const url = new URL(callback);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url;
}

/** A state that was spent stays spent, whoever comes with it next. */
async function staysSpent(stage: Stage, user: User, callback: URL): Promise<void> {
  const asked = await tokenRequests(stage, async () => {
    for (const way of WAYS) {
      equal(await succeeded(await bring(stage.target, user, callback, way)), false);
    }
  });
  equal(asked, 0, "a spent state was exchanged");
}

export const attacks: readonly Attack[] = [
  {
    line: 1,
    what: "A's own answer, opened in V's signed-in browser, connects nobody",
    async play(stage) {
      const { attacker, victim } = await people(stage);
      const callback = await consented(stage, attacker, "attacker@example.test");
      await nothingCameOfIt(
        stage,
        [attacker, victim],
        () => bring(stage.target, victim, callback, stage.way),
      );
    },
  },
  {
    line: 2,
    what: "A's authorization URL, consented to by V, gives A nothing of V's",
    async play(stage) {
      const { attacker, victim } = await people(stage);
      const stranger = await stage.world.newUser();
      for (const finisher of [victim, stranger]) {
        const callback = await consented(stage, attacker, "victim@example.test");
        await nothingCameOfIt(
          stage,
          [attacker, victim, stranger],
          () => bring(stage.target, finisher, callback, stage.way),
        );
      }
    },
  },
  {
    line: 2,
    what:
      "A's authorization URL, consented to by V in a browser without a session, gives A nothing of V's",
    async play(stage) {
      const { attacker, victim } = await people(stage);
      const callback = await consented(stage, attacker, "victim@example.test");
      const nobody: Way = { session: "none", method: "GET" };
      await nothingCameOfIt(
        { ...stage, way: nobody },
        [attacker, victim],
        () => bring(stage.target, undefined, callback, nobody),
      );
      // V's own page then finishes what the relay handed to it.
      const relayed: Way = { session: "header", method: "POST" };
      await nothingCameOfIt(
        { ...stage, way: relayed },
        [attacker, victim],
        () => bring(stage.target, victim, callback, relayed),
      );
    },
  },
  {
    line: 3,
    what: "V's unused code, injected into A's flow, is refused by the provider",
    async play(stage) {
      const { attacker, victim } = await people(stage);
      const { code } = finishOf(await consented(stage, victim, "victim@example.test"));
      const own = await consented(stage, attacker, "attacker@example.test");
      const seen = stage.world[stage.provider].tokenRequests.length;
      const response = await bring(stage.target, attacker, altered(own, { code }), stage.way);
      equal(await succeeded(response), false);
      const answers = stage.world[stage.provider].tokenRequests.slice(seen);
      deepEqual(answers.map(({ answer }) => answer.error), ["invalid_grant"]);
      equal(await stage.target.connections(attacker), 0);
      equal(await stage.target.connections(victim), 0);
    },
  },
  {
    line: 4,
    what: "PKCE is S256 with a fresh verifier, and no query of connect overrides it",
    async play(stage) {
      const user = await stage.world.newUser();
      const provider = stage.world[stage.provider];
      const override = new URLSearchParams({
        client_id: "mine",
        redirect_uri: "https://attacker.example/",
        response_type: "token",
        response_mode: "form_post",
        scope: "everything",
        state: "fixed".repeat(9),
        code_challenge: "f".repeat(43),
        code_challenge_method: "plain",
        code_verifier: "f".repeat(43),
        nonce: "fixed",
      });
      const verifiers = new Set<string>();
      for (const query of ["", `?${override}`]) {
        const authorization_url = await startedDespite(stage, query, bearer(user));
        const callback = await authorize(authorization_url);
        equal(await succeeded(await bring(stage.target, user, callback, stage.way)), true);
        const asked = provider.authorizationRequests.findLast((one) =>
          one.get("state") === finishOf(callback).state
        );
        equal(asked?.get("code_challenge_method"), "S256");
        equal(asked?.get("response_type"), "code");
        equal(asked?.get("client_id"), stage.world.clients[stage.provider].clientId);
        const verifier = provider.tokenRequests.at(-1)?.form.code_verifier ?? "";
        match(verifier, /^[A-Za-z0-9._~-]{43,128}$/);
        equal(await sha256(verifier), asked?.get("code_challenge"));
        verifiers.add(verifier);
      }
      equal(verifiers.size, 2, "a verifier came twice");
    },
  },
  {
    line: 5,
    what: "of 50 callbacks with one state at once, one is exchanged and one succeeds",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      let successes = 0;
      const asked = await tokenRequests(stage, async () => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => bring(stage.target, user, callback, stage.way)),
        );
        for (const answer of answers) if (await succeeded(answer)) successes++;
      });
      deepEqual([asked, successes], [1, 1], "exchanges and successes");
      equal(await stage.target.connections(user), 1);
    },
  },
  {
    line: 5,
    what: "a state that was used is refused afterwards",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      equal(await succeeded(await bring(stage.target, user, callback, stage.way)), true);
      await staysSpent(stage, user, callback);
    },
  },
  {
    line: 5,
    what: "a state whose exchange failed is refused afterwards, with a good code too",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      const wrong = altered(callback, { code: "no-such-code" });
      equal(await succeeded(await bring(stage.target, user, wrong, stage.way)), false);
      await staysSpent(stage, user, callback);
    },
  },
  {
    line: 6,
    what: "a state that expired by the database's clock is refused",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      await stage.target.expire(user);
      await nothingCameOfIt(stage, [user], () => bring(stage.target, user, callback, stage.way));
      await staysSpent(stage, user, callback);
    },
  },
  {
    line: 6,
    what: "an expired state is consumed by the statement that finds it expired",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      await stage.target.expire(user);
      equal(await succeeded(await bring(stage.target, user, callback, stage.way)), false);
      equal(await stage.target.underWay(user), 0);
    },
  },
  {
    line: 7,
    what: "one provider's state at the other's callback is refused",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = await consented(stage, user);
      const other = new URL(callback);
      other.pathname = other.pathname.replace(stage.provider, otherThan(stage.provider));
      await nothingCameOfIt(
        stage,
        [user],
        () => bring(stage.target, user, altered(other, { iss: undefined }), stage.way),
      );
    },
  },
  {
    line: 7,
    what: "an answer with an empty issuer is refused",
    async play(stage) {
      const user = await stage.world.newUser();
      const callback = altered(await consented(stage, user), { iss: "" });
      await nothingCameOfIt(stage, [user], () => bring(stage.target, user, callback, stage.way));
    },
  },
  {
    line: 7,
    what: "an answer with another issuer is refused",
    async play(stage) {
      const { world, provider } = stage;
      const { issuer } = world[provider];
      const wrong = [
        "https://attacker.example",
        world[otherThan(provider)].issuer,
        `${issuer}/`,
        issuer.toUpperCase(),
        `${issuer}.attacker.example`,
      ];
      for (const iss of wrong) {
        const user = await world.newUser();
        const callback = altered(await consented(stage, user), { iss });
        await nothingCameOfIt(stage, [user], () => bring(stage.target, user, callback, stage.way));
      }
    },
  },
  {
    line: 8,
    what: "no header and no query moves the redirect URI or where the browser lands",
    async play(stage) {
      const user = await stage.world.newUser();
      const evil = "attacker.example";
      const headers = {
        forwarded: `for=1.2.3.4;host=${evil};proto=https`,
        "x-forwarded-host": evil,
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": `/${evil}`,
        "x-original-url": `https://${evil}/`,
        "x-rewrite-url": `https://${evil}/`,
        referer: `https://${evil}/`,
        origin: `https://${evil}`,
      };
      const query = new URLSearchParams({
        redirect_uri: `https://${evil}/`,
        redirect_to: `https://${evil}/`,
        next: `//${evil}`,
        return_to: `https://${evil}/`,
        settings_url: `https://${evil}/`,
      });
      const authorization_url = await startedDespite(stage, `?${query}`, {
        ...bearer(user),
        ...headers,
      });
      const url = new URL(authorization_url);
      equal(url.searchParams.get("redirect_uri"), stage.world.redirectUri(stage.provider));
      ok(!authorization_url.includes(evil));
      const callback = await authorize(authorization_url);
      for (const way of [stage.way, { session: "none", method: "GET" } as const]) {
        if (way.method === "POST") continue;
        const path = `/callback/${stage.provider}?${callback.searchParams}&${query}`;
        const session = way.session === "header" ? bearer(user) : { cookie: user.cookie };
        const response = await stage.target.service.call(path, {
          headers: {
            ...(way.session === "none" ? {} : session),
            ...headers,
            accept: "text/html",
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document",
            "sec-fetch-site": "cross-site",
          },
        });
        await response.body?.cancel();
        const location = response.headers.get("location") ?? "";
        ok(location.startsWith(stage.world.settingsUrl), location);
        ok(!location.includes(evil), location);
      }
    },
  },
  {
    line: 9,
    what: "an answer with its code or state twice is refused",
    async play(stage) {
      for (const name of ["code", "state"]) {
        const user = await stage.world.newUser();
        const callback = await consented(stage, user);
        await nothingCameOfIt(stage, [user], () => doubled(stage, user, callback, name));
      }
    },
  },
  {
    line: 9,
    what: "the provider's words reach no header and no body, and unknown parameters change nothing",
    async play(stage) {
      const user = await stage.world.newUser();
      const state = new URL(await start(stage, user)).searchParams.get("state") ?? "";
      const canary = "PROVIDERWORDS";
      const refusal = altered(new URL(stage.world.redirectUri(stage.provider)), {
        error: "access_denied",
        error_description: `${canary}<script>`,
        error_uri: `https://attacker.example/${canary}`,
        state,
      });
      const response = await bring(stage.target, user, refusal, stage.way);
      const seen = JSON.stringify([...response.headers]) + await response.text();
      ok(!seen.includes(canary), seen);
      const callback = altered(await consented(stage, user), {
        authuser: "0",
        prompt: "consent",
        hd: "example.test",
        session_state: "x",
        access_token: "x",
        id_token: "x",
      });
      equal(await succeeded(await bring(stage.target, user, callback, stage.way)), true);
    },
  },
];

/** Sends one parameter twice, in the query or as a doubled member of the JSON. */
function doubled(stage: Stage, user: User, callback: URL, name: string): Promise<Response> {
  const value = callback.searchParams.get(name) ?? "";
  const twice = new URL(callback);
  twice.searchParams.append(name, value);
  if (stage.way.method === "GET") return bring(stage.target, user, twice, stage.way);
  const body = JSON.stringify(finishOf(callback)).replace("{", `{${JSON.stringify(name)}:"x",`);
  return stage.target.service.call(`/callback/${stage.provider}`, {
    method: "POST",
    headers: { ...bearer(user), "content-type": "application/json" },
    body,
  });
}

/** Where connect sends the browser; a function that refuses the query is asked once more without it. */
async function startedDespite(
  stage: Stage,
  query: string,
  headers: Record<string, string>,
): Promise<string> {
  const path = `/connect/${stage.provider}`;
  let response = await stage.target.service.call(`${path}${query}`, { headers });
  if (response.status === 400 && query !== "") {
    equal((await response.json()).code, "invalid_request");
    response = await stage.target.service.call(path, { headers });
  }
  const { authorization_url } = await response.json();
  return authorization_url;
}
