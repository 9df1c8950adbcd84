// @ts-check
/**
 * Which accounts may sign in: the tenant in the path and the application both decide.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints
 */
import { PERSONAL_TENANT } from "../world.js";

/** @typedef {import("../types.d.ts").Client} Client */
/** @typedef {import("../types.d.ts").Person} Person */
/** @typedef {import("../world.js").World} World */

/**
 * The path's tenant as it is compared: `common`, `organizations`, `consumers` or an id.
 * @param {World} world
 * @param {string} segment
 * @returns {string | undefined}
 */
export function pathTenant(world, segment) {
  const name = segment.toLowerCase();
  if (["common", "organizations", "consumers"].includes(name)) return name;
  return name === PERSONAL_TENANT ? "consumers" : world.tenant(name)?.id;
}

/**
 * The number of Entra's error where the application is not for this path.
 * @param {Client} client
 * @param {string} tenant
 */
export function audienceProblem({ audience }, tenant) {
  if (audience === "personal") return tenant === "consumers" ? undefined : 9002331;
  if (audience === "organizations") return tenant === "consumers" ? 9002332 : undefined;
  if (audience === "all") return undefined;
  if (tenant === "consumers") return 9002332;
  return tenant === "common" || tenant === "organizations" ? 50194 : undefined;
}

/**
 * Who can sign in.
 * @param {World} world
 * @param {Client} client
 * @param {string} tenant
 * @returns {Person[]}
 */
export function admitted(world, client, tenant) {
  const only = world.tenant(client.audience)?.id;
  return world.peopleOf("microsoft").filter((person) => {
    const personal = person.tenant === PERSONAL_TENANT;
    if (person.state === "deleted" || person.state === "disabled") return false;
    if (only !== undefined && person.tenant !== only) return false;
    if (client.audience === "personal" && !personal) return false;
    if (client.audience === "organizations" && personal) return false;
    if (tenant === "consumers") return personal;
    if (tenant === "organizations") return !personal;
    return tenant === "common" || person.tenant === tenant;
  });
}
