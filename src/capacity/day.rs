//! How many actions fit into one day: a pure function of working time and busy time, without clock or time zone.
//!
//! `usable` is the sum of the blocks of working time without appointments that are at least `min_block_minutes` long, and
//! `actions = clamp(floor(usable × (100 − reserve_percent) / 100 / minutes_per_action), 0, max_actions)`. Each figure of
//! the answer can be recomputed by hand.

use serde::Serialize;

use crate::minutes::Set;

/// Actions a day where no calendar is known.
pub(crate) const FALLBACK_ACTIONS: u32 = 6;

/// How a user plans; the database checks the bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Minutes that one action takes, at least 1.
    pub(crate) minutes_per_action: u32,
    /// Share of the usable time that is kept free, 0 to 100.
    pub(crate) reserve_percent: u32,
    /// Free blocks that are shorter do not count.
    pub(crate) min_block_minutes: u32,
    /// Most actions in a day.
    pub(crate) max_actions: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            minutes_per_action: 60,
            reserve_percent: 25,
            min_block_minutes: 30,
            max_actions: 12,
        }
    }
}

/// What one selected calendar says about the day.
#[derive(Clone, Debug)]
pub(crate) enum CalendarDay {
    /// Nothing is known: never read, read too long ago, failed, or the day lies beyond what was read.
    Unknown,
    /// The calendar was read.
    Known {
        /// Busy minutes; only those in working time count.
        busy: Set,
        /// Whether an all-day event takes the whole of the working time.
        all_day: bool,
        /// Whether the last read is older than it should be.
        stale: bool,
    },
}

/// How full a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// No working time.
    Off,
    /// No action fits.
    Full,
    /// At least 60 % of the working time is busy.
    Heavy,
    /// Neither light nor heavy.
    Normal,
    /// Less than 25 % of the working time is busy.
    Light,
    /// Nothing is known; the figure is the fallback.
    Default,
}

/// Why the figure is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// No calendar is selected.
    NoCalendar,
    /// No selected calendar is known.
    CalendarUnknown,
    /// Some selected calendars are unknown; they count as busy beyond the fallback.
    Partial,
    /// A calendar has not been read for longer than it should.
    Stale,
    /// The day has no working time.
    NoWorkingHours,
    /// An all-day event takes the whole day.
    AllDay,
    /// Appointments lie in the working time.
    BusyTime,
    /// No appointment lies in the working time.
    Free,
}

/// A day's capacity with the figures it follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DayCapacity {
    pub(crate) level: Level,
    pub(crate) actions_per_day: u32,
    /// `calendar`, or `fallback` where no calendar is known.
    pub(crate) source: &'static str,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) working_minutes: u32,
    /// Busy minutes within the working time, as far as calendars are known.
    pub(crate) busy_minutes: u32,
    pub(crate) usable_minutes: u32,
    /// Selected calendars that are known.
    pub(crate) read: usize,
    /// Selected calendars that are unknown.
    pub(crate) unknown: usize,
}

/// The capacity of a day with this working time.
pub(crate) fn of_day(working: &Set, calendars: &[CalendarDay], rules: Rules) -> DayCapacity {
    let unknown = calendars
        .iter()
        .filter(|calendar| matches!(calendar, CalendarDay::Unknown))
        .count();
    let read = calendars.len() - unknown;
    let working_minutes = working.minutes();
    if read == 0 {
        return DayCapacity {
            level: Level::Default,
            actions_per_day: FALLBACK_ACTIONS,
            source: "fallback",
            reasons: vec![if unknown == 0 {
                Reason::NoCalendar
            } else {
                Reason::CalendarUnknown
            }],
            working_minutes,
            busy_minutes: 0,
            usable_minutes: 0,
            read,
            unknown,
        };
    }
    let (busy, all_day, stale) = union(calendars);
    let busy = if all_day {
        working.clone()
    } else {
        working.and(&busy)
    };
    let busy_minutes = busy.minutes();
    let usable_minutes = working
        .without(&busy)
        .ranges()
        .iter()
        .map(|block| block.minutes())
        .filter(|minutes| *minutes >= rules.min_block_minutes)
        .sum();
    let actions = actions(usable_minutes, unknown > 0, rules);
    let mut reasons = Vec::new();
    if working_minutes == 0 {
        reasons.push(Reason::NoWorkingHours);
    } else if all_day {
        reasons.push(Reason::AllDay);
    } else if busy_minutes > 0 {
        reasons.push(Reason::BusyTime);
    } else {
        reasons.push(Reason::Free);
    }
    reasons.extend((unknown > 0).then_some(Reason::Partial));
    reasons.extend(stale.then_some(Reason::Stale));
    DayCapacity {
        level: level(working_minutes, busy_minutes, actions),
        actions_per_day: actions,
        source: "calendar",
        reasons,
        working_minutes,
        busy_minutes,
        usable_minutes,
        read,
        unknown,
    }
}

