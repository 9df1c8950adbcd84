//! How many actions a user has room for on a day.

use serde::Serialize;

/// A user's capacity on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// The level's name; `default` until calendars decide.
    pub level: &'static str,
    /// Actions that fit into the day.
    pub actions_per_day: u32,
    /// Where the figure comes from; `fallback` while no calendar is read.
    pub source: &'static str,
}

/// The capacity while no calendar is read: 6 actions a day.
pub const FALLBACK: Capacity = Capacity {
    level: "default",
    actions_per_day: 6,
    source: "fallback",
};

/// The capacity of `user_id` on `date` (`YYYY-MM-DD`, in the user's own time zone), which is asked for only when needed.
///
/// TODO(dynamic capacity): read free/busy here (Google `freebusy.query`, Microsoft Graph
/// `calendarView`) and answer with another `source`. Async already, so that callers need not change when it does.
pub async fn for_date(_user_id: &str, _date: impl FnOnce() -> String) -> Capacity {
    FALLBACK
}
