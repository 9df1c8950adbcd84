//! Microsoft Graph v1.0: calendar views and the list of calendars, for work and personal accounts alike (`getSchedule`
//! does not work for personal ones).
//!
//! Sources: <https://learn.microsoft.com/graph/api/calendar-list-calendarview>,
//! <https://learn.microsoft.com/graph/api/user-list-calendars>, <https://learn.microsoft.com/graph/errors>,
//! <https://learn.microsoft.com/graph/paging>.

use url::{Url, form_urlencoded};

use super::{
    ApiRequest, Busy, ErrorTable, INTERVALS, Listed, Page, ReadError, Window, accept, display_name,
    member, objects, path_segment, usable_id,
};
use crate::http::{Method, OutboundResponse};
use crate::json::{Object, Value};
use crate::minutes::{Date, Instant, Range};

/// Pages of one calendar's view that are read; what lies behind them is unknown.
pub(crate) const PAGES: usize = 10;

/// Times come back in UTC, and all-day events from midnight to midnight.
const HEADERS: &str = "accept: application/json\nprefer: outlook.timezone=\"UTC\"\n";

const ERRORS: &ErrorTable = &[
    ("TooManyRequests", throttled),
    ("ApplicationThrottled", throttled),
    ("activityLimitReached", throttled),
    ("MailboxNotEnabledForRESTAPI", |_| ReadError::NoMailbox),
    ("MailboxNotSupportedForRESTAPI", |_| ReadError::NoMailbox),
    ("ErrorItemNotFound", |_| ReadError::Gone),
    ("ErrorFolderNotFound", |_| ReadError::Gone),
    ("ErrorAccessDenied", |_| ReadError::ScopeMissing),
    ("Authorization_RequestDenied", |_| ReadError::ScopeMissing),
    ("accessDenied", |_| ReadError::AdminBlocked),
];

const fn throttled(retry_after: Option<u32>) -> ReadError {
    ReadError::Throttled { retry_after }
}

/// The busy times of the calendar `id`, or of the account's default calendar; `None` where the id cannot stand in a URL.
pub(crate) fn calendar_view(id: Option<&str>, window: &Window) -> Option<ApiRequest> {
    let path = match id {
        None => "/me/calendar/calendarView?".to_owned(),
        Some(id) => format!("/me/calendars/{}/calendarView?", path_segment(id)?),
    };
    let start = path.len();
    let path = form_urlencoded::Serializer::for_suffix(path, start)
        .append_pair("startDateTime", &window.from)
        .append_pair("endDateTime", &window.until)
        .append_pair(
            "$select",
            "start,end,showAs,isAllDay,isCancelled,responseStatus",
        )
        .append_pair("$orderby", "start/dateTime")
        .append_pair("$top", "100")
        .finish();
    Some(get(path))
}

/// One page of a calendar's view, added to `busy`; `tentative` says whether tentative events count as busy. The next page
/// is asked for only at the configured API: a link to anywhere else would carry the access token there.
pub(crate) fn judge_calendar_view(
    answer: &OutboundResponse,
    api_url: &str,
    window: &Window,
    tentative: bool,
) -> Result<Page<Busy>, ReadError> {
    let mut body = accept(answer, ERRORS, error_words)?;
    let Value::List(list) = body.take("value") else {
        return Err(ReadError::Malformed);
    };
    if list.len() > INTERVALS {
        return Err(ReadError::Malformed);
    }
    let (mut ranges, mut days) = (Vec::new(), Vec::new());
    for mut event in objects(list)? {
        if !is_busy(&mut event, tentative)? {
            continue;
        }
        let is_all_day = event
            .boolean("isAllDay")
            .map_err(|_| ReadError::Malformed)?
            == Some(true);
        let (start, end) = (
            date_time(&mut event, "start")?,
            date_time(&mut event, "end")?,
        );
        if is_all_day {
            let date = |text| Date::of(text).ok_or(ReadError::Malformed);
            let (first, after) = (date(&start)?, date(&end)?);
            if first < after {
                days.push((first, after));
            }
        } else {
            let instant = |text| Instant::parse_utc(text).ok_or(ReadError::Malformed);
            let range = Range::around(instant(&start)?, instant(&end)?);
            ranges.extend(range.and_then(|range| range.within(window.range())));
        }
    }
    Ok(Page {
        items: Busy {
            minutes: ranges.into_iter().collect(),
            days,
        },
        next: next_page(&mut body, api_url)?,
    })
}

