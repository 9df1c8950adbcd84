/** Everything of ours in a database that decides who may do what, as lines that can be compared. */
export interface Querying {
  query(text: string): Promise<Record<string, unknown>[]>;
}

const ROLES = `('anon', 'authenticated', 'service_role')`;

/** Whoever a privilege is granted to: a role, or everybody. */
const GRANTEE =
  `lateral (select coalesce((select rolname from pg_roles where oid = a.grantee), 'public')::text as role) r`;

/**
 * Each query answers one column, `line`. The search path is empty when they run, so that every name comes
 * with its schema.
 */
function queries(names: Names): Record<string, string> {
  const schema = `to_regnamespace('calendar_private')`;
  const relation = `(c.relkind in ('r', 'p', 'v', 'm') and (c.relnamespace = ${schema}
    or c.relnamespace = 'public'::regnamespace and c.relname in ${listed(names.relations)}))`;
  const routine = `(p.pronamespace = ${schema}
    or p.pronamespace = 'public'::regnamespace and p.proname in ${listed(names.functions)})`;
  return {
    columns: `
      select c.oid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attnum > 0 and not a.attisdropped and (${relation}
        or (c.oid = to_regclass('public.users') and a.attname = 'calendar_connected'))`,
    constraints: `
      select c.oid::regclass || ': ' || o.conname || ' ' || pg_get_constraintdef(o.oid) as line
      from pg_constraint o join pg_class c on c.oid = o.conrelid
      where ${relation} and o.contype <> 'n'`,
    views: `
      select c.oid::regclass || ' reads ' || t.oid::regclass || '.' || a.attname as line
      from pg_class c
      join pg_rewrite r on r.ev_class = c.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
      join pg_class t on t.oid = d.refobjid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where ${relation} and t.oid <> c.oid`,
    security: `
      select c.oid::regclass || ': row-level security ' || c.relrowsecurity
        || coalesce(' ' || array_to_string(c.reloptions, ' '), '') as line
      from pg_class c where ${relation}`,
    policies: `
      select c.oid::regclass || ': ' || p.policyname || ' ' || p.permissive || ' ' || p.cmd || ' to '
        || array_to_string(p.roles, ',') || coalesce(' using ' || p.qual, '')
        || coalesce(' check ' || p.with_check, '') as line
      from pg_policies p
      join pg_class c on c.relname = p.tablename and c.relnamespace = p.schemaname::regnamespace
      where ${relation}`,
    grants: `
      select c.oid::regclass || ': ' || r.role || ' ' || a.privilege_type as line
      from pg_class c, aclexplode(c.relacl) a, ${GRANTEE}
      where ${relation} and (r.role = 'public' or r.role in ${ROLES})
        and a.privilege_type <> 'MAINTAIN'`,
    "column grants": `
      select c.oid::regclass || '.' || t.attname || ': ' || r.role || ' ' || a.privilege_type as line
      from pg_attribute t join pg_class c on c.oid = t.attrelid, aclexplode(t.attacl) a, ${GRANTEE}
      where ${relation}`,
    functions: `
      select p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid)) || ' '
        || case when p.prosecdef then 'definer' else 'invoker' end as line
      from pg_proc p where ${routine}`,
    "function grants": `
      select p.oid::regprocedure || ': ' || r.role as line
      from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a, ${GRANTEE}
      where ${routine} and (r.role = 'public' or r.role in ${ROLES})`,
    "schema grants": `
      select n.nspname || ': ' || r.role || ' ' || a.privilege_type as line
      from pg_namespace n, aclexplode(n.nspacl) a, ${GRANTEE}
      where n.nspname = 'calendar_private' and (r.role = 'public' or r.role in ${ROLES})`,
    triggers: `
      select t.tgrelid::regclass || ': ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text as line
      from pg_trigger t
      where not t.tgisinternal and t.tgname ilike 'calendar%' and t.tgname <> 'calendar_create_user'`,
  };
}

/** For each kind of thing, a line for every one that is there. */
export type Snapshot = Record<string, string[]>;

/** The names of everything of ours in `public`, where an app has things of its own. */
export interface Names {
  /** Tables and views. */
  relations: string[];
  functions: string[];
}

export interface Expected extends Names {
  snapshot: Snapshot;
}

/** Everything in a database in which the migrations are alone. */
export async function expectedOf(database: Querying): Promise<Expected> {
  const named = async (text: string) =>
    (await database.query(text)).map(({ name }) => String(name));
  const names = {
    relations: await named(`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
        and relname like 'calendar\\_%' order by 1`),
    functions: await named(`
      select distinct proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and proname like 'calendar\\_%' order by 1`),
  };
  return { ...names, snapshot: await takeSnapshot(database, names) };
}

export async function takeSnapshot(database: Querying, names: Names): Promise<Snapshot> {
  const snapshot: Snapshot = {};
  for (const [kind, query] of Object.entries(queries(names))) {
    const rows = await database.query(query);
    snapshot[kind] = [...new Set(rows.map(({ line }) => String(line)))].sort();
  }
  return snapshot;
}

/** As a list of SQL; the names are our own. */
function listed(names: string[]): string {
  return `(${names.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ")})`;
}

export interface Difference {
  kind: string;
  missing: string[];
  extra: string[];
}

/** One for each kind of thing, also where nothing differs. */
export function differences(expected: Snapshot, found: Snapshot): Difference[] {
  return Object.entries(expected).map(([kind, lines]) => {
    const there = found[kind] ?? [];
    return {
      kind,
      missing: lines.filter((line) => !there.includes(line)),
      extra: there.filter((line) => !lines.includes(line)),
    };
  });
}
