//! What the worker tells the database about an item it claimed. Every time is a number of seconds: the database's clock
//! alone decides when something is due.

use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};

use crate::reading::{Busy, CalendarFault, Listed};
use crate::reason::Reason;

/// How a failure is treated: who has to act, and so when it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// Nobody: the network or the provider failed.
    Transient,
    /// Nobody: the provider asked for a pause.
    Throttled,
    /// The operator of this deployment.
    Operator,
    /// The administrator of the user's organisation.
    Admin,
    /// The user.
    User,
    /// Nobody can: a sealed value does not open.
    Sealed,
}

/// One item's outcome.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Settlement<'a> {
    /// New tokens, kept unless somebody has saved other ones meanwhile.
    Tokens {
        connection: &'a str,
        token_version: u32,
        sealed_access_token: String,
        /// `None` keeps the one that is there.
        sealed_refresh_token: Option<String>,
        expires_in: u32,
        grant_expires_in: Option<u32>,
    },
    /// The calendars were read.
    Read {
        connection: &'a str,
        fence: u32,
        /// The account under which the connection's envelopes opened.
        account: Option<&'a str>,
        /// The account's address, where the connection has none yet.
        label: Option<String>,
        #[serde(serialize_with = "write_listed")]
        listed: Option<Vec<Listed>>,
        #[serde(serialize_with = "write_calendars")]
        calendars: Vec<CalendarRead>,
        refreshed: bool,
    },
    /// The connection could not be read.
    Failed {
        connection: &'a str,
        fence: u32,
        class: Class,
        #[serde(serialize_with = "write_reason")]
        reason: Reason,
        retry_after: Option<u32>,
    },
    /// The lease is given back and nothing else changes.
    Release { connection: &'a str, fence: u32 },
}

/// What was read of one calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CalendarRead {
    pub(crate) id: String,
    pub(crate) read: Result<Busy, CalendarFault>,
    /// The minute up to which the answer reaches, where it does not reach to the window's end.
    pub(crate) until: Option<i32>,
}

fn write_reason<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.as_str())
}

fn write_listed<S: Serializer>(
    list: &Option<Vec<Listed>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Item<'a> {
        id: &'a str,
        name: &'a str,
        time_zone: Option<&'a str>,
        primary: bool,
    }
    let Some(list) = list else {
        return serializer.serialize_none();
    };
    serializer.collect_seq(list.iter().map(|item| Item {
        id: &item.id,
        name: &item.name,
        time_zone: item.time_zone.as_deref(),
        primary: item.is_primary,
    }))
}

fn write_calendars<S: Serializer>(list: &[CalendarRead], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Known<'a> {
        id: &'a str,
        busy: String,
        days: Vec<[&'a str; 2]>,
        until: Option<i32>,
    }
    #[derive(Serialize)]
    struct Faulty<'a> {
        id: &'a str,
        fault: &'static str,
    }
    let mut items = serializer.serialize_seq(Some(list.len()))?;
    for calendar in list {
        match &calendar.read {
            Ok(busy) => items.serialize_element(&Known {
                id: &calendar.id,
                busy: busy.minutes.to_string(),
                days: busy
                    .days
                    .iter()
                    .map(|(first, after)| [first.as_str(), after.as_str()])
                    .collect(),
                until: calendar.until,
            })?,
            Err(fault) => items.serialize_element(&Faulty {
                id: &calendar.id,
                fault: match fault {
                    CalendarFault::Gone => "gone",
                    CalendarFault::Unknown => "unknown",
                },
            })?,
        }
    }
    items.end()
}
