/** Who speaks to the database, and how PostgREST would let them: a role and the JWT's claims. */

/**
 * `guest` and `app` come with the owner's id in tokens of other kinds that Supabase Auth signs for the
 * role authenticated: an anonymous user's, and one that an OAuth client got from the owner.
 */
export type ActorName = "owner" | "stranger" | "guest" | "app" | "anon";

export const owner = "00000000-0000-4000-8000-00000000000a";
export const stranger = "00000000-0000-4000-8000-00000000000b";

type Claims = Record<string, string | boolean>;

/** The claims of an actor's token, where the owner and the stranger have these ids. */
export function claimsOf(actor: ActorName, ids = { owner, stranger }): Claims {
  const user = (sub: string, more: Claims = {}) => ({ sub, role: "authenticated", ...more });
  const claims: Record<ActorName, () => Claims> = {
    owner: () => user(ids.owner),
    stranger: () => user(ids.stranger),
    guest: () => user(ids.owner, { is_anonymous: true }),
    app: () => user(ids.owner, { client_id: "00000000-0000-4000-8000-0000000000c1" }),
    anon: () => ({ role: "anon" }),
  };
  return claims[actor]();
}

/** Statements that begin a transaction as this actor. */
export function beginAs(actor: ActorName): string {
  return `begin; ${becomeActor(actor)}`;
}

/** The same within a transaction. */
export function becomeActor(actor: ActorName): string {
  return become(claimsOf(actor));
}

export function beginAsUser(userId: string): string {
  return `begin; ${become({ sub: userId, role: "authenticated" })}`;
}

/** One transaction of a user in one round trip. */
export function asUser(userId: string, statement: string): string {
  return `${beginAsUser(userId)}; ${statement}; commit`;
}

function become(claims: Claims): string {
  return `set local role ${claims.role}; set local request.jwt.claims = '${
    JSON.stringify(claims)
  }'`;
}

/** SQL literals for what these tests write. */
export function literal(value: string | null): string {
  return value === null ? "null" : `'${value.replaceAll("'", "''")}'`;
}
