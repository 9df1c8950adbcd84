// @ts-check
/** Scenarios: named files with a world and the faults that go with it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal } from "./refusal.js";
import { milliseconds } from "./time.js";
import { known } from "./world.js";

/** @typedef {import("./types.d.ts").Scenario} Scenario */

const FOLDER = fileURLToPath(new URL("scenarios", import.meta.url));

const WORDS = ["name", "mode", "title", "description", "try", "expect"];
const CHANGES = ["every_client", "every_person", "end_grants", "advance"];
const WORLD = ["now", "frozen", "tenants", "people", "clients", "quotas", "faults"];

/** Every scenario that ships, in the order of their numbers. */
export function scenarios() {
  return readdirSync(FOLDER).filter((file) => file.endsWith(".json")).sort()
    .map((file) => readScenario(file.slice(0, -".json".length)));
}

/**
 * The scenario of that name, or of that file.
 * @param {string} nameOrFile
 * @returns {Scenario}
 */
export function readScenario(nameOrFile) {
  const shipped = /^[\w-]+$/.test(nameOrFile) ? findShipped(nameOrFile) : undefined;
  const file = shipped ?? nameOrFile;
  if (!existsSync(file)) {
    const names = readdirSync(FOLDER).map((each) => each.replace(/^\d+-|\.json$/g, "")).join(", ");
    throw new Refusal(
      `there is no scenario ${nameOrFile}; there are ${names}, or name a file`,
      404,
    );
  }
  return { name: nameOrFile.replace(/^\d+-/, ""), ...readJson(file) };
}

/**
 * With or without the number in front.
 * @param {string} name
 */
function findShipped(name) {
  const file = readdirSync(FOLDER)
    .find((each) => each === `${name}.json` || each.replace(/^\d+-/, "") === `${name}.json`);
  return file === undefined ? undefined : join(FOLDER, file);
}

/** @param {string} file */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Refusal(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Why a grant can end; each provider has its own answer to each. */
const REASONS = [
  "revoked",
  "expired",
  "password_changed",
  "consent_removed",
  "sign_in_again",
  "admin_block",
];

/**
 * Makes grants die: the next refresh is refused, and a new consent starts afresh.
 * @param {import("./emulator.js").Emulator} emulator
 * @param {NonNullable<Scenario["end_grants"]>} which
 */
export function endGrants(emulator, which) {
  known("grants/end", which, ["person", "provider", "reason"]);
  const { person, provider, reason = "revoked" } = which;
  if (!REASONS.includes(reason)) {
    throw new Refusal(`a grant ends for one of these reasons: ${REASONS.join(", ")}`);
  }
  return emulator.grants.end(grantsOf(person, provider), reason);
}

/**
 * @param {string | undefined} person
 * @param {import("./types.d.ts").ProviderName | undefined} provider
 * @returns {(consent: import("./types.d.ts").Consent) => boolean}
 */
export function grantsOf(person, provider) {
  return (consent) =>
    (person === undefined || consent.person.toLowerCase() === person.toLowerCase()) &&
    (provider === undefined || consent.provider === provider);
}

/**
 * Puts a scenario over the world as it is: accounts that are connected stay connected, and its rules
 * replace those that were there.
 * @param {import("./emulator.js").Emulator} emulator
 * @param {Scenario} scenario
 */
export function apply(emulator, scenario) {
  known("scenario", scenario, [...WORDS, ...CHANGES, ...WORLD]);
  emulator.faults.clear();
  const { every_client = {}, every_person = {}, end_grants, advance } = scenario;
  const { world } = emulator;
  if (advance !== undefined) emulator.clock.advance(milliseconds(advance));
  emulator.add(Object.fromEntries(
    Object.entries(scenario).filter(([member]) => WORLD.includes(member) && member !== "faults"),
  ));
  for (const client of world.clients.values()) {
    const changes = every_client[client.provider];
    if (changes) world.changeClient(client.provider, client.client_id, changes);
  }
  for (const [email, changes] of Object.entries(every_person)) {
    const people = email === "*" ? [...world.people.keys()] : [email];
    for (const each of people) world.changePerson(each, changes);
  }
  if (end_grants !== undefined) endGrants(emulator, end_grants);
  for (const fault of scenario.faults ?? []) emulator.faults.add(fault);
}
