// @ts-check
/** Who is signed in at a provider, in a cookie of the browser, and whom a request is about. */

/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").ProviderName} ProviderName */
/** @typedef {import("./types.d.ts").Request} Request */

/**
 * The cookie by which a browser stays signed in.
 * @param {ProviderName} provider
 * @param {string} email
 */
export function sessionCookie(provider, email) {
  const value = encodeURIComponent(email);
  return { "set-cookie": `emulator_${provider}=${value}; Path=/; HttpOnly; SameSite=Lax` };
}

/**
 * The account that the request hints at, or else the one signed in.
 * @param {ProviderName} provider
 * @param {Request} request
 * @param {Person[]} people who may sign in here
 */
export function accountOf(provider, request, people) {
  const hint = request.url.searchParams.get("login_hint");
  const cookies = (request.headers.cookie ?? "").split(/; */);
  const value = cookies.find((each) => each.startsWith(`emulator_${provider}=`))?.split("=")[1];
  const session = value === undefined ? undefined : decodeURIComponent(value);
  return {
    hinted: hint === null ? undefined : people.find((person) => isNamed(person, hint)),
    signedIn: session === undefined ? undefined : people.find((each) => each.email === session),
  };
}

/**
 * A hint is an address or the provider's own id of the account.
 * @param {Person} person
 * @param {string} hint
 */
function isNamed(person, hint) {
  return person.email.toLowerCase() === hint.toLowerCase() || person.id === hint;
}

/** @param {string | null} text */
export function words(text) {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
