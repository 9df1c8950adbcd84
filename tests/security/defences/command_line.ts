/** Conditions of the installer and the doctor, cli/, that their tests must see. */
import type { Mutation } from "./mutation.ts";

interface Fault {
  name: string;
  file: string;
  find: string;
  replace: string;
  test: string;
  filter?: string;
}

const faults: Fault[] = [
  {
    name: "35: no link is followed on the way to a file",
    file: "install/folder.ts",
    find: 'if (stats !== null && !stats.isDirectory()) throw notOurs(parent, stats, "a folder");',
    replace: "",
    test: "boundaries",
    filter: "is not followed",
  },
  {
    name: "35: no link is read or written through",
    file: "install/folder.ts",
    find: 'if (stats !== null && !stats.isFile()) throw notOurs(path, stats, "a file");',
    replace: "if (stats?.isSymbolicLink()) return null;",
    test: "boundaries",
    filter: "is not followed",
  },
  {
    name: "35: a supabase/ that is a link is refused",
    file: "install/folder.ts",
    find: "if (root?.isSymbolicLink()) {",
    replace: "if (root === undefined) {",
    test: "boundaries",
    filter: "a supabase/ that is a link",
  },
  {
    name: "35: other names of a replaced file keep its content",
    file: "install/folder.ts",
    find: "renameSync(unfinished, file);",
    replace: "writeFileSync(file, content);",
    test: "boundaries",
    filter: "another name of a file",
  },
  {
    name: "35: a manifest names files of our functions only",
    file: "install/manifest.ts",
    find: "if (!FILE.test(path)) throw new Error(`it lists ${JSON.stringify(path)}`);",
    replace: "",
    test: "boundaries",
    filter: "a manifest with a path",
  },
  {
    name: "35: a function that is not ours stays",
    file: "install/install.ts",
    find: "if (foreign.length > 0) throw new Refusal(foreignFiles(foreign, manifest));",
    replace: "",
    test: "install",
    filter: "not ours stays",
  },
  {
    name: "35: uninstalling keeps what somebody changed",
    file: "install/uninstall.ts",
    find: "if (!changed.includes(path)) folder.remove(path);",
    replace: "folder.remove(path);",
    test: "install",
    filter: "keeps a file",
  },
  {
    name: "36: a client with something wrong about it is not asked about",
    file: "doctor/clients.ts",
    find: "if (why.length > 0) return open(",
    replace: "if (why.length < 0) return open(",
    test: "credentials",
    filter: "malformed",
  },
  {
    name: "36: a malformed address is not replaced by another one",
    file: "doctor/doctor.ts",
    find: 'spoilt.has("CALENDAR_REDIRECT_URL") ? undefined : redirectUris(rest, facts)',
    replace: "redirectUris(rest, facts)",
    test: "credentials",
    filter: "without a redirect URI",
  },
  {
    name: "36: a redirect of a token endpoint is not followed",
    file: "doctor/clients.ts",
    find: 'redirect: "error",',
    replace: 'redirect: "follow",',
    test: "credentials",
    filter: "redirects passes",
  },
  {
    name: "36: a remote database is reached by TLS",
    file: "doctor/database.ts",
    find: '? "verify-full" : "require";',
    replace: '? "verify-full" : false;',
    test: "credentials",
    filter: "a remote database without TLS",
  },
  {
    name: "36: a remote database that offers no TLS is sent nothing",
    file: "doctor/database.ts",
    find: "    ...target,\n",
    replace: '    ...target,\n    ssl: "prefer",\n',
    test: "credentials",
    filter: "a remote database without TLS",
  },
  {
    name: "installer: a changed file stops an update",
    file: "install/install.ts",
    find: "if (different.length > 0 && !force) throw new Refusal(changedFiles(different));",
    replace: "",
    test: "install",
    filter: "stops the update",
  },
  {
    name: "installer: an older version needs --force",
    file: "install/install.ts",
    find: "isOlder(version, manifest.version) && !force",
    replace: "false",
    test: "install",
    filter: "an older version",
  },
  {
    name: "installer: settings are taken out only where that changes nothing else",
    file: "install/config.ts",
    find: "if (!holds(without, text, rest)) return false;",
    replace: "",
    test: "config",
  },
  {
    name: "doctor: each client is asked about with its own redirect URI",
    file: "doctor/clients.ts",
    find: "const redirectUri = uris?.[name];",
    replace: "const redirectUri = Object.values(uris ?? {}).at(-1);",
    test: "examination",
    filter: "a deployment in order",
  },
  {
    name: "doctor: only an error code of an answer is printed",
    file: "doctor/clients.ts",
    find: 'typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : ""',
    replace: "String(error)",
    test: "examination",
    filter: "a provider that answers",
  },
  {
    name: "doctor: a bad DATABASE_URL is a finding",
    file: "doctor/database.ts",
    find: "if (error instanceof TypeError || error instanceof URIError) return undefined;",
    replace: "",
    test: "credentials",
    filter: "a DATABASE_URL such as",
  },
];

const all: readonly Mutation[] = faults.map(({ name, file, find, replace, test, filter }) => ({
  name,
  edits: [{ file: `cli/${file}`, find, replace }],
  test: `tests/ship/${test}.test.ts`,
  ...(filter === undefined ? {} : { filter }),
}));

/** Those of lines 35 and 36. */
export const ofCommandLine = all.filter(({ name }) => /^\d/.test(name));

export const edgesOfCommandLine = all.filter(({ name }) => !/^\d/.test(name));
