/** The variables, judged by the very code that reads them in the function: nothing is decided twice. */
import { Buffer } from "node:buffer";
import { nearest } from "../nearest.ts";
import type { Environment, Facts } from "./facts.ts";
import { type Finding, note, open, right, wrong } from "./report.ts";

/** Set by the platform; an app's own file has no reason to hold them. */
const OF_THE_PLATFORM = {
  url: { SUPABASE_URL: "https://placeholder.supabase.co" },
  keys: { SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_placeholder"}' },
};

/** Read by the doctor only. */
const OWN = ["DATABASE_URL"];

export function checkVariables(env: Environment, facts: Facts): Finding[] {
  const problems = new Map(
    facts.problemsOf(completed(env)).map(({ variable, expected }) => [variable, expected]),
  );
  const findings = facts.variables.flatMap((name) => {
    const expected = problems.get(name);
    if (expected !== undefined) {
      return [wrong(name, name in env ? "is malformed" : "is not set", `it must be ${expected}`)];
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
  return [...findings, ...providersNotOffered(env, facts)];
}

function completed(env: Environment): Environment {
  const hasKey = "SUPABASE_PUBLISHABLE_KEYS" in env || "SUPABASE_ANON_KEY" in env;
  return { ...OF_THE_PLATFORM.url, ...(hasKey ? {} : OF_THE_PLATFORM.keys), ...env };
}

function providersNotOffered(env: Environment, { providers }: Facts): Finding[] {
  return providers.flatMap(({ env_prefix: prefix, title }) => {
    const [id, secret] = [`${prefix}_CLIENT_ID`, `${prefix}_CLIENT_SECRET`];
    if (id in env || secret in env) return [];
    return [note(id, `is not set: ${title} is not offered`)];
  });
}

/** Names that are almost one that is read, and names of our kind that are not. */
export function checkNames(written: string[], env: Environment, facts: Facts): Finding[] {
  const known = [...facts.variables, ...OWN];
  const prefixes = ["CALENDAR", ...facts.providers.map(({ env_prefix: prefix }) => prefix)];
  return written.filter((name) => !known.includes(name)).flatMap((name) => {
    const meant = nearest(name.toUpperCase(), known);
    if (meant !== undefined) {
      return meant in env
        ? [note(name, `is set beside ${meant}, and nothing reads it`, "remove it")]
        : [wrong(name, `is read by nothing, and ${meant} is not set`, `rename it to ${meant}`)];
    }
    if (!prefixes.some((prefix) => name.startsWith(`${prefix}_`))) return [];
    return [note(name, "is read by nothing", "compare it with the README's table, or remove it")];
  });
}

/** How likely somebody else has the key; its form has been judged before. */
export function checkKey(env: Environment): Finding[] {
  const about = "CALENDAR_ENCRYPTION_KEY";
  const key = env[about];
  if (key === undefined) return [];
  const bytes = Buffer.from(key, "base64");
  const remake = "make another one: npx calendar-connect key";
  if (PUBLISHED.includes(key)) {
    return [wrong(about, "is an example from documentation, known to everybody", remake)];
  }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return [wrong(about, "is not random: it is text in base64", remake)];
  }
  if (new Set(bytes).size < 16) return [wrong(about, "is not random: few different bytes", remake)];
  const retired = (env.CALENDAR_RETIRED_ENCRYPTION_KEYS ?? "").split(",").map((each) =>
    each.trim()
  );
  if (retired.includes(key)) {
    return [wrong(about, "is among the retired keys too", "take it out of the retired ones")];
  }
  return [right(about, "looks random")];
}

const PUBLISHED = ["Fo16o0bIenkHEed/QCTxbxXaNHnJD1oM2EKnNZXI+Mo="];
