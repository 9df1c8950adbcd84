#!/usr/bin/env node
// Puts Calendar Connect into the supabase/ folder of an app, updates it there, and takes it out again.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { install } from "./install/install.js";
import { uninstall } from "./install/uninstall.js";
import { Refusal } from "./install/refusal.js";

const HELP = `Usage: calendar-connect [command] [--project FOLDER]

  install     put the Edge Function and the migrations into supabase/, or update them (the default)
  uninstall   take the function out and add a migration that takes the tables out

  --project FOLDER   the folder that holds supabase/; the current one unless given
  --version          print the version
  --help             print this

Nothing of yours is changed: existing functions, migrations and settings stay as they are.`;

const source = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));

function main(words) {
  const { command, project } = read(words);
  if (command === "--help") return HELP;
  if (command === "--version") return version;
  const folder = join(resolve(project), "supabase");
  if (!existsSync(join(folder, "config.toml"))) {
    throw new Refusal(`There is no ${join(folder, "config.toml")}. Run first: npx supabase init`);
  }
  const work = { install, uninstall }[command];
  return work({ source, folder, version, now: new Date() }).join("\n");
}

function read(words) {
  const rest = [...words];
  let project = ".";
  const at = rest.indexOf("--project");
  if (at >= 0) {
    [, project = ""] = rest.splice(at, 2);
    if (project === "") throw new Refusal("--project needs a folder.");
  }
  const [command = "install", ...more] = rest;
  const known = ["install", "uninstall", "--help", "--version"];
  if (!known.includes(command) || more.length > 0) {
    throw new Refusal(`I do not know "${rest.join(" ")}".\n\n${HELP}`);
  }
  return { command, project };
}

try {
  console.log(main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
