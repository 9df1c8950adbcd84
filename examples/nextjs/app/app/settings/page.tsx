import { Calendars } from "./calendars";

/** Where CALENDAR_SETTINGS_URL points. */
export default function Settings() {
  return (
    <main>
      <h1>Settings</h1>
      <Calendars />
    </main>
  );
}
