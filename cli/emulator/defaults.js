// @ts-check
/** The default world: eight people with ordinary weeks. */

/** @typedef {import("./types.d.ts").EventInput} EventInput */
/** @typedef {import("./types.d.ts").WorldInput} WorldInput */

/** Where `supabase start` serves the callbacks of the Edge Function, under both names of the machine. */
export const LOCAL_REDIRECT_URLS = ["127.0.0.1", "localhost"]
  .map((host) => `http://${host}:54321/functions/v1/calendar/callback`);

const WORKDAYS = ["mon", "tue", "wed", "thu", "fri"];

/** @type {EventInput[]} */
const workWeek = [
  {
    start: "today-7 09:30",
    minutes: 15,
    summary: "Stand-up",
    repeat: { every: "day", count: 40, weekdays: WORKDAYS },
  },
  {
    start: "today-7 13:00",
    minutes: 90,
    summary: "Planning",
    response: "accepted",
    repeat: { every: "week", count: 16, weekdays: ["mon", "thu"] },
  },
  { start: "today+2 11:00", minutes: 60, summary: "Perhaps", response: "none" },
  { start: "today+3 15:00", minutes: 60, summary: "Not going", response: "declined" },
  { start: "today+6", end: "today+8", summary: "Away", show_as: "oof" },
];

/** @type {EventInput[]} */
const ownWeek = [
  {
    start: "today-7 07:30",
    minutes: 45,
    summary: "Swimming",
    repeat: { every: "week", count: 12, weekdays: ["tue", "sat"] },
  },
  { start: "today+1 17:00", minutes: 120, summary: "Dentist" },
  { start: "today+4", summary: "Birthday", show_as: "free" },
];

/** @type {WorldInput} */
export const DEFAULT_WORLD = {
  tenants: [{ domain: "contoso.example", name: "Contoso" }],
  people: [
    {
      provider: "google",
      email: "demo.person@gmail.example",
      name: "Demo Person",
      events: ownWeek,
      calendars: [{ name: "Family", events: [{ start: "today+2 18:00", summary: "Dinner" }] }],
    },
    {
      provider: "google",
      email: "demo.person@acme.example",
      name: "Demo Person",
      hosted_domain: "acme.example",
      events: workWeek,
    },
    {
      provider: "google",
      email: "ada@gmail.example",
      name: "Ada",
      time_zone: "America/New_York",
      events: ownWeek,
    },
    { provider: "google", email: "nothing.planned@gmail.example", time_zone: "Asia/Tokyo" },
    {
      provider: "microsoft",
      email: "demo.person@outlook.example",
      name: "Demo Person",
      events: ownWeek,
      calendars: [{ name: "Club", events: [{ start: "today+5 19:00", summary: "Meeting" }] }],
    },
    {
      provider: "microsoft",
      email: "demo.person@contoso.example",
      name: "Demo Person",
      tenant: "contoso.example",
      events: workWeek,
    },
    {
      provider: "microsoft",
      email: "grace@outlook.example",
      name: "Grace",
      time_zone: "America/Los_Angeles",
      events: ownWeek,
    },
    {
      provider: "microsoft",
      email: "nothing.planned@contoso.example",
      tenant: "contoso.example",
    },
  ],
};

/**
 * The clients of an app, by the addresses below which its callbacks are.
 * @param {string[]} redirectUrls
 * @returns {Required<Pick<WorldInput, "clients">>}
 */
export function defaultClients(redirectUrls) {
  return {
    clients: [
      {
        provider: "google",
        client_id: "emulated-google-client",
        client_secret: "emulated-google-secret-not-a-real-one",
        redirect_uris: redirectUrls.map((url) => `${url}/google`),
      },
      {
        provider: "microsoft",
        client_id: "emulated-outlook-client",
        client_secret: "emulated-outlook-secret-not-a-real-one",
        redirect_uris: redirectUrls.map((url) => `${url}/outlook`),
      },
    ],
  };
}
