import type { CalendarErrorCode, ProviderName } from "../client/contract.ts";

/**
 * Every word the element shows. Names in braces are filled in; a text in another language may use
 * them in any order or not at all. Plain strings, so that a translation can be a JSON file.
 */
export const ENGLISH = {
  "heading": "Calendars",
  "introduction": "Connect a calendar to plan around it. Events are read, never changed.",
  "signed_out": "Sign in to connect your calendars.",
  "loading": "Loading your calendars…",
  "none_configured": "No calendar can be connected in this app yet.",

  "google.name": "Google Calendar",
  "google.company": "Google",
  "outlook.name": "Outlook Calendar",
  "outlook.company": "Microsoft",

  "any.name": "Your calendar",
  "any.company": "The provider",
  "any.consent": "the provider’s page for connected apps",
  "account.unknown": "Account with an unknown address",

  "status.none": "Not connected",
  "status.active": "Connected",
  "status.expired": "Access expired",
  "status.revoked": "Access withdrawn",
  "status.error": "Needs attention",
  "status.attention": "Needs attention",
  "status.delayed": "Not up to date",
  "remedy.expired": "The access that you gave has expired. Reconnect to continue.",
  "remedy.revoked": "The access was withdrawn at {company}. Reconnect if you did not intend that.",
  "remedy.error":
    "{company} no longer gives access to this account. Reconnecting usually solves it.",
  "remedy.unconfigured":
    "This app no longer offers {name}. Nothing is read from it, and you can disconnect it.",

  "reason.grant_ended":
    "{company} no longer accepts the access that you gave: it expired or was withdrawn. Reconnect to continue.",
  "reason.sign_in_again": "{company} asks you to sign in again. Reconnect to continue.",
  "reason.scope_missing":
    "The permission to see your calendars is missing. Reconnect and leave the box for your calendars ticked.",
  "reason.account_unusable":
    "{company} says that this account is disabled or deleted. If that is wrong, please contact {company} or your organisation.",
  "reason.admin_blocked":
    "An administrator of your organisation blocks this app. You can ask them to allow it; the app tries again every day.",
  "reason.client_changed":
    "This app has changed its registration at {company}. If you reconnect, the calendar is read again.",
  "reason.key_missing":
    "This app cannot open its stored access at the moment. It tries again every day; you can also reconnect.",
  "reason.sealed_unreadable": "The stored access is damaged. Reconnect to replace it.",
  "reason.provider_unavailable":
    "{company} does not answer at the moment. The app tries again by itself.",
  "reason.throttled": "{company} asks this app to wait. The app continues by itself.",
  "reason.operator":
    "{company} does not accept this app at the moment. Please contact this app’s support; it has to be fixed on their side.",
  "reason.no_mailbox": "This account has no calendar.",
  "reason.quarantined":
    "Reading this calendar has failed several times, so the app tries less often. If this does not change, please contact its support.",
  "reason.other": "This calendar cannot be read at the moment.",

  "since": "Since {date}",
  "sync.never": "Not synced yet",
  "sync.last": "Synced {time}",
  "sync.next": "Next attempt {time}",
  "ends": "Access ends on {date}",
  "paused":
    "This app last read calendars {time}. Please contact its support if this does not change.",
  "paused.unknown":
    "This app does not read calendars at the moment. Please contact its support if this does not change.",
  "permission.read": "Can see your calendars, cannot change them",
  "permission.write": "Can see and change your calendars",
  "capacity.one": "{count} action a day",
  "capacity.other": "{count} actions a day",
  "capacity.default": ", the default, until your calendar decides",
  "capacity.calendar": ", as your calendar leaves room",

  "connect": "Connect",
  "connect.label": "Connect {name}",
  "reconnect": "Reconnect",
  "reconnect.label": "Reconnect {name}",
  "add": "Add another account",
  "add.label": "Add another account at {company}",
  "disconnect": "Disconnect",
  "disconnect.label": "Disconnect {name}",
  "connecting": "Opening {company}…",
  "returning": "Finishing the connection to {name}…",
  "returning.unknown": "Finishing the connection…",
  "disconnecting": "Disconnecting…",
  "retry": "Try again",
  "dismiss": "Dismiss",

  "confirm.question": "Disconnect {name}?",
  "confirm.consequence":
    "Our copy of the access is destroyed at once, and your calendar is no longer read. " +
    "{company} keeps this app on its own list until you remove it there:",
  "confirm.google.consequence":
    "Our copy of the access is destroyed at once, and your calendar is no longer read. " +
    "This app may also withdraw its access at Google. If you sign in to this app with Google, " +
    "Google may then ask for your consent again. You can see what Google lists here:",
  "confirm.yes": "Disconnect",
  "confirm.no": "Keep it",
  "google.consent": "your Google account’s connections",
  "outlook.consent.personal": "your personal Microsoft account",
  "outlook.consent.work": "your work or school account",
  "new_tab": "(opens in a new tab)",

  "connected.title": "{name} is connected.",
  "connected.remedy": "You do not have to do anything else.",
  "already.title": "{name} is connected.",
  "already.remedy": "This return was used before, probably in another tab.",
  "disconnected.title": "{name} is disconnected.",
  "disconnected.remedy":
    "Our copy of the access is destroyed. You can also withdraw your consent here:",
  "disconnected.queued.remedy":
    "Our copy of the access is destroyed, and {company} is asked to withdraw the access as well. You can check that here:",
  "disconnected.not_supported.remedy":
    "Our copy of the access is destroyed. At {company} only you can withdraw your consent. You can do that here:",

  "interrupted.title": "{name} was not connected.",
  "interrupted.remedy": "You were signed out when you came back from {company}. Connect again.",

  "offline.title": "You are offline.",
  "offline.remedy": "Your calendars appear again as soon as you are back online.",
  "offline.connect.remedy":
    "The connection was not started. Connect again once you are back online.",
  "offline.return.title": "We could not confirm the connection to {name}.",
  "offline.return.remedy":
    "You are offline. If {name} is not shown as connected later, connect again.",
  "offline.disconnect.title": "We could not confirm that {name} is disconnected.",
  "offline.disconnect.remedy":
    "You are offline. If {name} is still shown as connected later, disconnect it again.",
  "reference": "Reference: {id}",

  "error.access_denied.title": "{name} was not connected.",
  "error.access_denied.remedy":
    "You did not give access, so nothing was stored. You can connect again at any time.",
  "error.insufficient_scope.title": "The calendar permission is missing.",
  "error.insufficient_scope.remedy":
    "Nothing was stored. Connect again and leave the box for your calendars ticked.",
  "error.invalid_state.title": "This return cannot be used any more.",
  "error.invalid_state.remedy":
    "It was used before, is older than ten minutes, or another user started it. Connect again.",
  "error.wrong_user.title": "Another user started this connection.",
  "error.wrong_user.remedy":
    "Nothing was stored. Sign in with the account that started it, or connect again with your current one.",
  "error.unauthorized.title": "You are signed out.",
  "error.unauthorized.remedy": "Nothing was changed. Sign in and try again.",
  "error.unauthorized.return.remedy": "Nothing was stored. Sign in and connect again.",
  "error.unsupported_provider.title": "{name} is not available here.",
  "error.unsupported_provider.remedy":
    "This app does not offer {name}. Please contact its support if you need it.",
  "error.not_found.title": "This account is no longer connected.",
  "error.not_found.remedy":
    "It was probably disconnected in another tab. You can connect it again.",
  "error.account_mismatch.title": "You chose another account.",
  "error.account_mismatch.remedy":
    "Nothing was stored. Reconnect {name} with the account that it belongs to, or add the other one as another account.",
  "error.account_mismatch.named.remedy":
    "You chose {actual}, but this connection belongs to {expected}, so nothing was stored. Reconnect with {expected}, or add {actual} as another account. {company} may list this app for {actual} until you remove it there.",
  "error.account_mismatch.listed.remedy":
    "You chose {actual}, but this connection belongs to {expected}, so nothing was stored. Reconnect and choose {expected}.",
  "error.account_limit.title": "No more accounts can be connected.",
  "error.account_limit.remedy":
    "This app limits how many accounts of {company} you can connect. Nothing was stored. Disconnect one of them first.",
  "error.rate_limited.title": "Too many attempts.",
  "error.rate_limited.remedy": "Wait a minute, then try again.",
  "error.provider_rejected.title": "{company} refused the connection.",
  "error.provider_rejected.remedy":
    "Connect again. If {company} refuses again, please contact this app’s support.",
  "error.provider_unavailable.title": "{company} does not answer at the moment.",
  "error.provider_unavailable.remedy": "Nothing was stored. Try again in a few minutes.",
  "error.storage_unavailable.title": "Your calendars could not be loaded.",
  "error.storage_unavailable.remedy": "Please try again in a few minutes.",
  "error.storage_unavailable.connect.title": "The connection could not be started.",
  "error.storage_unavailable.return.title": "The connection could not be saved.",
  "error.storage_unavailable.return.remedy": "Please connect again in a few minutes.",
  "error.storage_unavailable.disconnect.title": "{name} could not be disconnected.",
  "error.misconfigured.title": "This app’s calendar connection is not set up correctly.",
  "error.misconfigured.remedy":
    "Please contact this app’s support; it has to be fixed on their side.",
  "error.unreachable.title": "The calendar service does not answer.",
  "error.unreachable.remedy": "Please try again in a moment.",
  "error.unreachable.connect.remedy":
    "The connection was not started. Please try again in a moment.",
  "error.unreachable.return.title": "We could not confirm the connection to {name}.",
  "error.unreachable.return.remedy":
    "The calendar service did not answer. If {name} is not shown as connected, connect again.",
  "error.unreachable.disconnect.title": "We could not confirm that {name} is disconnected.",
  "error.unreachable.disconnect.remedy":
    "The calendar service did not answer. If {name} is still shown as connected, disconnect it again.",
  "error.other.title": "Something went wrong.",
  "error.other.remedy": "Please try again. If it happens again, contact this app’s support.",
} as const;

