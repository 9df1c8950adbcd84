//! Cross-origin access, for the pages of the configured origins only; never `*`, never credentials.

use crate::config::Config;
use crate::http::{Incoming, Response};

/// What supabase-js and browsers' tracing send along.
const REQUEST_HEADERS: &str = "authorization, apikey, content-type, x-client-info, x-region, \
    x-retry-count, x-supabase-api-version, traceparent, tracestate, baggage";

pub(super) fn allow(config: &Config, request: &impl Incoming, response: &mut Response) {
    let Some(origin) = request.header("origin") else {
        return;
    };
    response.headers.push(("vary", "Origin".to_owned()));
    if !config.allowed_origins.contains(&origin) {
        return;
    }
    response
        .headers
        .push(("access-control-allow-origin", origin));
    if request.method() == "OPTIONS" {
        response.headers.push((
            "access-control-allow-methods",
            "GET, POST, DELETE".to_owned(),
        ));
        response
            .headers
            .push(("access-control-allow-headers", REQUEST_HEADERS.to_owned()));
        response
            .headers
            .push(("access-control-max-age", "600".to_owned()));
    } else {
        response.headers.push((
            "access-control-expose-headers",
            "x-request-id, retry-after".to_owned(),
        ));
    }
}
