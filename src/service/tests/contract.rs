//! Routes, headers, limits and who may call: the contract's outer shell.

use super::memory::*;
use crate::cause::Cause;
use crate::config::tests::complete;
use crate::providers::Provider;

#[test]
fn only_the_apps_own_navigation_starts_a_connection_by_cookie() {
    let call = || Call::new("GET", "/api/calendar/connect/google").with_cookie();
    for site in ["same-origin", "none"] {
        let memory = Memory::answering([(200, opened_state(None).as_str())]);
        let handled = handle(&call().navigating(site), &memory);
        assert_eq!(handled.response.status, 303);
        assert!(
            header(&handled, "location")
                .unwrap()
                .starts_with("https://accounts.google.com/")
        );
    }
    for refused in [
        call(),
        call().header("accept", "*/*"),
        call().navigating("cross-site"),
        call().navigating("same-site"),
        call()
            .navigating("same-origin")
            .header("sec-fetch-dest", "iframe"),
        call()
            .navigating("same-origin")
            .header("sec-fetch-mode", "cors"),
        call()
            .navigating("same-origin")
            .header("sec-purpose", "prefetch"),
    ] {
        assert_eq!(
            code(&handle(&refused, &Memory::default())),
            (401, "unauthorized".into())
        );
    }
    let signed_out = Call::new("GET", "/api/calendar/connect/google").navigating("none");
    let location =
        "https://app.example/app/settings?connected=error&reason=unauthorized&provider=google";
    assert_eq!(
        header(&handle(&signed_out, &Memory::default()), "location"),
        Some(location)
    );
}

#[test]
fn a_cookie_alone_never_authorises_another_route() {
    for call in [
        Call::new("GET", "/calendar/status"),
        Call::new("DELETE", "/calendar/disconnect"),
        Call::new("POST", "/calendar/connect/google"),
        Call::new("POST", "/calendar/callback/google").json("{}"),
    ] {
        let call = call.with_cookie().navigating("same-origin");
        assert_eq!(
            code(&handle(&call, &Memory::default())),
            (401, "unauthorized".into())
        );
    }
}

#[test]
fn routes_follow_the_segment_calendar_whatever_comes_before_it() {
    for path in [
        "/calendar/health",
        "/functions/v1/calendar/health",
        "/api/calendar/health?x=y",
        "/calendar/health/",
        "/calendar/api/calendar/health",
        "/calendar/status/calendar/health",
        "/calendar/health?forceFunctionRegion=eu-west-1",
    ] {
        assert_eq!(
            handle(&Call::new("GET", path), &Memory::default())
                .response
                .status,
            200,
            "{path}"
        );
    }
    for (method, path, expected) in [
        ("GET", "/", (404, "not_found")),
        ("GET", "/health", (404, "not_found")),
        ("GET", "/calendar", (404, "not_found")),
        ("GET", "/calendar/", (404, "not_found")),
        ("GET", "/calendar/health//", (404, "not_found")),
        ("GET", "/my-calendar/health", (404, "not_found")),
        ("GET", "/connect/google", (404, "not_found")),
        ("GET", "/calendar/connect", (404, "not_found")),
        ("GET", "/calendar/connect/google/more", (404, "not_found")),
        ("GET", "/calendar/health/more", (404, "not_found")),
        (
            "GET",
            "/calendar/connect/apple",
            (404, "unsupported_provider"),
        ),
        (
            "GET",
            "/calendar/connect/Google",
            (404, "unsupported_provider"),
        ),
        ("POST", "/calendar/status", (405, "method_not_allowed")),
        ("GET", "/calendar/disconnect", (405, "method_not_allowed")),
    ] {
        let handled = handle(&Call::new(method, path), &Memory::default());
        let (status, code) = code(&handled);
        assert_eq!((status, code.as_str()), expected, "{method} {path}");
        assert_eq!(header(&handled, "allow").is_some(), status == 405);
    }
}

#[test]
fn head_is_answered_for_health_only_and_without_a_body() {
    let health = handle(&Call::new("HEAD", "/calendar/health"), &Memory::default());
    assert_eq!(
        (health.response.status, &health.response.body),
        (200, &None)
    );
    assert_eq!(header(&health, "content-type"), Some("application/json"));
    let status = handle(&Call::new("HEAD", "/calendar/status"), &Memory::default());
    assert_eq!(
        (status.response.status, &status.response.body),
        (405, &None)
    );
    assert_eq!(header(&status, "allow"), Some("GET"));
}

