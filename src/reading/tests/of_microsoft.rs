use super::*;

fn event(members: &str) -> String {
    format!(
        r#"{{"value":[{{"start":{{"dateTime":"2026-03-30T09:00:00.0000000","timeZone":"UTC"}},
            "end":{{"dateTime":"2026-03-30T09:30:00.0000000","timeZone":"UTC"}},"isAllDay":false{members}}}]}}"#
    )
}

#[test]
fn a_calendar_is_one_segment_of_the_path() {
    let url = |id| microsoft::calendar_view(id, &window()).map(|request| request.path);
    assert!(
        url(None)
            .unwrap()
            .starts_with("/me/calendar/calendarView?startDateTime=2026-03-29T00%3A00%3A00Z&")
    );
    assert!(
        url(Some("AQ/../messages?$select=subject#"))
            .unwrap()
            .starts_with("/me/calendars/AQ%2F..%2Fmessages%3F%24select%3Dsubject%23/calendarView?")
    );
    for bad in ["", ".", "..", "a\nb", "a\u{7f}", &"x".repeat(1025)] {
        assert_eq!(url(Some(bad)), None, "{bad:?}");
    }
}

#[test]
fn show_as_and_response_decide_what_is_busy() {
    for (members, is_busy) in [
        ("", true),
        (r#","showAs":"busy""#, true),
        (r#","showAs":"oof""#, true),
        (r#","showAs":"unknown""#, true),
        (r#","showAs":"somethingNew""#, true),
        (r#","showAs":"free""#, false),
        (r#","showAs":"workingElsewhere""#, false),
        (r#","showAs":"busy","isCancelled":true"#, false),
        (
            r#","showAs":"busy","responseStatus":{"response":"declined"}"#,
            false,
        ),
        (
            r#","showAs":"busy","responseStatus":{"response":"notResponded"}"#,
            true,
        ),
        (
            r#","showAs":"busy","responseStatus":{"response":"accepted"}"#,
            true,
        ),
    ] {
        let read = graph(&event(members), true).unwrap().items;
        assert_eq!(!read.minutes.ranges().is_empty(), is_busy, "{members}");
    }
    let tentative = event(r#","showAs":"tentative""#);
    assert!(
        !graph(&tentative, true)
            .unwrap()
            .items
            .minutes
            .ranges()
            .is_empty()
    );
    assert!(
        graph(&tentative, false)
            .unwrap()
            .items
            .minutes
            .ranges()
            .is_empty()
    );
}

#[test]
fn all_day_events_are_dates_and_belong_to_no_zone() {
    let read = graph(
        r#"{"value":[{"start":{"dateTime":"2026-03-30T00:00:00.0000000","timeZone":"UTC"},
            "end":{"dateTime":"2026-04-01T00:00:00.0000000","timeZone":"UTC"},"isAllDay":true,"showAs":"oof"}]}"#,
        true,
    )
    .unwrap()
    .items;
    assert!(read.minutes.ranges().is_empty());
    let days: Vec<_> = read
        .days
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(days, [("2026-03-30", "2026-04-01")]);
}

#[test]
fn the_next_page_is_asked_for_at_the_configured_api_only() {
    let next = |link: &str| {
        graph(
            &format!(r#"{{"value":[],"@odata.nextLink":"{link}"}}"#),
            true,
        )
        .map(|page| page.next.map(|request| request.path))
    };
    let good = "https://graph.test/v1.0/me/calendar/calendarView?$skip=100";
    assert_eq!(
        next(good),
        Ok(Some("/me/calendar/calendarView?$skip=100".to_owned()))
    );
    for bad in [
        "https://evil.test/v1.0/me/calendar/calendarView",
        "http://graph.test/v1.0/me/calendar/calendarView",
        "https://graph.test:444/v1.0/me",
        "https://graph.test.evil.test/v1.0/me",
        "https://graph.test@evil.test/v1.0/me",
        "https://user@graph.test/v1.0/me",
        "https://graph.test/v1.0/../beta/me",
        "https://graph.test/v1.0evil/me",
        "https://graph.test/v1.0/%2e%2e/beta/me",
        "https://graph.test/v1.0/me\\n?x",
        "//evil.test/v1.0/me",
        "/v1.0/me",
        "",
    ] {
        assert_eq!(next(bad), Err(ReadError::Malformed), "{bad}");
    }
    let not_text = graph(r#"{"value":[],"@odata.nextLink":7}"#, true);
    assert_eq!(not_text, Err(ReadError::Malformed));
}

#[test]
fn nonsense_is_malformed_and_never_free() {
    for body in [
        "",
        "{}",
        r#"{"value":null}"#,
        r#"{"value":[7]}"#,
        r#"{"value":[{}]}"#,
        r#"{"value":[{"start":{"dateTime":"2026-03-30T09:00:00"},"isAllDay":false}]}"#,
        r#"{"value":[{"start":{"dateTime":"x","timeZone":"UTC"},"end":{"dateTime":"2026-03-30T09:00:00","timeZone":"UTC"}}]}"#,
        r#"{"value":[{"start":{"dateTime":"2026-03-30T09:00:00","timeZone":"Pacific Standard Time"},"end":{"dateTime":"2026-03-30T10:00:00","timeZone":"Pacific Standard Time"}}]}"#,
    ] {
        assert_eq!(graph(body, true), Err(ReadError::Malformed), "{body}");
    }
}

#[test]
fn refusals_mean_what_the_documentation_says() {
    let code =
        |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"x","innerError":{{}}}}}}"#);
    let pause = ReadError::Throttled { retry_after: None };
    for (status, body, meaning) in [
        (401, code("InvalidAuthenticationToken"), ReadError::TokenRefused),
        (429, code("TooManyRequests"), pause),
        (503, code("activityLimitReached"), pause),
        (403, code("ErrorAccessDenied"), ReadError::ScopeMissing),
        (404, code("ErrorItemNotFound"), ReadError::Gone),
        (404, code("MailboxNotEnabledForRESTAPI"), ReadError::NoMailbox),
        (
            400,
            r#"{"error":{"code":"BadRequest","innererror":{"code":"MailboxNotEnabledForRESTAPI"}}}"#.to_owned(),
            ReadError::NoMailbox,
        ),
        (500, code("InternalServerError"), ReadError::Unavailable { retry_after: None }),
        (403, code("somethingNew"), ReadError::Unavailable { retry_after: None }),
    ] {
        let read = microsoft::judge_calendar_view(&answer(status, &body), GRAPH, &window(), true);
        assert_eq!(read.map(|_| ()), Err(meaning), "{status} {body}");
    }
}

#[test]
fn a_list_names_the_default_calendar() {
    let page = microsoft::judge_calendars(
        &answer(
            200,
            r#"{"value":[{"id":"AQ==","name":"Calendar","isDefaultCalendar":true,"owner":{"name":"Ann","address":"ann@x.test"}},{"id":"BQ==","name":"Team"}],
                "@odata.nextLink":"https://graph.test/v1.0/me/calendars?$skip=2"}"#,
        ),
        GRAPH,
    )
    .unwrap();
    assert_eq!(page.items.len(), 2);
    assert!(page.items[0].is_primary && !page.items[1].is_primary);
    assert_eq!(page.items[0].owner.as_deref(), Some("ann@x.test"));
    assert!(page.next.is_some());
}
