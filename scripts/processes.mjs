// What a suite started: all processes of its group, and those that left the group but carry its mark in
// their environment, as browsers do that open a session of their own.
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";

const GRACE = 5_000;
const MARK = "CALENDAR_TEST_RUN";

export function mark() {
  const value = `${process.pid}-${Date.now()}-${Math.random()}`;
  return { env: { [MARK]: value }, text: `${MARK}=${value}` };
}

/** The commands still alive; those just ending get a moment to do so. */
export async function survivors(started) {
  for (let waited = 0; waited < GRACE && alive(started).length > 0; waited += 100) await wait(100);
  return alive(started).map(({ command }) => command);
}

/** Asks them all to end, and makes them end. */
export async function end(started) {
  signal(started, "SIGTERM");
  await survivors(started);
  signal(started, "SIGKILL");
}

function signal(started, name) {
  for (const { pid } of alive(started)) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
}

function alive({ group, text }) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [state, , owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ours = Number(owner) === group || read(`/proc/${pid}/environ`).includes(text);
    if (!ours || state === "Z") return [];
    return [{
      pid: Number(pid),
      command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
    }];
  });
}

/** Empty for a process that ended meanwhile or is another user's. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
