// @ts-check
/** Scenarios: named files with a world and the faults that go with it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal } from "./refusal.js";
import { known } from "./world.js";

/** @typedef {import("./types.d.ts").Scenario} Scenario */

const FOLDER = fileURLToPath(new URL("scenarios", import.meta.url));

const MEMBERS = ["name", "mode", "title", "description", "expect", "every_client", "every_person"];
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

/**
 * Puts a scenario over the world as it is: accounts that are connected stay connected, and its rules
 * replace those that were there.
 * @param {import("./emulator.js").Emulator} emulator
 * @param {Scenario} scenario
 */
export function apply(emulator, scenario) {
  known("scenario", scenario, [...MEMBERS, ...WORLD]);
  emulator.faults.clear();
  const { every_client = {}, every_person = {} } = scenario;
  const { world } = emulator;
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
  for (const fault of scenario.faults ?? []) emulator.faults.add(fault);
}
