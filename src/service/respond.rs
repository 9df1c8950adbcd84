//! Answers, with the headers that every one of them has.

use serde::Serialize;
use url::form_urlencoded;

use super::Outcome;
use super::log::Facts;
use crate::error::{Code, Failure};
use crate::http::Response;
use crate::json;

/// The answer that an outcome makes; a failure's is kept with the facts.
pub(super) fn response(outcome: Outcome, request_id: &str, facts: &mut Facts) -> Response {
    match outcome {
        Outcome::Empty => answer(204, None, request_id),
        #[cfg(feature = "sync")]
        Outcome::Accepted => answer(202, Some("{}".to_owned()), request_id),
        Outcome::Json(body) => answer(200, Some(body), request_id),
        Outcome::Redirect(location) => {
            let mut response = answer(303, None, request_id);
            response.headers.push(("location", location.into()));
            response
        }
        Outcome::Failed(failure) => {
            let response = refusal(&failure, request_id);
            facts.failure = Some(failure);
            response
        }
    }
}

fn answer(status: u16, body: Option<String>, request_id: &str) -> Response {
    let mut headers = Vec::with_capacity(10);
    headers.push(("x-request-id", request_id.to_owned().into()));
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

fn refusal(failure: &Failure, request_id: &str) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        code: &'a str,
        message: &'a str,
        request_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_label: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        actual_label: Option<Option<&'a str>>,
    }
    let accounts = failure.accounts.as_deref();
    let body = Body {
        code: failure.code.as_str(),
        message: &failure.message,
        request_id,
        expected_label: accounts.map(|accounts| accounts.expected_label.as_deref()),
        actual_label: accounts.map(|accounts| accounts.actual_label.as_deref()),
    };
    let body = json::write(&body).unwrap_or_default();
    let mut response = answer(failure.code.status(), Some(body), request_id);
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
