/** Who speaks to the database, and how PostgREST would let them: a role and the JWT's claims. */

export type ActorName = "owner" | "stranger" | "anon";

export const owner = "00000000-0000-4000-8000-00000000000a";
export const stranger = "00000000-0000-4000-8000-00000000000b";

const subjects: Record<ActorName, string | undefined> = { owner, stranger, anon: undefined };

/** Statements that begin a transaction as this actor. */
export function beginAs(actor: ActorName): string {
  const subject = subjects[actor];
  return subject === undefined ? begin("anon", {}) : beginAsUser(subject);
}

export function beginAsUser(userId: string): string {
  return begin("authenticated", { sub: userId, role: "authenticated" });
}

/** One transaction of a user in one round trip. */
export function asUser(userId: string, statement: string): string {
  return `${beginAsUser(userId)}; ${statement}; commit`;
}

function begin(role: string, claims: Record<string, string>): string {
  return `begin; set local role ${role}; set local request.jwt.claims = '${
    JSON.stringify(claims)
  }'`;
}

/** SQL literals for what these tests write. */
export function literal(value: string | null): string {
  return value === null ? "null" : `'${value.replaceAll("'", "''")}'`;
}
