/**
 * Every command: what it is called, what it takes, what it does. A command's code is loaded when it is
 * called, so that the heavier ones cost the others nothing.
 */
import { existsSync } from "node:fs";
import process from "node:process";
import type { SupabaseFolder } from "./install/folder.ts";

export interface Call {
  /** The folder of the package. */
  home: string;
  /** The package's version. */
  version: string;
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

export interface Option {
  name: string;
  /** What stands for its value in the help; absent where it takes none. */
  value?: string;
  about: string;
}

export interface Command {
  name: string;
  about: string;
  details?: string;
  /** The one word it may take besides its options. */
  argument?: { name: string; about: string };
  options: Option[];
  /** Prints what it did. Returns the exit code where that is not 0. */
  run(call: Call): Promise<number | void>;
}

const PROJECT: Option = {
  name: "project",
  value: "FOLDER",
  about: "the folder that holds supabase/, if it is not the current one",
};
const FORCE: Option = {
  name: "force",
  about: "replace files that have changed since they were installed; accept an older version",
};
const KEEPS = "Existing functions, migrations and settings of your own stay as they are.";

const SECRETS = "supabase/.env.local";

export const COMMANDS: Command[] = [
  {
    name: "install",
    about: "put the Edge Function and its migrations into supabase/, or update them",
    details: KEEPS,
    options: [PROJECT, FORCE],
    run: (call) => installInto(call),
  },
  {
    name: "update",
    about: "bring an installation up to the version of this package",
    details: KEEPS,
    options: [PROJECT, FORCE],
    run: (call) => installInto(call, "update"),
  },
  {
    name: "uninstall",
    about: "take the function out and add a migration that drops the tables",
    details: "Files that have changed since they were installed stay.",
    options: [PROJECT],
    run: async ({ home, values }) => {
      const { uninstall } = await import("./install/uninstall.ts");
      console.log(uninstall({ home, folder: await folderOf(values), now: new Date() }).join("\n"));
    },
  },
  {
    name: "emulator",
    about: "run Google and Microsoft on this machine, for tests",
    details:
      "It prints the variables that point the function at it. Its admin API is at /_/ on the same port.",
    options: [
      { name: "port", value: "NUMBER", about: "the port to listen on; 4010 unless given" },
      { name: "config", value: "FILE", about: "people, calendars, events and clients, as JSON" },
      { name: "scenario", value: "NAME|FILE", about: "begin with a scenario" },
      { name: "list", about: "list the scenarios that ship" },
      {
        name: "redirect-url",
        value: "URL[,URL]",
        about: "where your app's callbacks are, without /google and /outlook",
      },
      { name: "seed", value: "TEXT", about: "repeat a run: the same seed gives the same tokens" },
      { name: "docker", about: "let containers reach it, as host.docker.internal" },
    ],
    run: async ({ values }) =>
      await (await import("./emulator/command.js")).emulatorCommand(values),
  },
  {
    name: "doctor",
    about: "check a deployment's configuration, and say what to do about it",
    details: "Reads FILE and the process's own variables. Two of them are read here only:\n" +
      "SUPABASE_URL=https://<ref>.supabase.co, to look at the deployed function, and\n" +
      "DATABASE_URL=postgres://…, to compare the database with the migrations.\n" +
      "Secrets are not printed, and each goes only to the address it is configured for.\n" +
      "The exit code is 1 if something is wrong.",
    argument: { name: "FILE", about: `the file of secrets (default: ${SECRETS}, if it exists)` },
    options: [{ name: "json", about: "print the findings as JSON" }],
    run: (call) => examineFile(call),
  },
  {
    name: "key",
    about: "print a new encryption key for CALENDAR_ENCRYPTION_KEY",
    options: [],
    run: async () => {
      const { randomBytes } = await import("node:crypto");
      console.log(randomBytes(32).toString("base64"));
    },
  },
];

async function installInto(call: Call, only?: "update"): Promise<void> {
  const { home, version, values } = call;
  const { install } = await import("./install/install.ts");
  const folder = await folderOf(values);
  const force = values.force === true;
  console.log(
    install({ home, version, folder, now: new Date(), force, mayBeNew: only === undefined }).join(
      "\n",
    ),
  );
}

async function folderOf(values: Call["values"]): Promise<SupabaseFolder> {
  const { SupabaseFolder } = await import("./install/folder.ts");
  return new SupabaseFolder(String(values.project ?? "."));
}

async function examineFile({ home, version, values, positionals }: Call): Promise<number> {
  const { readEnvironment } = await import("./doctor/read.ts");
  const { examine } = await import("./doctor/doctor.ts");
  const { readFacts } = await import("./doctor/facts.ts");
  const { asText, exitCode } = await import("./doctor/report.ts");
  const file = positionals[0] ?? (existsSync(SECRETS) ? SECRETS : undefined);
  const written = readEnvironment(file, process.env);
  const findings = await examine({ ...written, facts: await readFacts(home, version) });
  console.log(values.json ? JSON.stringify(findings, null, 2) : asText(findings));
  return exitCode(findings);
}