export type TextName = keyof typeof ENGLISH;
/** A translation, or the part of it that differs from English. */
export type Texts = Partial<Record<TextName, string>>;

/** Looks a text up and fills it in. */
export type Say = (name: TextName, values?: Record<string, string>) => string;

/** What was under way when something failed. */
export type Activity = "load" | "connect" | "return" | "disconnect";

/** Both accounts of `account_mismatch` are known; `listed`: the chosen one is connected already. */
export type AccountsKnown = "named" | "listed";

export function sayIn(texts: Texts): Say {
  return (name, values = {}) => fill(texts[name] ?? ENGLISH[name], values);
}

/**
 * The names that texts about a provider, or about one account there, may use. A provider without
 * names goes by its own.
 */
export function named(
  say: Say,
  provider: ProviderName | "any",
  account: string | null = null,
): Record<"name" | "company", string> {
  const name = `${provider}.name`;
  return isText(name)
    ? { name: account ?? say(name), company: say(`${provider}.company` as TextName) }
    : { name: account ?? provider, company: provider };
}

/** The words for a connection's status; a status without words is shown as it is. */
export function statusWords(say: Say, status: string): string {
  const name = `status.${status}`;
  return isText(name) ? say(name) : status;
}

/** The texts for a failure, told apart by what was under way where that makes a difference. */
export function errorTexts(
  code: CalendarErrorCode,
  during: Activity | AccountsKnown,
): { title: TextName; remedy: TextName } {
  const known = isText(`error.${code}.title`) ? `error.${code}` : "error.other";
  return { title: specific(known, during, "title"), remedy: specific(known, during, "remedy") };
}

export function offlineTexts(during: Activity): { title: TextName; remedy: TextName } {
  return {
    title: specific("offline", during, "title"),
    remedy: specific("offline", during, "remedy"),
  };
}

/** A text's variant if there is one, else the text itself. */
export function specific(
  text: string,
  variant: string,
  part: "title" | "remedy" | "consequence",
): TextName {
  const name = `${text}.${variant}.${part}`;
  return isText(name) ? name : `${text}.${part}` as TextName;
}

export function isText(name: string): name is TextName {
  return Object.hasOwn(ENGLISH, name);
}

export function fill(text: string, values: Record<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
