/** Defines `<calendar-settings>`. Importing it is all there is to do. */
import "../client/mod.ts";
import { CalendarSettings } from "./calendar-settings.ts";
import type { CalendarSettingsEvents } from "./events.ts";

export { CalendarSettings };
export type { CalendarSettingsEvents };
export { ENGLISH } from "./texts.ts";
export type { TextName, Texts } from "./texts.ts";

declare global {
  interface HTMLElementTagNameMap {
    "calendar-settings": CalendarSettings;
  }
  interface HTMLElementEventMap extends CalendarSettingsEvents {}
}

// A page may load two copies, its own bundle's and a script's: the first one stays.
if (!customElements.get("calendar-settings")) {
  customElements.define("calendar-settings", CalendarSettings);
}
