// @ts-check
/** Consents, and the codes and tokens given out under them. */
import { DAY, MINUTE, SECOND } from "./time.js";

/** @typedef {import("./types.d.ts").Client} Client */
/** @typedef {import("./types.d.ts").Code} Code */
/** @typedef {import("./types.d.ts").Consent} Consent */
/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").ProviderName} ProviderName */
/** @typedef {import("./types.d.ts").Token} Token */

/** At both providers a code lives for about ten minutes. */
const CODE_LIFETIME = 10 * MINUTE;

/** Tokens are as long as the real ones, so that columns and limits are tested with real sizes. */
const SHAPES = {
  google: {
    code: { prefix: "emulated-google-code-", length: 73 },
    access: { prefix: "emulated-google-access-", length: 220 },
    refresh: { prefix: "emulated-google-refresh-", length: 103 },
    /** Unused for six months, it expires. */
    idle: 182 * DAY,
    /** Live refresh tokens per account and client; one more ends the oldest. */
    most: 100,
  },
  microsoft: {
    code: { prefix: "emulated-microsoft-code-", length: 800 },
    access: { prefix: "emulated-microsoft-access-", length: 2400 },
    refresh: { prefix: "emulated-microsoft-refresh-", length: 1300 },
    idle: 90 * DAY,
    most: Infinity,
  },
};

/** The life of a refresh token while Google's consent screen is in testing. */
export const TESTING_LIFETIME = 7 * DAY - SECOND;

export class Grants {
  /** @type {Map<string, Code>} */
  codes = new Map();
  /** @type {Map<string, Token>} */
  tokens = new Map();
  /** @type {Consent[]} */
  consents = [];

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./random.js").Random} random
   */
  constructor(clock, random) {
    this.clock = clock;
    this.random = random;
  }

  /**
   * What a person allows an app. A Google project is one app, however many clients it has.
   * @param {Client} client
   */
  appOf(client) {
    return client.provider === "google" ? client.project : client.client_id;
  }

  /**
   * The consent that holds now.
   * @param {Client} client
   * @param {string} person
   */
  consent(client, person) {
    const app = this.appOf(client);
    return this.consents.find((each) =>
      each.provider === client.provider && each.app === app && each.person === person &&
      each.ended === undefined
    );
  }

  /**
   * Adds scopes to the consent that holds, or starts one.
   * @param {Client} client
   * @param {string} person
   * @param {string[]} scopes
   * @returns {Consent}
   */
  allow(client, person, scopes) {
    const before = this.consent(client, person);
    if (before) {
      before.scopes = [...new Set([...before.scopes, ...scopes])];
      return before;
    }
    const { provider } = client;
    const consent = { provider, app: this.appOf(client), person, scopes: [...scopes] };
    this.consents.push(consent);
    return consent;
  }

  /**
   * @param {Omit<Code, "expires" | "used">} code
   * @param {ProviderName} provider
   */
  newCode(provider, code) {
    const value = this.#newValue(SHAPES[provider].code);
    this.codes.set(value, { ...code, expires: this.clock.now() + CODE_LIFETIME, used: false });
    return value;
  }

  /**
   * @param {Client} client
   * @param {string} person
   * @param {Consent} consent
   * @param {string[]} scopes
   * @param {number} seconds
   */
  newAccessToken(client, person, consent, scopes, seconds) {
    return this.#newToken("access", client, person, consent, scopes, seconds * SECOND);
  }

  /**
   * @param {Client} client
   * @param {string} person
   * @param {Consent} consent
   * @param {string[]} scopes
   * @param {number} [lifetime] milliseconds; without it only being idle ends the token
   */
  newRefreshToken(client, person, consent, scopes, lifetime = Infinity) {
    const made = this.#newToken("refresh", client, person, consent, scopes, lifetime);
    if (SHAPES[client.provider].most === Infinity) return made;
    const live = [...this.tokens.values()].filter((token) =>
      token.kind === "refresh" && token.client === client.client_id && token.person === person &&
      this.deadBecause(token) === undefined
    );
    const surplus = live.length - SHAPES[client.provider].most;
    for (const token of live.slice(0, Math.max(0, surplus))) token.ended = "superseded";
    return made;
  }

  /**
   * @param {"access" | "refresh"} kind
   * @param {Client} client
   * @param {string} person
   * @param {Consent} consent
   * @param {string[]} scopes
   * @param {number} lifetime
   */
  #newToken(kind, client, person, consent, scopes, lifetime) {
    const now = this.clock.now();
    /** @type {Token} */
    const token = {
      value: this.#newValue(SHAPES[client.provider][kind]),
      kind,
      client: client.client_id,
      person,
      scopes,
      consent,
      issued: now,
      expires: now + lifetime,
      used: now,
    };
    this.tokens.set(token.value, token);
    return token;
  }

  /** @param {{ prefix: string, length: number }} shape */
  #newValue({ prefix, length }) {
    return prefix + this.random.text(length - prefix.length);
  }

  /**
   * Why a token no longer works; undefined if it does.
   * @param {Token} token
   * @returns {string | undefined}
   */
  deadBecause(token) {
    const now = this.clock.now();
    if (token.ended !== undefined) return token.ended;
    if (token.consent.ended !== undefined) return token.consent.ended;
    if (now >= token.expires) return "expired";
    const idle = SHAPES[token.consent.provider].idle;
    if (token.kind === "refresh" && now >= token.used + idle) return "idle";
    return undefined;
  }

  /**
   * Ends what a person has allowed; every token of it is dead then.
   * @param {(consent: Consent) => boolean} which
   * @param {string} reason
   */
  end(which, reason) {
    const ended = this.consents.filter((consent) => consent.ended === undefined && which(consent));
    for (const consent of ended) consent.ended = reason;
    return ended.length;
  }

  /**
   * Makes ended grants valid again, as when an administrator changes a policy back.
   * @param {(consent: Consent) => boolean} which
   */
  restore(which) {
    const restored = this.consents.filter((consent) =>
      consent.ended !== undefined && which(consent)
    );
    for (const consent of restored) delete consent.ended;
    return restored.length;
  }

  clear() {
    this.codes.clear();
    this.tokens.clear();
    this.consents.length = 0;
  }
}