#[test]
fn the_log_names_the_route_also_where_provider_or_method_is_wrong() {
    for (method, path, route, provider) in [
        (
            "PUT",
            "/calendar/connect/google",
            "connect",
            Some(Provider::Google),
        ),
        ("GET", "/calendar/callback/yahoo", "callback", None),
        ("POST", "/calendar/status", "status", None),
        ("GET", "/calendar/disconnect", "disconnect", None),
        ("GET", "/calendar/nothing", "", None),
    ] {
        let log = handle(&Call::new(method, path), &Memory::default()).log;
        assert_eq!(
            (log.route, log.provider),
            (route, provider),
            "{method} {path}"
        );
    }
}

#[test]
fn control_characters_in_the_path_are_refused_wherever_they_are() {
    for control in [
        "%00", "%0a", "%0A", "%0b", "%0d", "%0D", "%1b", "%1F", "%7f", "%7F", "\0", "\r", "\n",
        "\u{1f}", "\u{7f}",
    ] {
        for path in [
            format!("/calendar/connect/google{control}"),
            format!("/calendar/callback/{control}?code=c&state={STATE}"),
            format!("/{control}/calendar/health"),
            format!("/calendar/status{control}/more"),
        ] {
            let refused = handle(&Call::new("GET", &path), &Memory::default());
            assert_eq!(code(&refused), (400, "invalid_request".into()), "{path:?}");
        }
    }
    for harmless in ["%20", "%0", "%0g", "%80", "%8f", "0a", "%%0"] {
        let path = format!("/{harmless}/calendar/health");
        let served = handle(&Call::new("GET", &path), &Memory::default());
        assert_eq!(served.response.status, 200, "{path}");
    }
}

