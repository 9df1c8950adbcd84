//! Google Calendar API v3: free/busy and the list of calendars.
//!
//! Sources: <https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query>,
//! <https://developers.google.com/workspace/calendar/api/v3/reference/calendarList/list>,
//! <https://developers.google.com/workspace/calendar/api/guides/errors>.

use serde::Serialize;
use url::form_urlencoded;

use super::{
    ApiRequest, Busy, CalendarFault, ErrorTable, INTERVALS, LISTED_CALENDARS, Listed, Page,
    ReadError, Window, accept, display_name, member, objects, usable_id,
};
use crate::cause::Cause;
use crate::http::{Method, OutboundResponse};
use crate::json::{self, Object, Value};
use crate::minutes::{Instant, Range};

/// Calendars that one free/busy query may name (`calendarExpansionMax`).
pub(crate) const QUERIED_CALENDARS: usize = 50;

const JSON: &str = "content-type: application/json\naccept: application/json\n";
const ACCEPT: &str = "accept: application/json\n";

const ERRORS: &ErrorTable = &[
    ("rateLimitExceeded", throttled),
    ("userRateLimitExceeded", throttled),
    ("quotaExceeded", throttled),
    ("dailyLimitExceeded", throttled),
    ("insufficientPermissions", |_| ReadError::ScopeMissing),
    ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", |_| {
        ReadError::ScopeMissing
    }),
    ("accessNotConfigured", |_| {
        ReadError::Operator(Cause::API_NOT_ENABLED)
    }),
    ("SERVICE_DISABLED", |_| {
        ReadError::Operator(Cause::API_NOT_ENABLED)
    }),
    ("notACalendarUser", |_| ReadError::AccountUnusable),
    ("domainPolicy", |_| ReadError::AdminBlocked),
];

const fn throttled(retry_after: Option<u32>) -> ReadError {
    ReadError::Throttled { retry_after }
}

/// One query for the busy times of up to [`QUERIED_CALENDARS`] calendars.
pub(crate) fn free_busy(window: &Window, calendars: &[&str]) -> Option<ApiRequest> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Query<'a> {
        time_min: &'a str,
        time_max: &'a str,
        time_zone: &'static str,
        calendar_expansion_max: usize,
        items: Vec<Item<'a>>,
    }
    #[derive(Serialize)]
    struct Item<'a> {
        id: &'a str,
    }
    let items = calendars.iter().map(|id| Item { id }).collect();
    Some(ApiRequest {
        method: Method::Post,
        path: "/calendar/v3/freeBusy?fields=calendars".to_owned(),
        headers: JSON,
        body: Some(json::write(&Query {
            time_min: &window.from,
            time_max: &window.until,
            time_zone: "UTC",
            calendar_expansion_max: QUERIED_CALENDARS,
            items,
        })?),
    })
}

/// What is known of each calendar that was asked for, in the same order. One that the answer leaves out, or for which it
/// carries `errors` (inside a 200), is unknown: it is never free.
pub(crate) fn judge_free_busy(
    answer: &OutboundResponse,
    window: &Window,
    calendars: &[&str],
) -> Result<Vec<Result<Busy, CalendarFault>>, ReadError> {
    let mut body = accept(answer, ERRORS, error_words)?;
    let mut found = member(&mut body, "calendars").ok_or(ReadError::Malformed)?;
    calendars
        .iter()
        .map(|id| match found.take(id) {
            Value::Null => Ok(Err(CalendarFault::Unknown)),
            Value::Object(calendar) => busy_of(calendar, window),
            _ => Err(ReadError::Malformed),
        })
        .collect()
}

fn busy_of(
    mut calendar: Object<'_>,
    window: &Window,
) -> Result<Result<Busy, CalendarFault>, ReadError> {
    let errors = objects(calendar.list("errors").map_err(|_| ReadError::Malformed)?)?;
    if !errors.is_empty() {
        let mut reasons = errors
            .into_iter()
            .map(|mut error| error.plain_text("reason").ok().flatten());
        let is_gone = reasons.any(|reason| reason.as_deref() == Some("notFound"));
        return Ok(Err(if is_gone {
            CalendarFault::Gone
        } else {
            CalendarFault::Unknown
        }));
    }
    // No `busy` is no answer: an empty list is what says that the calendar is free.
    let Value::List(list) = calendar.take("busy") else {
        return Ok(Err(CalendarFault::Unknown));
    };
    if list.len() > INTERVALS {
        return Err(ReadError::Malformed);
    }
    let mut ranges = Vec::with_capacity(list.len());
    for mut interval in objects(list)? {
        let mut instant = |name| {
            let text = interval.text(name).ok().flatten();
            text.and_then(|text| Instant::parse(&text))
                .ok_or(ReadError::Malformed)
        };
        let (start, end) = (instant("start")?, instant("end")?);
        // A reversed or empty interval is no time.
        let range = Range::around(start, end);
        ranges.extend(range.and_then(|range| range.within(window.range())));
    }
    Ok(Ok(Busy {
        minutes: ranges.into_iter().collect(),
        days: Vec::new(),
    }))
}

/// The first page of the account's calendars, or the one after `page_token`.
pub(crate) fn calendar_list(page_token: Option<&str>) -> ApiRequest {
    let mut path = format!(
        "/calendar/v3/users/me/calendarList?minAccessRole=freeBusyReader&maxResults={LISTED_CALENDARS}\
         &fields=nextPageToken,items(id,summary,summaryOverride,timeZone,primary,deleted)"
    );
    if let Some(token) = page_token {
        path.push_str("&pageToken=");
        path.extend(form_urlencoded::byte_serialize(token.as_bytes()));
    }
    ApiRequest {
        method: Method::Get,
        path,
        headers: ACCEPT,
        body: None,
    }
}

/// One page of the account's calendars. Deleted ones, and ones whose id cannot be stored, are left out.
pub(crate) fn judge_calendar_list(
    answer: &OutboundResponse,
) -> Result<Page<Vec<Listed>>, ReadError> {
    let malformed = |_| ReadError::Malformed;
    let mut body = accept(answer, ERRORS, error_words)?;
    let mut items = Vec::new();
    for mut item in objects(body.list("items").map_err(malformed)?)? {
        let is_deleted = item.boolean("deleted").map_err(malformed)? == Some(true);
        let id = item.plain_text("id").map_err(malformed)?;
        let Some(id) = id.filter(|id| !is_deleted && usable_id(id)) else {
            continue;
        };
        let own = item.plain_text("summaryOverride").map_err(malformed)?;
        let name = own.or(item.plain_text("summary").map_err(malformed)?);
        let is_primary = item.boolean("primary").map_err(malformed)? == Some(true);
        items.push(Listed {
            name: display_name(name.as_deref().unwrap_or(&id)),
            time_zone: item.plain_text("timeZone").map_err(malformed)?,
            is_primary,
            // The id of the primary calendar is the account's address.
            owner: is_primary.then(|| id.clone()),
            id,
        });
    }
    let token = body.text("nextPageToken").map_err(malformed)?;
    Ok(Page {
        items,
        next: token.map(|token| calendar_list(Some(&token))),
    })
}

/// `error.errors[].reason` and `error.details[].reason`.
fn error_words(mut body: Object<'_>) -> Vec<String> {
    let Some(mut error) = member(&mut body, "error") else {
        return Vec::new();
    };
    ["errors", "details"]
        .into_iter()
        .flat_map(|name| error.list(name).unwrap_or_default())
        .filter_map(|item| match item {
            Value::Object(mut item) => item.plain_text("reason").ok().flatten(),
            _ => None,
        })
        .collect()
}
