/** Times and numbers in the reader's language. */

const STEPS = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Infinity, "year"],
] as const;

/** "3 minutes ago". A time in the future, from a clock that is ahead, is now. */
export function relative(iso: string, locale: string, now: number): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  let amount = Math.max(0, (now - Date.parse(iso)) / 1000);
  for (const [size, unit] of STEPS) {
    if (Math.floor(amount) < size) {
      return unit === "second"
        ? format.format(0, "second")
        : format.format(-Math.floor(amount), unit);
    }
    amount /= size;
  }
  return iso;
}

export function absolute(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" })
    .format(new Date(iso));
}

export function day(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(iso));
}

export function number(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function isSingular(value: number, locale: string): boolean {
  return new Intl.PluralRules(locale).select(value) === "one";
}
