//! The conditions at the edges of the function: each of these fails if one of them is taken out.

use super::memory::*;
use crate::config::tests::complete;
use crate::http::BodyError;

const CALLBACK: &str =
    "/calendar/callback/google?code=fake-code&state=SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";

#[test]
fn a_preflight_allows_what_supabase_js_sends_and_tells_how_long_it_holds() {
    let call = Call::new("OPTIONS", "/calendar/status").header("origin", "https://app.example");
    let handled = handle(&call, &Memory::default());
    assert_eq!(handled.response.status, 204);
    assert_eq!(handled.response.body, None);
    for (name, value) in [
        ("access-control-allow-methods", "GET, POST, DELETE"),
        (
            "access-control-allow-headers",
            "authorization, apikey, content-type, x-client-info, x-region, x-retry-count, \
             x-supabase-api-version, traceparent, tracestate, baggage",
        ),
        ("access-control-max-age", "600"),
        ("vary", "Origin"),
    ] {
        assert_eq!(header(&handled, name), Some(value));
    }
    for absent in ["access-control-expose-headers", "content-type"] {
        assert_eq!(header(&handled, absent), None);
    }
}

#[test]
fn an_answer_depends_on_the_origin_for_caches_only_where_there_is_one() {
    let foreign = Call::new("GET", "/calendar/health").header("origin", "https://evil.example");
    let handled = handle(&foreign, &Memory::default());
    assert_eq!(header(&handled, "vary"), Some("Origin"));
    assert_eq!(header(&handled, "access-control-expose-headers"), None);
    let handled = handle(&Call::new("GET", "/calendar/health"), &Memory::default());
    assert_eq!(header(&handled, "vary"), None);
}

#[test]
fn a_browser_without_fetch_metadata_navigates_by_what_it_accepts() {
    let accept = |text: &str| {
        Call::new("GET", "/calendar/connect/google")
            .with_cookie()
            .header("accept", text)
    };
    let memory = Memory::answering([(200, opened_state(None).as_str())]);
    let started = handle(
        &accept("text/html,application/xhtml+xml,*/*;q=0.8"),
        &memory,
    );
    assert_eq!(started.response.status, 303);
    for refused in [
        accept("application/json"),
        accept("text/html").header("sec-fetch-mode", "cors"),
        accept("text/html").header("sec-fetch-dest", "document"),
        accept("text/html").header("sec-fetch-site", "same-origin"),
        accept("text/html").header("purpose", "prefetch"),
        accept("text/html").header("sec-purpose", "prefetch;prerender"),
    ] {
        let handled = handle(&refused, &Memory::default());
        assert_eq!(handled.response.status, 401);
    }
}

#[test]
fn only_a_top_level_navigation_finishes_by_cookie() {
    for (name, value) in [
        ("sec-fetch-dest", "iframe"),
        ("sec-fetch-mode", "no-cors"),
        ("purpose", "prefetch"),
    ] {
        let call = Call::new("GET", CALLBACK)
            .with_cookie()
            .navigating("cross-site")
            .header(name, value);
        let handled = handle(&call, &Memory::default());
        let location = header(&handled, "location").unwrap();
        assert!(location.contains("#calendar_provider=google"), "{name}");
    }
}

#[test]
fn every_route_refuses_a_query_over_its_limit() {
    let long = format!("x={}", "y".repeat(8192));
    for (method, path) in [
        ("POST", "/calendar/connect/google"),
        ("GET", "/calendar/connect/google"),
        ("POST", "/calendar/callback/google"),
        ("GET", "/calendar/status"),
        ("DELETE", "/calendar/disconnect"),
        ("GET", "/calendar/health"),
    ] {
        let call = Call::new(method, format!("{path}?{long}")).signed_in();
        let handled = handle(&call, &Memory::default());
        assert_eq!(code(&handled), (400, "invalid_request".into()), "{path}");
        assert_eq!(handled.log.cause.unwrap().as_str(), "query_too_long");
    }
    let redirected = handle(
        &Call::new("GET", format!("{CALLBACK}&{long}")),
        &Memory::default(),
    );
    let location = header(&redirected, "location").unwrap();
    assert!(location.contains("reason=invalid_request"), "{location}");
    let longest = format!("/calendar/health?{}", "y".repeat(8192));
    let handled = handle(&Call::new("GET", longest), &Memory::default());
    assert_eq!(handled.response.status, 200);
}

#[test]
fn a_body_that_broke_off_is_not_one_that_is_too_large() {
    let mut call = post_callback();
    call.broken = Some(BodyError::Unreadable);
    let handled = handle(&call, &Memory::default());
    assert_eq!(code(&handled), (400, "invalid_request".into()));
    assert_eq!(handled.log.cause.unwrap().as_str(), "body_unreadable");
}

#[test]
fn a_settings_url_keeps_its_query() {
    let mut env = complete();
    let settings = "https://app.example/app/settings?tab=calendar";
    env.insert("CALENDAR_SETTINGS_URL", settings.to_owned());
    let call = Call::new("GET", CALLBACK).with_cookie();
    let refused = call.clone().navigating("cross-site");
    let home = handle_with(&env, &refused, &Memory::answering([(200, "null")]));
    assert_eq!(
        header(&home, "location"),
        Some(format!("{settings}&connected=error&reason=invalid_state&provider=google").as_str())
    );
    let relayed = handle_with(&env, &call, &Memory::default());
    assert!(
        header(&relayed, "location")
            .unwrap()
            .starts_with(&format!("{settings}#calendar_provider="))
    );
}

#[test]
fn the_log_counts_the_time_and_names_no_method_of_a_callers_own() {
    let mut memory = Memory::answering([(200, standing(&[]).as_str())]);
    memory.delay_ms = 250;
    let call = Call::new("GET", "/calendar/status").signed_in();
    assert_eq!(handle(&call, &memory).log.ms, 250);
    for (method, logged) in [
        ("GET", "GET"),
        ("HEAD", "HEAD"),
        ("OPTIONS", "OPTIONS"),
        ("PATCH", "PATCH"),
        ("SECRET-METHOD", "other"),
        ("get", "other"),
    ] {
        let handled = handle(&Call::new(method, "/calendar/health"), &Memory::default());
        assert_eq!(handled.log.method, logged);
    }
}

#[test]
fn the_detail_of_the_log_is_for_the_configuration_only() {
    let unauthorized = handle(&Call::new("GET", "/calendar/status"), &Memory::default());
    assert_eq!(unauthorized.log.detail, None);
    let refused = handle(
        &Call::new("POST", "/calendar/connect/google?x=y").signed_in(),
        &Memory::default(),
    );
    assert_eq!(refused.log.detail, None);
}

#[test]
fn a_pause_that_the_database_asks_for_reaches_the_caller() {
    let memory = Memory::answering([(429, "{}")]);
    let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    assert_eq!(code(&handled), (429, "rate_limited".into()));
    assert_eq!(header(&handled, "retry-after"), Some("5"));
}