#[test]
fn an_unknown_parameter_may_hold_anything_where_it_is_ignored() {
    for anything in ["%00", "%0d%0a", "\r\n", "%7f", "%ff"] {
        let health = Call::new("GET", format!("/calendar/health?x={anything}"));
        assert_eq!(handle(&health, &Memory::default()).response.status, 200);
        let query = format!("?code=fake-code&state={STATE}&error_description={anything}");
        let relayed = handle(
            &Call::new("GET", format!("/calendar/callback/google{query}")),
            &Memory::default(),
        );
        let location = header(&relayed, "location").unwrap();
        assert!(location.contains("#calendar_provider=google&calendar_code=fake-code"));
        assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

#[test]
fn connect_takes_no_other_parameter_than_the_connection() {
    for (method, query) in [
        ("POST", "?conection=x"),
        ("GET", "?prompt=none"),
        ("POST", "?forceFunctionRegion=a&x"),
    ] {
        let call = Call::new(method, format!("/calendar/connect/google{query}")).signed_in();
        let refused = handle(&call, &Memory::default());
        assert_eq!(code(&refused), (400, "invalid_request".into()), "{query}");
        assert_eq!(refused.log.cause, Some(Cause::PARAMETER_UNKNOWN));
    }
    let memory = Memory::answering([(200, opened_state(None).as_str())]);
    let path = "/calendar/connect/google?forceFunctionRegion=eu-west-1";
    let served = handle(&Call::new("POST", path).signed_in(), &memory);
    assert_eq!(served.response.status, 200);
    let navigation = Call::new("GET", "/calendar/connect/google?prompt=none")
        .with_cookie()
        .navigating("same-origin");
    let home = handle(&navigation, &Memory::default());
    let location = header(&home, "location").unwrap();
    assert!(location.contains("reason=invalid_request"), "{location}");
}

#[test]
fn every_answer_has_the_four_headers() {
    for call in [
        Call::new("GET", "/calendar/health"),
        Call::new("GET", "/calendar/status"),
        Call::new("OPTIONS", "/calendar/status"),
        Call::new(
            "GET",
            format!("/calendar/callback/google?code=c&state={STATE}"),
        ),
        Call::new("GET", "/nowhere"),
    ] {
        let handled = handle(&call, &Memory::default());
        assert_eq!(
            header(&handled, "x-request-id"),
            Some(handled.log.request_id.as_str())
        );
        assert_eq!(handled.log.request_id.len(), 32);
        assert_eq!(header(&handled, "cache-control"), Some("no-store"));
        assert_eq!(header(&handled, "referrer-policy"), Some("no-referrer"));
        assert_eq!(header(&handled, "x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn only_configured_origins_get_cors_headers() {
    let preflight = |origin: &str| {
        handle(
            &Call::new("OPTIONS", "/calendar/status").header("origin", origin),
            &Memory::default(),
        )
    };
    let allowed = preflight("https://app.example");
    assert_eq!(
        header(&allowed, "access-control-allow-origin"),
        Some("https://app.example")
    );
    assert!(
        header(&allowed, "access-control-allow-headers")
            .unwrap()
            .contains("authorization")
    );
    assert_eq!(header(&allowed, "access-control-allow-credentials"), None);
    for foreign in [
        "null",
        "https://app.example.evil.example",
        "http://app.example",
        "https://APP.example",
        "",
    ] {
        let answer = preflight(foreign);
        assert_eq!(
            header(&answer, "access-control-allow-origin"),
            None,
            "{foreign}"
        );
        assert_eq!(
            header(&answer, "access-control-allow-headers"),
            None,
            "{foreign}"
        );
    }
}

#[test]
fn the_page_of_a_configured_origin_may_read_every_answer() {
    let exposed = |handled: &crate::service::Handled| {
        assert_eq!(
            header(handled, "access-control-expose-headers"),
            Some("x-request-id, retry-after")
        );
        assert_eq!(header(handled, "vary"), Some("Origin"));
        assert_eq!(header(handled, "access-control-allow-methods"), None);
        header(handled, "access-control-allow-origin").map(str::to_owned)
    };
    let of_page = |call: Call| call.header("origin", "https://app.example");
    for call in [
        Call::new("GET", "/calendar/health"),
        Call::new("GET", "/calendar/status"),
        Call::new("GET", "/calendar/nothing"),
        Call::new("PUT", "/calendar/status"),
    ] {
        let handled = handle(&of_page(call), &Memory::default());
        assert_eq!(exposed(&handled).as_deref(), Some("https://app.example"));
    }
    let mut env = complete();
    env.insert("CALENDAR_ENCRYPTION_KEY", "canary".to_owned());
    for path in ["/calendar/status", "/calendar/health", "/calendar/nothing"] {
        let call = of_page(Call::new("GET", path));
        let handled = handle_with(&env, &call, &Memory::default());
        assert_eq!(exposed(&handled).as_deref(), Some("https://app.example"));
        let call = Call::new("GET", path).header("origin", "https://evil.example");
        let handled = handle_with(&env, &call, &Memory::default());
        assert_eq!(header(&handled, "access-control-allow-origin"), None);
    }
}

#[test]
fn a_misconfigured_function_names_the_variable_in_answer_and_log() {
    let mut env = complete();
    env.insert("CALENDAR_ENCRYPTION_KEY", "canary".to_owned());
    let handled = handle_with(
        &env,
        &Call::new("GET", "/calendar/status").signed_in(),
        &Memory::default(),
    );
    assert_eq!(code(&handled), (500, "misconfigured".into()));
    for text in [
        handled.response.body.clone().unwrap(),
        handled.log.to_json(),
    ] {
        assert!(
            text.contains("CALENDAR_ENCRYPTION_KEY must be base64"),
            "{text}"
        );
        assert!(!text.contains("canary"));
    }
}

#[test]
fn bodies_are_json_and_bounded() {
    let call = || Call::new("POST", "/calendar/callback/google").signed_in();
    let mut plain = call();
    plain.body = "{}".to_owned();
    let big = call().json(format!(r#"{{"code":"{}"}}"#, "x".repeat(32 * 1024)));
    for (call, expected) in [
        (plain.clone(), (415, "unsupported_media_type")),
        (
            plain.header("content-type", "text/plain"),
            (415, "unsupported_media_type"),
        ),
        (big, (413, "payload_too_large")),
        (call().json("{"), (400, "invalid_request")),
        (call().json("{}"), (400, "invalid_request")),
    ] {
        let (status, code) = code(&handle(&call, &Memory::default()));
        assert_eq!((status, code.as_str()), expected);
    }
    let long = format!("/calendar/status?x={}", "y".repeat(8 * 1024));
    let refused = handle(&Call::new("GET", long).signed_in(), &Memory::default());
    assert_eq!(code(&refused), (400, "invalid_request".into()));
}
