//! Cross-origin access, for the pages of the configured origins only; never `*`, never credentials.

use crate::http::{Incoming, Response};

/// What supabase-js and browsers' tracing send along.
const REQUEST_HEADERS: &str = "authorization, apikey, content-type, x-client-info, x-region, \
    x-retry-count, x-supabase-api-version, traceparent, tracestate, baggage";

pub(super) fn allow(origins: &[String], request: &impl Incoming, response: &mut Response) {
    let Some(origin) = request.header("origin") else {
        return;
    };
    response.headers.push(("vary", "Origin".into()));
    let Some(allowed) = origins.iter().find(|it| **it == *origin) else {
        return;
    };
    response
        .headers
        .push(("access-control-allow-origin", allowed.clone().into()));
    if request.method() == "OPTIONS" {
        response
            .headers
            .push(("access-control-allow-methods", "GET, POST, DELETE".into()));
        response
            .headers
            .push(("access-control-allow-headers", REQUEST_HEADERS.into()));
        response
            .headers
            .push(("access-control-max-age", "600".into()));
    } else {
        response.headers.push((
            "access-control-expose-headers",
            "x-request-id, retry-after".into(),
        ));
    }
}
