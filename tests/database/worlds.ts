/**
 * The databases that the migrations must fit: with and without a `public.users` of the app's own,
 * and with and without Supabase's old default privileges, by which every new table belonged to
 * every client role.
 */
const here = new URL(".", import.meta.url);
const migrationsFolder = new URL("../../supabase/migrations/", here);

export interface World {
  users: "made" | "app";
  grants: "all" | "none";
}

export const worlds: readonly World[] = [
  { users: "made", grants: "all" },
  { users: "made", grants: "none" },
  { users: "app", grants: "all" },
  { users: "app", grants: "none" },
];

export function describe(world: World): string {
  const users = world.users === "made" ? "no users table before" : "an app's own users table";
  return `${users}, default grants: ${world.grants}`;
}

/** Anything that runs SQL: a connection of `postgres`, or PGlite. */
export interface Runner {
  /** Any number of statements, without parameters. */
  script(text: string): Promise<void>;
}

export interface Migration {
  name: string;
  text: string;
}

/** A change of one migration's text: how the mutation run takes a defence out. */
export interface Mutation {
  file: string;
  find: string;
  replace: string;
}

const mutationVariable = "CALENDAR_TEST_MUTATION";

/**
 * From now on, and in processes given the environment that this returns, migrations are changed; or,
 * for null, they are what the files say.
 */
export function mutate(mutation: Mutation | null): Record<string, string> {
  const environment = { [mutationVariable]: JSON.stringify(mutation) };
  for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);
  return environment;
}

export function migrations(): Migration[] {
  const mutation: Mutation | null = JSON.parse(Deno.env.get(mutationVariable) ?? "null");
  const names = [...Deno.readDirSync(migrationsFolder)].map((entry) => entry.name).sort();
  return names.filter((name) => name.endsWith(".sql")).map((name) => {
    return { name, text: readMutated(name, new URL(name, migrationsFolder), mutation) };
  });
}

/** The script that takes everything out again, as the migrations are read. */
export function uninstallScript(): string {
  const file = new URL("../uninstall.sql", migrationsFolder);
  return readMutated("uninstall.sql", file, JSON.parse(Deno.env.get(mutationVariable) ?? "null"));
}

function readMutated(name: string, file: URL, mutation: Mutation | null): string {
  const text = Deno.readTextFileSync(file);
  if (mutation === null || !name.includes(mutation.file)) return text;
  if (!text.includes(mutation.find)) throw new Error(`${name} has no text: ${mutation.find}`);
  return text.replace(mutation.find, () => mutation.replace);
}

/** What is there before the first migration. */
export async function prepare(runner: Runner, world: World): Promise<void> {
  await runner.script(shim("roles.sql"));
  if (world.grants === "all") await runner.script(shim("grant_all.sql"));
  if (world.users === "app") await runner.script(shim("app_users.sql"));
}

/** Runs the migrations as Supabase does: each in its own transaction, as a role that is no superuser. */
export async function migrate(runner: Runner): Promise<void> {
  await runner.script("set role project_owner");
  for (const { name, text } of migrations()) {
    try {
      await runner.script(`begin;\n${text}\n;commit;`);
    } catch (error) {
      throw new Error(`The migration ${name} failed: ${reason(error)}`, { cause: error });
    }
  }
  await runner.script("reset role");
}

export function shim(name: string): string {
  return Deno.readTextFileSync(new URL(name, here));
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
