/** Everything of ours in a database that decides who may do what, as lines that can be compared. */
export interface Querying {
  query(text: string): Promise<Record<string, unknown>[]>;
}

const TABLES = `('calendar_connections', 'calendar_oauth_states', 'calendar_connection_details')`;
const ROLES = `('anon', 'authenticated', 'service_role')`;

/** Names as they are, whatever the search path of the connection: each query answers one column, `line`. */
const QUERIES: Record<string, string> = {
  columns: `
    select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped
      and (c.relname in ${TABLES} or (c.relname = 'users' and a.attname = 'calendar_connected'))`,
  constraints: `
    select c.relname || ': ' || o.conname || ' ' || pg_get_constraintdef(o.oid) as line
    from pg_constraint o
    join pg_class c on c.oid = o.conrelid and c.relnamespace = 'public'::regnamespace
    where c.relname in ${TABLES} and o.contype <> 'n'`,
  security: `
    select c.relname || ': row-level security ' || c.relrowsecurity
      || coalesce(' ' || array_to_string(c.reloptions, ' '), '') as line
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname in ${TABLES}`,
  policies: `
    select tablename || ': ' || policyname || ' ' || permissive || ' ' || cmd || ' to '
      || array_to_string(roles, ',') || coalesce(' using ' || qual, '')
      || coalesce(' check ' || with_check, '') as line
    from pg_policies where schemaname = 'public' and tablename in ${TABLES}`,
  grants: `
    select c.relname || ': ' || r.role || ' ' || a.privilege_type as line
    from pg_class c, aclexplode(c.relacl) a,
      lateral (select coalesce((select rolname from pg_roles where oid = a.grantee), 'public')::text as role) r
    where c.relnamespace = 'public'::regnamespace and c.relname in ${TABLES}
      and (r.role = 'public' or r.role in ${ROLES}) and a.privilege_type <> 'MAINTAIN'`,
  "column grants": `
    select c.relname || '.' || t.attname || ': ' || r.role || ' ' || a.privilege_type as line
    from pg_attribute t join pg_class c on c.oid = t.attrelid, aclexplode(t.attacl) a,
      lateral (select coalesce((select rolname from pg_roles where oid = a.grantee), 'public')::text as role) r
    where c.relnamespace = 'public'::regnamespace and c.relname in ${TABLES}`,
  functions: `
    select p.oid::regprocedure::text || ' ' || md5(pg_get_functiondef(p.oid)) || ' '
      || case when p.prosecdef then 'definer' else 'invoker' end as line
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'calendar_private' or (n.nspname = 'public' and p.proname like 'calendar\\_%')`,
  "function grants": `
    select p.oid::regprocedure::text || ': ' || r.role as line
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
      aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a,
      lateral (select coalesce((select rolname from pg_roles where oid = a.grantee), 'public')::text as role) r
    where (n.nspname = 'calendar_private' or (n.nspname = 'public' and p.proname like 'calendar\\_%'))
      and (r.role = 'public' or r.role in ${ROLES})`,
  "schema grants": `
    select n.nspname || ': ' || r.role || ' ' || a.privilege_type as line
    from pg_namespace n, aclexplode(n.nspacl) a,
      lateral (select coalesce((select rolname from pg_roles where oid = a.grantee), 'public')::text as role) r
    where n.nspname = 'calendar_private' and (r.role = 'public' or r.role in ${ROLES})`,
  triggers: `
    select t.tgrelid::regclass::text || ': ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text as line
    from pg_trigger t
    where not t.tgisinternal and t.tgname ilike 'calendar%' and t.tgname <> 'calendar_create_user'`,
};

export type Snapshot = Map<string, Set<string>>;

export async function takeSnapshot(database: Querying): Promise<Snapshot> {
  const snapshot: Snapshot = new Map();
  for (const [kind, query] of Object.entries(QUERIES)) {
    const rows = await database.query(query);
    snapshot.set(kind, new Set(rows.map(({ line }) => String(line))));
  }
  return snapshot;
}

export interface Difference {
  kind: string;
  missing: string[];
  extra: string[];
}

export function differences(wanted: Snapshot, found: Snapshot): Difference[] {
  return [...wanted].map(([kind, lines]) => {
    const there = found.get(kind) ?? new Set();
    return {
      kind,
      missing: [...lines].filter((line) => !there.has(line)),
      extra: [...there].filter((line) => !lines.has(line)),
    };
  }).filter(({ missing, extra }) => missing.length + extra.length > 0);
}