/// Whether an event takes the person's time. What is not understood does.
fn is_busy(event: &mut Object<'_>, tentative: bool) -> Result<bool, ReadError> {
    let malformed = |_| ReadError::Malformed;
    if event.boolean("isCancelled").map_err(malformed)? == Some(true) {
        return Ok(false);
    }
    let response = member(event, "responseStatus")
        .and_then(|mut status| status.plain_text("response").ok().flatten());
    if response.as_deref() == Some("declined") {
        return Ok(false);
    }
    let shown = event.plain_text("showAs").map_err(malformed)?;
    Ok(match shown.as_deref() {
        Some("free" | "workingElsewhere") => false,
        Some("tentative") => tentative,
        _ => true,
    })
}

/// The `dateTime` of a `dateTimeTimeZone` that must be in UTC, as was asked for.
fn date_time(event: &mut Object<'_>, name: &str) -> Result<String, ReadError> {
    let mut value = member(event, name).ok_or(ReadError::Malformed)?;
    let zone = value.text("timeZone").map_err(|_| ReadError::Malformed)?;
    if zone.is_some_and(|zone| &*zone != "UTC") {
        return Err(ReadError::Malformed);
    }
    value
        .plain_text("dateTime")
        .ok()
        .flatten()
        .ok_or(ReadError::Malformed)
}

/// The first page of the account's calendars.
pub(crate) fn calendars() -> ApiRequest {
    get("/me/calendars?%24select=id,name,isDefaultCalendar,owner&%24top=50".to_owned())
}

/// One page of the account's calendars. Graph tells no time zone under `Calendars.Read`.
pub(crate) fn judge_calendars(
    answer: &OutboundResponse,
    api_url: &str,
) -> Result<Page<Vec<Listed>>, ReadError> {
    let malformed = |_| ReadError::Malformed;
    let mut body = accept(answer, ERRORS, error_words)?;
    let Value::List(list) = body.take("value") else {
        return Err(ReadError::Malformed);
    };
    let mut items = Vec::new();
    for mut item in objects(list)? {
        let id = item.plain_text("id").map_err(malformed)?;
        let Some(id) = id.filter(|id| usable_id(id)) else {
            continue;
        };
        let name = item.plain_text("name").map_err(malformed)?;
        let is_primary = item.boolean("isDefaultCalendar").map_err(malformed)? == Some(true);
        let owner = member(&mut item, "owner").filter(|_| is_primary);
        items.push(Listed {
            name: display_name(name.as_deref().unwrap_or(&id)),
            time_zone: None,
            is_primary,
            owner: owner.and_then(|mut owner| owner.plain_text("address").ok().flatten()),
            id,
        });
    }
    Ok(Page {
        items,
        next: next_page(&mut body, api_url)?,
    })
}

fn get(path: String) -> ApiRequest {
    ApiRequest {
        method: Method::Get,
        path,
        headers: HEADERS,
        body: None,
    }
}

/// The request for `@odata.nextLink`, if there is one.
fn next_page(body: &mut Object<'_>, api_url: &str) -> Result<Option<ApiRequest>, ReadError> {
    let link = body
        .plain_text("@odata.nextLink")
        .map_err(|_| ReadError::Malformed)?;
    match link {
        None => Ok(None),
        Some(link) => match path_below(&link, api_url) {
            Some(path) => Ok(Some(get(path.to_owned()))),
            None => Err(ReadError::Malformed),
        },
    }
}

/// The path and query of a link that leads to the API at `api_url`: the same origin, no credentials, and a path below the
/// API's, both as text and as a URL parser reads it.
fn path_below<'a>(link: &'a str, api_url: &str) -> Option<&'a str> {
    let (parsed, api) = (Url::parse(link).ok()?, Url::parse(api_url).ok()?);
    let folder = format!("{}/", api.path().trim_end_matches('/'));
    let path = link.strip_prefix(api_url)?;
    let is_below = path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && parsed.origin() == api.origin()
        && parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.path().starts_with(&folder);
    is_below.then_some(path)
}

/// `error.code` and the codes of the errors inside it, the outermost first.
fn error_words(mut body: Object<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let mut error = member(&mut body, "error");
    while let Some(mut current) = error {
        words.extend(current.plain_text("code").ok().flatten());
        error = member(&mut current, "innerError").or(member(&mut current, "innererror"));
    }
    words
}
