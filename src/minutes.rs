//! Time as whole UTC minutes since 1970, and sets of it, as the database keeps them (`int4multirange`).

use std::fmt;

/// A half-open range of UTC minutes since 1970-01-01T00:00Z: `start` is in it, `end` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    start: i32,
    end: i32,
}

impl Range {
    /// The range, or `None` where it is empty or reversed.
    pub(crate) const fn new(start: i32, end: i32) -> Option<Self> {
        if start < end {
            Some(Self { start, end })
        } else {
            None
        }
    }

    /// Every minute that the seconds from `start` to `end` touch: a part of a minute counts as a whole one, so that busy
    /// time is never reported shorter than it is.
    pub(crate) fn around(start: Instant, end: Instant) -> Option<Self> {
        if end <= start {
            return None;
        }
        let first = i32::try_from(start.0.div_euclid(60)).ok()?;
        let last = i32::try_from((end.0 - 1).div_euclid(60)).ok()?;
        Self::new(first, last.checked_add(1)?)
    }

    /// The first minute of the range.
    pub(crate) const fn start(self) -> i32 {
        self.start
    }

    /// The part of this range that lies in `other`.
    pub(crate) fn within(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// A set of minutes: ranges in order that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set(Vec<Range>);

impl FromIterator<Range> for Set {
    fn from_iter<I: IntoIterator<Item = Range>>(ranges: I) -> Self {
        let mut sorted: Vec<Range> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self(merged)
    }
}

impl Set {
    /// The ranges, in order.
    pub(crate) fn ranges(&self) -> &[Range] {
        &self.0
    }
}

/// Postgres's text of an `int4multirange`: `{[1,5),[9,12)}`.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}[{},{})", range.start, range.end)?;
        }
        f.write_str("}")
    }
}

/// Whole seconds since 1970-01-01T00:00:00Z; fractions are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i64);

impl Instant {
    /// Reads an RFC 3339 date and time (section 5.6): `2026-03-30T09:30:00.5+02:00`, `…Z`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (local, rest) = local(text)?;
        Some(Self(local - offset(rest)?))
    }

    /// Reads a date and time without offset as UTC, as Microsoft Graph's `dateTimeTimeZone` writes it:
    /// `2026-03-30T09:30:00.0000000`.
    pub(crate) fn parse_utc(text: &str) -> Option<Self> {
        let (local, rest) = local(text)?;
        rest.is_empty().then_some(Self(local))
    }
}

#[cfg(test)]
impl Instant {
    /// Seconds since 1970 as RFC 3339 text in UTC, by the inverse of [`days`].
    pub(crate) fn text(seconds: f64) -> String {
        let (date, rest) = ((seconds / 86_400.0).floor(), seconds.rem_euclid(86_400.0));
        let shifted = date as i64 + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, minute, second) = (rest as i64 / 3600, rest as i64 / 60 % 60, rest as i64 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// A calendar date, `2026-03-30`, of no particular zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(String);

impl Date {
    /// The date of a date and time, without a look at its zone.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let date = text.get(..10)?;
        days(date)?;
        Some(Self(date.to_owned()))
    }

    /// The text, `2026-03-30`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Seconds of the date and time as if it were UTC, and what follows its seconds and their fraction.
fn local(text: &str) -> Option<(i64, &str)> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let mut parts = time.split(':');
    let (hour, minute, second) = (
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    );
    // A leap second (:60) is the following second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == fraction.len() {
                return None;
            }
            rest
        }
    };
    Some((
        days(date)? * 86_400 + hour * 3600 + minute * 60 + second,
        rest,
    ))
}

/// Seconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, from year 1 to 9999
/// (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (
        number(parts.next()?, 4)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    );
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || day == 0 || day > length || parts.next().is_some() {
        return None;
    }
    // The year begins in March here, so that the leap day is its last day.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted / 400;
    let year_of_era = shifted % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let fits = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: i32, end: i32) -> Range {
        Range::new(start, end).unwrap()
    }

    #[test]
    fn instants_are_read_with_offset_and_fraction() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-03-30T06:12:00Z", 1_774_851_120),
            ("2026-03-30T08:12:00+02:00", 1_774_851_120),
            ("2026-03-30T00:42:00.999-05:30", 1_774_851_120),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
        ] {
            assert_eq!(Instant::parse(text), Some(Instant(seconds)), "{text}");
        }
        assert_eq!(
            Instant::parse_utc("2026-03-30T06:12:00.0000000"),
            Some(Instant(1_774_851_120))
        );
    }

    #[test]
    fn an_instant_is_written_as_it_is_read() {
        for seconds in (-2_000_000_000..4_000_000_000_i64).step_by(86_399 * 97) {
            let text = Instant::text(seconds as f64);
            assert_eq!(Instant::parse(&text), Some(Instant(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in [
            "",
            "2026-03-30",
            "2026-03-30T06:12:00",
            "2026-03-30T06:12Z",
            "2026-02-29T06:12:00Z",
            "2026-13-01T06:12:00Z",
            "2026-00-10T06:12:00Z",
            "0000-01-01T00:00:00Z",
            "2026-03-30T24:00:00Z",
            "2026-03-30T06:60:00Z",
            "2026-03-30T06:12:00.Z",
            "2026-03-30T06:12:00+2:00",
            "2026-03-30T06:12:00+02:00x",
            "2026-03-30T06:12:00ZZ",
            "+026-03-30T06:12:00Z",
            "2026-03-3\u{00e9}T06:12:00Z",
        ] {
            assert_eq!(Instant::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Instant::parse_utc("2026-03-30T06:12:00Z"), None);
    }

    #[test]
    fn every_day_of_a_century_follows_the_one_before() {
        let mut expected = days("1990-01-01").unwrap();
        for year in 1990..2090 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(found) = days(&format!("{year:04}-{month:02}-{day:02}")) {
                        assert_eq!(found, expected, "{year}-{month}-{day}");
                        expected += 1;
                    }
                }
            }
        }
        assert_eq!(expected, days("2090-01-01").unwrap());
    }

    #[test]
    fn a_part_of_a_minute_is_a_whole_busy_minute() {
        let around = |from, until| Range::around(Instant(from), Instant(until));
        assert_eq!(around(60, 120), Some(range(1, 2)));
        assert_eq!(around(61, 119), Some(range(1, 2)));
        assert_eq!(around(59, 121), Some(range(0, 3)));
        assert_eq!(around(-1, 1), Some(range(-1, 1)));
        assert_eq!(around(60, 60), None);
        assert_eq!(around(120, 60), None);
        assert_eq!(around(0, i64::MAX), None);
    }

    #[test]
    fn a_set_merges_what_overlaps_or_touches() {
        let set: Set = [
            range(5, 9),
            range(1, 3),
            range(3, 5),
            range(20, 30),
            range(22, 25),
        ]
        .into_iter()
        .collect();
        assert_eq!(set.to_string(), "{[1,9),[20,30)}");
        assert_eq!(Set::default().to_string(), "{}");
    }

    #[test]
    fn a_range_is_cut_to_another() {
        assert_eq!(range(0, 10).within(range(5, 20)), Some(range(5, 10)));
        assert_eq!(range(0, 5).within(range(5, 20)), None);
    }

    #[test]
    fn a_date_is_taken_from_a_date_and_time() {
        assert_eq!(
            Date::of("2026-03-30T00:00:00.0000000").unwrap().as_str(),
            "2026-03-30"
        );
        assert_eq!(Date::of("2026-02-30T00:00:00"), None);
        assert_eq!(Date::of("20260330"), None);
    }
}
