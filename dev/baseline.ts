/**
 * What a Supabase project holds before its first migration and Supabase Lite does not make: the
 * three request roles and their privileges.
 *
 * Projects made before 30 October 2026, and self-hosted ones, grant everything on every new object
 * of `public` to the request roles ("grant all"); newer ones grant nothing. Migrations have to be
 * right on both, so both can be started.
 */
export type DefaultGrants = "all" | "none";

const roles = "anon, authenticated, service_role";

export function baseline(grants: DefaultGrants): string {
  return [roleStatements, schemaStatements, grants === "all" ? grantAll : grantNothing].join("\n");
}

const roleStatements = `
do $$
begin
  if to_regrole('anon') is null then create role anon nologin noinherit; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
end
$$;`;

const schemaStatements = `
grant usage on schema public, auth to ${roles};
grant execute on all functions in schema auth to ${roles};`;

const objects = ["tables", "sequences", "functions"];

const grantAll = objects
  .map((each) => `alter default privileges in schema public grant all on ${each} to ${roles};`)
  .join("\n");

const grantNothing = objects
  .map((each) => `alter default privileges in schema public revoke all on ${each} from ${roles};`)
  .join("\n");
