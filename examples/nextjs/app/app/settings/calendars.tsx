"use client";

import type { CalendarSettings } from "calendar-connect/element";
import "calendar-connect/element";
import { type DetailedHTMLProps, type HTMLAttributes, useEffect, useRef } from "react";
import { browserClient } from "../../../lib/supabase";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "calendar-settings":
        & DetailedHTMLProps<HTMLAttributes<CalendarSettings>, CalendarSettings>
        & { url?: string };
    }
  }
}

export function Calendars() {
  const element = useRef<CalendarSettings>(null);
  useEffect(() => {
    if (element.current) element.current.supabase = browserClient();
  }, []);
  return <calendar-settings ref={element} url="/api/calendar" />;
}