fn union(calendars: &[CalendarDay]) -> (Set, bool, bool) {
    let (mut ranges, mut any_all_day, mut any_stale) = (Vec::new(), false, false);
    for calendar in calendars {
        if let CalendarDay::Known {
            busy,
            all_day,
            stale,
        } = calendar
        {
            ranges.extend_from_slice(busy.ranges());
            any_all_day |= all_day;
            any_stale |= stale;
        }
    }
    (ranges.into_iter().collect(), any_all_day, any_stale)
}

fn actions(usable_minutes: u32, partial: bool, rules: Rules) -> u32 {
    let kept = 100_u64.saturating_sub(u64::from(rules.reserve_percent));
    let per_action = u64::from(rules.minutes_per_action.max(1));
    let fitting = u64::from(usable_minutes) * kept / (100 * per_action);
    let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
    let most = if partial {
        rules.max_actions.min(FALLBACK_ACTIONS)
    } else {
        rules.max_actions
    };
    fitting.min(most)
}

fn level(working_minutes: u32, busy_minutes: u32, actions: u32) -> Level {
    let (working, busy) = (u64::from(working_minutes), u64::from(busy_minutes));
    if working == 0 {
        Level::Off
    } else if actions == 0 {
        Level::Full
    } else if busy * 100 >= working * 60 {
        Level::Heavy
    } else if busy * 100 < working * 25 {
        Level::Light
    } else {
        Level::Normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Set {
        Set::parse(text).unwrap()
    }

    fn known(busy: &str) -> CalendarDay {
        CalendarDay::Known {
            busy: set(busy),
            all_day: false,
            stale: false,
        }
    }

    /// 9:00 to 17:00 of a day that begins at minute 0.
    fn nine_to_five() -> Set {
        set("{[540,1020)}")
    }

    fn actions_of(working: &Set, calendars: &[CalendarDay]) -> u32 {
        of_day(working, calendars, Rules::default()).actions_per_day
    }

    #[test]
    fn an_empty_day_from_nine_to_five_gives_six() {
        let day = of_day(&nine_to_five(), &[known("{}")], Rules::default());
        assert_eq!(day.actions_per_day, 6);
        assert_eq!(day.level, Level::Light);
        assert_eq!(day.source, "calendar");
        assert_eq!(day.reasons, [Reason::Free]);
        assert_eq!(
            (day.working_minutes, day.busy_minutes, day.usable_minutes),
            (480, 0, 480)
        );
    }

    #[test]
    fn busy_time_is_taken_from_working_time_and_short_gaps_do_not_count() {
        // 9:30-10:00 leaves a block of 30 minutes before it; 10:20-11:00 leaves only 20 between them.
        let day = of_day(
            &nine_to_five(),
            &[known("{[0,60),[570,600),[620,660),[1000,1100)}")],
            Rules::default(),
        );
        assert_eq!(day.busy_minutes, 30 + 40 + 20);
        assert_eq!(day.usable_minutes, 30 + 340);
        assert_eq!(day.actions_per_day, 4);
        assert_eq!(day.level, Level::Light);
        assert_eq!(day.reasons, [Reason::BusyTime]);
    }

    #[test]
    fn levels_change_at_their_documented_shares() {
        for (busy, level) in [
            ("{[540,659)}", Level::Light),
            ("{[540,660)}", Level::Normal),
            ("{[540,827)}", Level::Normal),
            ("{[540,828)}", Level::Heavy),
            ("{[540,961)}", Level::Full),
        ] {
            let day = of_day(&nine_to_five(), &[known(busy)], Rules::default());
            assert_eq!(day.level, level, "{busy}");
        }
        let off = of_day(&set("{}"), &[known("{}")], Rules::default());
        assert_eq!((off.level, off.actions_per_day), (Level::Off, 0));
        assert_eq!(off.reasons, [Reason::NoWorkingHours]);
    }

    #[test]
    fn an_all_day_event_takes_the_whole_day() {
        let calendar = CalendarDay::Known {
            busy: set("{}"),
            all_day: true,
            stale: true,
        };
        let day = of_day(&nine_to_five(), &[calendar], Rules::default());
        assert_eq!((day.level, day.busy_minutes), (Level::Full, 480));
        assert_eq!(day.reasons, [Reason::AllDay, Reason::Stale]);
    }

    #[test]
    fn unknown_is_never_free() {
        let none = of_day(&nine_to_five(), &[], Rules::default());
        assert_eq!((none.actions_per_day, none.source), (6, "fallback"));
        assert_eq!(none.reasons, [Reason::NoCalendar]);
        let unknown = of_day(&set("{}"), &[CalendarDay::Unknown], Rules::default());
        assert_eq!(
            (unknown.actions_per_day, unknown.level),
            (6, Level::Default)
        );
        assert_eq!(unknown.reasons, [Reason::CalendarUnknown]);
        // Twelve actions would fit, but one calendar is not known.
        let long = set("{[0,1440)}");
        assert_eq!(actions_of(&long, &[known("{}")]), 12);
        let partial = of_day(
            &long,
            &[known("{}"), CalendarDay::Unknown],
            Rules::default(),
        );
        assert_eq!(partial.actions_per_day, 6);
        assert_eq!(partial.reasons, [Reason::Free, Reason::Partial]);
        assert_eq!((partial.read, partial.unknown), (1, 1));
    }

    #[test]
    fn a_shortened_day_has_less_room_than_a_lengthened_one() {
        // A night shift from 22:00 to 6:00 local: 7 hours where clocks go forward, 9 where they go back, and half an
        // hour less where daylight saving time is 30 minutes.
        for (minutes, actions) in [(480, 6), (420, 5), (540, 6), (450, 5), (510, 6)] {
            let working = set(&format!("{{[0,{minutes})}}"));
            assert_eq!(actions_of(&working, &[known("{}")]), actions, "{minutes}");
        }
    }

    #[test]
    fn extreme_rules_neither_overflow_nor_divide_by_zero() {
        let all = set(&format!("{{[{},{})}}", i32::MIN, i32::MAX));
        let rules = Rules {
            minutes_per_action: 0,
            reserve_percent: 200,
            min_block_minutes: 0,
            max_actions: u32::MAX,
        };
        assert_eq!(of_day(&all, &[known("{}")], rules).actions_per_day, 0);
        let rules = Rules {
            reserve_percent: 0,
            ..rules
        };
        assert_eq!(
            of_day(&all, &[known("{}")], rules).actions_per_day,
            u32::MAX
        );
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> i32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            i32::try_from(self.0 % limit).unwrap()
        }

        fn set(&mut self) -> Set {
            let ranges: Vec<String> = {
                let mut at = 0;
                (0..self.below(8))
                    .map(|_| {
                        at += 1 + self.below(200);
                        let start = at;
                        at += 1 + self.below(120);
                        format!("[{start},{at})")
                    })
                    .collect()
            };
            set(&format!("{{{}}}", ranges.join(",")))
        }
    }

    #[test]
    fn more_busy_time_never_gives_more_room() {
        let mut random = Random(7);
        for _ in 0..5000 {
            let (working, one, more) = (random.set(), random.set(), random.set());
            let calendar = |busy: &Set| known(&busy.to_string());
            let rules = Rules {
                min_block_minutes: u32::try_from(random.below(90)).unwrap(),
                ..Rules::default()
            };
            let less = of_day(&working, &[calendar(&one)], rules);
            let both = of_day(&working, &[calendar(&one), calendar(&more)], rules);
            assert!(both.actions_per_day <= less.actions_per_day);
            assert!(both.usable_minutes <= less.usable_minutes);
            assert!(both.busy_minutes >= less.busy_minutes);
        }
    }

    #[test]
    fn neither_the_order_of_calendars_nor_a_split_of_their_blocks_matters() {
        let mut random = Random(11);
        for _ in 0..5000 {
            let (working, one, two) = (random.set(), random.set(), random.set());
            let split: Vec<CalendarDay> = one
                .ranges()
                .iter()
                .chain(two.ranges())
                .map(|range| known(&Set::from_iter([*range]).to_string()))
                .collect();
            let forward = [known(&one.to_string()), known(&two.to_string())];
            let backward = [known(&two.to_string()), known(&one.to_string())];
            let day = of_day(&working, &forward, Rules::default());
            assert_eq!(day, of_day(&working, &backward, Rules::default()));
            if !split.is_empty() {
                let parts = of_day(&working, &split, Rules::default());
                assert_eq!(day.usable_minutes, parts.usable_minutes);
                assert_eq!(day.actions_per_day, parts.actions_per_day);
            }
        }
    }
}
