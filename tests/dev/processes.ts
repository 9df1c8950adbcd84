/** What runs and what listens, read from Linux's /proc. */

export function isAlive(pid: number): boolean {
  // One that has ended and that nobody has waited for is not running any more.
  return ![undefined, "Z"].includes(stat(pid)?.state);
}

/** Everything a process has started that still runs, and what that has started. */
export function descendants(pid: number): number[] {
  const all = numbers("/proc").map((each) => ({ pid: each, parent: stat(each)?.parent }));
  const below = (parent: number): number[] =>
    all.filter((each) => each.parent === parent).flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(pid);
}

export function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** The addresses on which a process listens (this one, unless another is named), such as 127.0.0.1:8000. */
export async function listeningAddresses(pid: number | "self" = "self"): Promise<string[]> {
  const sockets = descriptors(pid).map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
    } catch {
      return undefined;
    }
  });
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => Deno.readTextFile(`/proc/self/net/${table}`)),
  );
  const listening = "0A";
  return tables.join("\n").split("\n").map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === listening && sockets.includes(columns[9]))
    .map((columns) => readable(columns[1] ?? ""));
}

/** The kernel's hexadecimal form, the four bytes of an IPv4 address in the machine's order. */
function readable(address: string): string {
  const [host = "", port = ""] = address.split(":");
  if (host.length !== 8) return `[${host}]:${parseInt(port, 16)}`;
  const bytes = host.match(/../g)?.map((each) => parseInt(each, 16)).reverse() ?? [];
  return `${bytes.join(".")}:${parseInt(port, 16)}`;
}

function stat(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything.
    const [state = "", parent = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Empty for a process that has just ended. */
function descriptors(pid: number | "self"): number[] {
  try {
    return numbers(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function numbers(folder: string): number[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => Number(name)).filter(Number.isInteger);
}
