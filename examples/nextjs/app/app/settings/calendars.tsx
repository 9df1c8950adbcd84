"use client";

import type { CalendarSettings } from "calendar-connect/element";
import "calendar-connect/element";
import { createElement } from "react";
import { browserClient } from "../../../lib/supabase";

function connectPanel(element: CalendarSettings | null) {
  if (!element) return;
  element.url = "/api/calendar";
  element.supabase = browserClient();
}

export function Calendars() {
  return createElement("calendar-settings", { ref: connectPanel });
}
