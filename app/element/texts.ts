import type { CalendarErrorCode, Provider } from "../client/contract.ts";

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

  "status.none": "Not connected",
  "status.active": "Connected",
  "status.expired": "Access expired",
  "status.revoked": "Access withdrawn",
  "status.error": "Needs attention",
  "remedy.expired": "The access you gave has run out. Reconnect, and it goes on as before.",
  "remedy.revoked": "The access was withdrawn at {company}. Reconnect if that was not intended.",
  "remedy.error": "{company} no longer answers for this account. Reconnecting usually repairs it.",
  "remedy.unconfigured":
    "This app no longer offers {name}. You can disconnect it; nothing is read meanwhile.",

  "since": "Since {date}",
  "sync.never": "Not synced yet",
  "sync.last": "Synced {time}",
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
  "confirm.yes": "Disconnect",
  "confirm.no": "Keep it",
  "google.consent": "your Google account’s connections",
  "outlook.consent.personal": "your personal Microsoft account",
  "outlook.consent.work": "your work or school account",
  "new_tab": "(opens in a new tab)",

  "connected.title": "{name} is connected.",
  "connected.remedy": "There is nothing more to do.",
  "already.title": "{name} is connected.",
  "already.remedy": "This return was used before, most likely in another tab.",
  "disconnected.title": "{name} is disconnected.",
  "disconnected.remedy": "Our copy of the access is destroyed. To withdraw your consent as well:",

  "offline.title": "You are offline.",
  "offline.remedy": "Your calendars appear again as soon as you are back.",
  "reference": "Reference: {id}",

  "error.access_denied.title": "{name} was not connected.",
  "error.access_denied.remedy":
    "You did not give access, so nothing was stored. Connect again whenever you like.",
  "error.insufficient_scope.title": "The calendar permission is missing.",
  "error.insufficient_scope.remedy":
    "Connect again and leave the box for your calendars ticked. Nothing was stored.",
  "error.invalid_state.title": "This return cannot be used any more.",
  "error.invalid_state.remedy":
    "It was used before, is older than ten minutes, or was started by somebody else. Connect again.",
  "error.wrong_user.title": "Another user started this connection.",
  "error.wrong_user.remedy":
    "Nothing was stored. Sign in as the one who started, or connect again as who you are now.",
  "error.unauthorized.title": "You are signed out.",
  "error.unauthorized.remedy": "Nothing was stored. Sign in and connect again.",
  "error.unsupported_provider.title": "{name} is not available here.",
  "error.unsupported_provider.remedy": "This app has not set it up. Its makers can.",
  "error.rate_limited.title": "That was too often.",
  "error.rate_limited.remedy": "Wait a minute, then try again.",
  "error.provider_rejected.title": "{company} refused the connection.",
  "error.provider_rejected.remedy":
    "Connect again. If it is refused again, tell the makers of this app.",
  "error.provider_unavailable.title": "{company} does not answer at the moment.",
  "error.provider_unavailable.remedy": "Nothing was lost. Try again in a few minutes.",
  "error.storage_unavailable.title": "The connection could not be saved.",
  "error.storage_unavailable.remedy": "This passes. Try again in a few minutes.",
  "error.misconfigured.title": "This app’s calendar connection is not set up correctly.",
  "error.misconfigured.remedy": "You can do nothing about it; the makers of this app can.",
  "error.unreachable.title": "The calendar service does not answer.",
  "error.unreachable.remedy": "Nothing was changed. Try again in a moment.",
  "error.other.title": "That did not work.",
  "error.other.remedy": "Try again. If it happens again, tell the makers of this app.",
} as const;

export type TextName = keyof typeof ENGLISH;
/** A translation, or the part of it that differs from English. */
export type Texts = Partial<Record<TextName, string>>;

/** Looks a text up and fills it in. */
export type Say = (name: TextName, values?: Record<string, string>) => string;

export function sayIn(texts: Texts): Say {
  return (name, values = {}) => fill(texts[name] ?? ENGLISH[name], values);
}

/** The names that texts about a provider may use. */
export function named(say: Say, provider: Provider | "any"): Record<string, string> {
  return { name: say(`${provider}.name`), company: say(`${provider}.company`) };
}

export function errorTexts(code: CalendarErrorCode): { title: TextName; remedy: TextName } {
  const title = `error.${code}.title`;
  return title in ENGLISH
    ? { title: title as TextName, remedy: `error.${code}.remedy` as TextName }
    : { title: "error.other.title", remedy: "error.other.remedy" };
}

export function fill(text: string, values: Record<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
