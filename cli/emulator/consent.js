// @ts-check
/**
 * The page on which a person chooses an account and allows or denies access. It is a plain form with
 * stable names, so that a test can fill it in: `account` (radio), `scope` (one box for each), and the
 * buttons `decision` = `allow`, `deny`.
 */
import { escapeHtml, html } from "./reply.js";

/** @typedef {import("./types.d.ts").Client} Client */
/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").Reply} Reply */
/** @typedef {{ scope: string, words: string, box: boolean }} Wish what an app asks for; `box`: it can be unticked */

/** What people are told of a scope; others are shown as they are. */
const WORDS = [
  [/\/auth\/calendar\.readonly$/, "See and download any calendar you can access"],
  [/\/auth\/calendar\.freebusy$/, "See when you are free and busy"],
  [/\/auth\/calendar\.events\.readonly$/, "See the events of your calendars"],
  [/\/auth\/calendar$/, "See, change and delete your calendars"],
  [/\/auth\/userinfo\.email$/, "See your email address"],
  [/\/auth\/userinfo\.profile$/, "See your name and picture"],
  [/Calendars\.Read$/i, "Read your calendars"],
  [/Calendars\.ReadBasic$/i, "Read when your calendars are busy"],
  [/Calendars\.ReadWrite$/i, "Read and change your calendars"],
  [/User\.Read$/i, "Sign you in and read your profile"],
  [/^openid$/i, "Sign you in"],
  [/^profile$/i, "See your name"],
  [/^email$/i, "See your email address"],
  [/^offline_access$/i, "Keep access to what you have allowed"],
];

/** @param {string} scope */
export function inWords(scope) {
  const found = WORDS.find(([pattern]) => /** @type {RegExp} */ (pattern).test(scope));
  return found ? String(found[1]) : scope;
}

/**
 * @param {object} page
 * @param {"Google" | "Microsoft"} page.title
 * @param {string} page.action where the form goes
 * @param {Client} page.client
 * @param {Person[]} page.people
 * @param {Person | undefined} page.chosen
 * @param {Wish[]} page.wishes
 * @param {string} [page.notice] why nothing can be allowed here
 * @returns {Reply}
 */
export function consentPage({ title, action, client, people, chosen, wishes, notice }) {
  const accounts = people.map((person) => accountRow(person, person === (chosen ?? people[0])));
  const asked = wishes.map(wishRow);
  const allow = '<button class="primary" name="decision" value="allow">Allow</button>';
  return page(
    title,
    `
  <h1><strong>${escapeHtml(client.name)}</strong> wants to access your ${title} account</h1>
  <form method="post" action="${escapeHtml(action)}">
    <fieldset><legend>Account</legend>
${accounts.join("\n")}
    </fieldset>
    <fieldset><legend>${escapeHtml(client.name)} will be able to</legend>
${asked.join("\n")}
    </fieldset>
    ${notice === undefined ? "" : `<p class="notice">${escapeHtml(notice)}</p>`}
    <p class="buttons">
      ${notice === undefined ? allow : ""}
      <button name="decision" value="deny">${
      notice === undefined ? "Cancel" : "Back to the app"
    }</button>
    </p>
  </form>`,
  );
}

/**
 * The page that a provider shows where it does not redirect.
 * @param {"Google" | "Microsoft"} title
 * @param {number} status
 * @param {string} error
 * @param {string} message
 */
export function errorPage(title, status, error, message) {
  const body = `
  <h1>Access blocked</h1>
  <p>${escapeHtml(message)}</p>
  <p class="scope">Error ${status}: ${escapeHtml(error)}</p>`;
  return page(title, body, status);
}

/**
 * @param {Person} person
 * @param {boolean} checked
 */
function accountRow(person, checked) {
  const kind = person.hosted_domain !== undefined || isWork(person) ? "work" : "personal";
  return `      <label><input type="radio" name="account" value="${escapeHtml(person.email)}"${
    checked ? " checked" : ""
  } required><span>${escapeHtml(person.name)}<small>${
    escapeHtml(person.email)
  } · ${kind}</small></span></label>`;
}

/** @param {Person} person */
function isWork({ provider, tenant }) {
  return provider === "microsoft" && tenant !== "9188040d-6c67-4c5b-b112-36a304b66dad";
}

/** @param {Wish} wish */
function wishRow({ scope, words, box }) {
  const input = box
    ? `<input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked>`
    : `<input type="hidden" name="scope" value="${escapeHtml(scope)}"><span class="dot">•</span>`;
  return `      <label>${input}<span>${escapeHtml(words)}<small>${
    escapeHtml(scope)
  }</small></span></label>`;
}

/**
 * @param {"Google" | "Microsoft"} title
 * @param {string} body
 * @param {number} [status]
 */
function page(title, body, status = 200) {
  return html(
    status,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} (emulator)</title>
<style>${STYLE}</style>
<main class="${title.toLowerCase()}">
  <p class="brand"><b>${title}</b> emulator</p>${body}
</main>
</html>
`,
  );
}

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --accent: #2456c9; }
  body { display: grid; place-items: center; min-height: 100vh; margin: 0; padding: 1rem; box-sizing: border-box; }
  main { width: min(28rem, 100%); box-sizing: border-box; padding: 2rem; border: 1px solid #8886; border-radius: 1rem; }
  main.microsoft { --accent: #0f6cbd; border-radius: .25rem; }
  .brand { margin: 0 0 1.5rem; font-size: .85rem; opacity: .8; }
  h1 { margin: 0 0 1.5rem; font-size: 1.3rem; font-weight: 500; line-height: 1.3; }
  fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; }
  legend { padding: 0; margin-bottom: .25rem; font-size: .85rem; font-weight: 600; }
  label { display: flex; gap: .75rem; align-items: baseline; padding: .6rem .25rem; border-top: 1px solid #8884; cursor: pointer; }
  label:hover { background: #8881; }
  input { accent-color: var(--accent); flex: none; }
  small { display: block; opacity: .75; overflow-wrap: anywhere; }
  .notice { padding: .75rem 1rem; border-left: 4px solid #c80; background: #c801; }
  .scope { font: .85rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
  .buttons { display: flex; gap: .75rem; margin: 0; }
  button { padding: .6rem 1.5rem; font: inherit; border: 1px solid #8888; border-radius: 2rem; background: none; color: inherit; cursor: pointer; }
  button:hover, button:focus-visible { border-color: currentColor; }
  .primary { background: var(--accent); border-color: var(--accent); color: #fff; }
  .microsoft button { border-radius: .25rem; }`;
