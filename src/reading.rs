//! Reading calendars: requests to the providers' calendar APIs, and what their answers mean.
//!
//! Like [`crate::oauth`], each step is a pair of plain functions: one builds the request, the other judges the answer.
//! Nothing here keeps a title, a person, a place or the id of an event.

pub(crate) mod google;
pub(crate) mod microsoft;

use crate::cause::Cause;
use crate::http::{Method, OutboundResponse, TransportError};
use crate::json::{self, Object, Value};
use crate::minutes::{Date, Instant, Range, Set};

/// Calendars that one list may hold; further ones are left out.
pub(crate) const LISTED_CALENDARS: usize = 250;
/// Busy intervals that one calendar may have in the window; an answer with more is malformed.
const INTERVALS: usize = 2000;
/// Longest id of a calendar in bytes; the database's column has the same limit.
const ID_LIMIT: usize = 1024;
/// Longest name of a calendar in characters; a longer one is cut.
const NAME_LIMIT: usize = 200;

/// A request to a calendar API, without its access token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiRequest {
    pub(crate) method: Method,
    /// Path and query below the API's configured address; begins with a slash.
    pub(crate) path: String,
    /// `name: value` lines, each ended by a newline.
    pub(crate) headers: &'static str,
    pub(crate) body: Option<String>,
}

/// The time that is read, as the database chose it: RFC 3339 in UTC.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) from: String,
    pub(crate) until: String,
    range: Range,
}

impl Window {
    /// The window, or `None` where the texts are no instants in order.
    pub(crate) fn parse(from: &str, until: &str) -> Option<Self> {
        Some(Self {
            from: from.to_owned(),
            until: until.to_owned(),
            range: Range::around(Instant::parse(from)?, Instant::parse(until)?)?,
        })
    }

    pub(crate) const fn range(&self) -> Range {
        self.range
    }
}

/// What was read of one calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Busy {
    /// Busy minutes within the window.
    pub(crate) minutes: Set,
    /// Busy whole days, from the first date to the one after the last. They belong to no time zone: they become minutes
    /// only where the user's own zone is known.
    pub(crate) days: Vec<(Date, Date)>,
}

impl Busy {
    /// Adds what another page holds.
    pub(crate) fn add(&mut self, other: Self) {
        let ranges = self.minutes.ranges().iter().chain(other.minutes.ranges());
        self.minutes = ranges.copied().collect();
        self.days.extend(other.days);
    }
}

/// Why nothing is known of one calendar. It is never read as free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CalendarFault {
    /// The calendar is gone, or no longer shared with the account.
    Gone,
    /// The provider could not say.
    Unknown,
}

/// A calendar of the account, as the provider lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The IANA name, where the provider tells it.
    pub(crate) time_zone: Option<String>,
    pub(crate) is_primary: bool,
    /// The account's address, where the calendar is the account's own and the provider tells it.
    pub(crate) owner: Option<String>,
}

/// One page of a list, and where the next one is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: T,
    pub(crate) next: Option<ApiRequest>,
}

/// Why a request to a calendar API has no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// 401: the access token is no longer accepted; refresh once and ask again.
    TokenRefused,
    /// The provider asks for a pause.
    Throttled {
        /// Seconds it asked to wait.
        retry_after: Option<u32>,
    },
    /// The grant lacks the calendar.
    ScopeMissing,
    /// The account's administrator does not allow it.
    AdminBlocked,
    /// The account has no calendar that can be read.
    AccountUnusable,
    /// The account has no mailbox.
    NoMailbox,
    /// The operator has to act, for example by enabling the API; a word of a closed set for their log.
    Operator(Cause),
    /// This calendar is gone.
    Gone,
    /// The provider failed, or could not be reached.
    Unavailable {
        /// Seconds it asked to wait.
        retry_after: Option<u32>,
    },
    /// A success whose body is not what the documentation promises.
    Malformed,
}

impl From<TransportError> for ReadError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge => Self::Malformed,
            TransportError::Timeout | TransportError::Network => {
                Self::Unavailable { retry_after: None }
            }
        }
    }
}

/// What a provider's error words mean, the first match counts.
type ErrorTable = [(&'static str, fn(Option<u32>) -> ReadError)];

/// The body of a success, or what the refusal means: by the words in its body where the table knows one, else by status.
fn accept<'a>(
    answer: &'a OutboundResponse,
    table: &ErrorTable,
    words: impl FnOnce(Object<'_>) -> Vec<String>,
) -> Result<Object<'a>, ReadError> {
    let pause = answer.pause();
    match answer.status {
        200 => json::object(&answer.body).ok_or(ReadError::Malformed),
        401 => Err(ReadError::TokenRefused),
        status => {
            let named = json::object(&answer.body).map(words).unwrap_or_default();
            let known = named
                .iter()
                .find_map(|word| table.iter().find(|(known, _)| known == word));
            Err(match (known, status) {
                (Some((_, meaning)), _) => meaning(pause),
                (None, 429) => ReadError::Throttled { retry_after: pause },
                (None, 404 | 410) => ReadError::Gone,
                // What is not understood is tried again, and flips nobody.
                (None, _) => ReadError::Unavailable { retry_after: pause },
            })
        }
    }
}

/// An object's member that is an object.
fn member<'a>(object: &mut Object<'a>, name: &str) -> Option<Object<'a>> {
    match object.take(name) {
        Value::Object(member) => Some(member),
        _ => None,
    }
}

/// A list's items, all of which must be objects.
fn objects(list: Vec<Value<'_>>) -> Result<Vec<Object<'_>>, ReadError> {
    list.into_iter()
        .map(|value| match value {
            Value::Object(object) => Ok(object),
            _ => Err(ReadError::Malformed),
        })
        .collect()
}

/// A calendar's id that can be stored and asked for.
fn usable_id(id: &str) -> bool {
    (1..=ID_LIMIT).contains(&id.len()) && !id.chars().any(char::is_control)
}

/// A name for people: without control characters, and not longer than a column holds.
fn display_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(NAME_LIMIT)
        .collect()
}

/// `segment` percent-encoded as one segment of a URL's path (RFC 3986 §3.3), or `None` where a server could take it for
/// more or less than that.
fn path_segment(segment: &str) -> Option<String> {
    if !usable_id(segment) || matches!(segment, "." | "..") {
        return None;
    }
    let mut encoded = String::with_capacity(segment.len() + 16);
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(encoded)
}

#[cfg(test)]
mod tests;
