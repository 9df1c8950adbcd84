// Process groups: who is still in one, and ending it.
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";

const GRACE = 5_000;

/** The commands still alive in a group; those just ending get a moment to do so. */
export async function groupMembers(group) {
  for (let waited = 0; waited < GRACE && members(group).length > 0; waited += 100) await wait(100);
  return members(group);
}

/** Asks the whole group to end, and makes it end. */
export async function killGroup(group) {
  signal(group, "SIGTERM");
  await groupMembers(group);
  signal(group, "SIGKILL");
}

function signal(group, name) {
  try {
    process.kill(-group, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function members(group) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, , owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(owner) !== group || state === "Z") return [];
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()];
    } catch {
      return []; // it ended while we looked
    }
  });
}
