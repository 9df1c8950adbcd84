/** The variables, judged by the very code that reads them in the function: nothing is decided twice. */
import { inRepository } from "../../dev/paths.ts";
import { environmentNames } from "../../dev/environment.ts";
import { type Finding, note, open, right, wrong } from "./report.ts";

export type Environment = Record<string, string>;

/** Set by the platform; somebody's own file has no reason to hold them. */
const PLATFORM: Record<string, string> = {
  SUPABASE_URL: "https://placeholder.supabase.co",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_placeholder"}',
};

export async function checkVariables(env: Environment): Promise<Finding[]> {
  const names = await environmentNames();
  const complaints = await complaintsOfTheFunction(env);
  const findings = names.flatMap((name) => {
    const expected = complaints.get(name);
    if (expected !== undefined) {
      const state = name in env ? "is malformed" : "is not set";
      return [wrong(name, state, `it must be ${expected}`)];
    }
    return name in env ? [right(name, "is set and well-formed")] : [];
  });
  if (!("SUPABASE_URL" in env)) {
    findings.push(
      open(
        "SUPABASE_URL",
        "the platform sets it; without it here, no address can be looked at",
        "add SUPABASE_URL=https://<ref>.supabase.co for this command",
      ),
    );
  }
  return [...findings, ...providersOffered(env, complaints), ...strangers(env, names)];
}

/** What the function would answer to anybody: `misconfigured`, with every variable and what it must be. */
async function complaintsOfTheFunction(env: Environment): Promise<Map<string, string>> {
  const pkg: {
    requestHandler(env: Record<string, string>): (request: Request) => Promise<Response>;
  } = await import(new URL(`file://${inRepository("pkg", "calendar_connect.js")}`).href);
  const hasKey = "SUPABASE_PUBLISHABLE_KEYS" in env || "SUPABASE_ANON_KEY" in env;
  const { SUPABASE_URL, ...keys } = PLATFORM;
  const whole = { SUPABASE_URL: SUPABASE_URL ?? "", ...(hasKey ? {} : keys), ...env };
  const log = console.log;
  console.log = () => {};
  try {
    const answer = await pkg.requestHandler(whole)(new Request("http://doctor/calendar/status"));
    const { code, message } = await answer.json();
    if (code !== "misconfigured") return new Map();
    return new Map(
      String(message).replace(/\.$/, "").split(/; (?=[A-Z][A-Z_]+ must be )/).map((each) => {
        const [name = "", ...expected] = each.split(" must be ");
        return [name, expected.join(" must be ")];
      }),
    );
  } finally {
    console.log = log;
  }
}

function providersOffered(env: Environment, complaints: Map<string, string>): Finding[] {
  return ["GOOGLE", "OUTLOOK"].flatMap((prefix) => {
    const [id, secret] = [`${prefix}_CLIENT_ID`, `${prefix}_CLIENT_SECRET`];
    if (id in env || secret in env || complaints.has(id)) return [];
    return [note(id, `is not set: ${prefix === "GOOGLE" ? "Google" : "Outlook"} is not offered`)];
  });
}

/** Names of our kind that the function does not read: most often a slip of the pen. */
function strangers(env: Environment, names: string[]): Finding[] {
  return Object.keys(env)
    .filter((name) => /^(CALENDAR|GOOGLE|OUTLOOK)_/.test(name) && !names.includes(name))
    .map((name) =>
      note(name, "is set, and the function does not read it", "compare with the README's table")
    );
}

export function checkKey(env: Environment): Finding[] {
  const about = "CALENDAR_ENCRYPTION_KEY";
  const remake = "make another one: openssl rand -base64 32";
  const bytes = decoded(env[about]);
  if (bytes === undefined || bytes.length !== 32) return [];
  if (PUBLISHED.includes(env[about] ?? "")) {
    return [wrong(about, "is an example from documentation, known to everybody", remake)];
  }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return [wrong(about, "is not random: it is text in base64", remake)];
  }
  if (new Set(bytes).size < 16) return [wrong(about, "is not random: few different bytes", remake)];
  const retired = (env.CALENDAR_RETIRED_ENCRYPTION_KEYS ?? "").split(",").map((key) => key.trim());
  if (retired.includes(env[about] ?? "")) {
    return [wrong(about, "is among the retired keys too", "take it out of the retired ones")];
  }
  return [right(about, "looks random")];
}

const PUBLISHED = ["Fo16o0bIenkHEed/QCTxbxXaNHnJD1oM2EKnNZXI+Mo="];

function decoded(text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined ? undefined : Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
