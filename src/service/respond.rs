//! Answers, with the headers that every one of them has.

use serde::Serialize;
use url::form_urlencoded;

use super::log::LogLine;
use crate::error::{Code, Failure};
use crate::http::Response;
use crate::json;

fn response(status: u16, body: Option<String>, log: &LogLine) -> Response {
    let mut headers = Vec::with_capacity(10);
    headers.push(("x-request-id", log.request_id.clone().into()));
    headers.push(("cache-control", "no-store".into()));
    headers.push(("referrer-policy", "no-referrer".into()));
    headers.push(("x-content-type-options", "nosniff".into()));
    if body.is_some() {
        headers.push(("content-type", "application/json".into()));
    }
    Response {
        status,
        headers,
        body,
    }
}

pub(super) fn empty(log: &LogLine) -> Response {
    response(204, None, log)
}

pub(super) fn json(body: String, log: &LogLine) -> Response {
    response(200, Some(body), log)
}

pub(super) fn redirect(location: String, log: &LogLine) -> Response {
    let mut response = response(303, None, log);
    response.headers.push(("location", location.into()));
    response
}

pub(super) fn failure(failure: &Failure, log: &mut LogLine) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        code: &'a str,
        message: &'a str,
        request_id: &'a str,
    }
    log.fail(failure);
    let body = Body {
        code: failure.code.as_str(),
        message: &failure.message,
        request_id: &log.request_id,
    };
    let body = json::write(&body).unwrap_or_default();
    let mut response = response(failure.code.status(), Some(body), log);
    if let Some(seconds) = failure.retry_after {
        response
            .headers
            .push(("retry-after", seconds.to_string().into()));
    }
    if let Some(allow) = failure.allow {
        response.headers.push(("allow", allow.into()));
    }
    response
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    json::write(value).ok_or_else(|| {
        Failure::new(
            Code::Internal,
            "The answer could not be written; try again.",
        )
    })
}

/// The configured URL with parameters added to the query it may have.
pub(super) fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut location = String::with_capacity(url.len() + 64);
    location.push_str(url);
    location.push(if url.contains('?') { '&' } else { '?' });
    let start = location.len();
    form_urlencoded::Serializer::for_suffix(location, start)
        .extend_pairs(parameters)
        .finish()
}
