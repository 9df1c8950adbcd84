// @ts-check
/** Replies, as values. */

/** @typedef {import("./types.d.ts").Reply} Reply */

/**
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 * @returns {Reply}
 */
export function json(status, body, headers = {}) {
  return {
    status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
    body: `${JSON.stringify(body, null, 2)}\n`,
  };
}

/**
 * @param {number} status
 * @param {string} body
 * @returns {Reply}
 */
export function html(status, body) {
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

/**
 * @param {string} location
 * @param {Record<string, string>} [headers]
 * @returns {Reply}
 */
export function redirect(location, headers = {}) {
  return { status: 302, headers: { location, "cache-control": "no-store", ...headers }, body: "" };
}

/** @param {unknown} text */
export function escapeHtml(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/**
 * A redirect URI with the answer's parameters added.
 * @param {string} uri
 * @param {Record<string, string | undefined>} parameters
 * @param {"query" | "fragment"} [place]
 */
export function withParameters(uri, parameters, place = "query") {
  const url = new URL(uri);
  const sent = Object.entries(parameters)
    .flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
  if (place === "fragment") url.hash = new URLSearchParams(sent).toString();
  else for (const [name = "", value = ""] of sent) url.searchParams.append(name, value);
  return url.href;
}
