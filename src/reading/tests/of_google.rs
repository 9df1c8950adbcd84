use super::*;

#[test]
fn a_query_names_the_window_and_each_calendar() {
    let request = google::free_busy(&window(), &["primary", "a\"b@group"]).unwrap();
    assert_eq!(request.path, "/calendar/v3/freeBusy?fields=calendars");
    assert_eq!(
        request.body.unwrap(),
        r#"{"timeMin":"2026-03-29T00:00:00Z","timeMax":"2026-05-14T00:00:00Z","timeZone":"UTC","calendarExpansionMax":50,"items":[{"id":"primary"},{"id":"a\"b@group"}]}"#
    );
}

#[test]
fn busy_times_are_minutes_within_the_window() {
    let read = google(
        r#"{"kind":"calendar#freeBusy","calendars":{"primary":{"busy":[
            {"start":"2026-03-30T09:00:00Z","end":"2026-03-30T09:30:30Z"},
            {"start":"2026-03-30T11:00:00+02:00","end":"2026-03-30T12:00:00+02:00"},
            {"start":"2026-03-27T00:00:00Z","end":"2026-03-29T01:00:00Z"},
            {"start":"2026-03-30T20:00:00Z","end":"2026-03-30T20:00:00Z"},
            {"start":"2026-03-30T22:00:00Z","end":"2026-03-30T21:00:00Z"}]}}}"#,
        &["primary"],
    );
    let busy = read.unwrap().remove(0).unwrap();
    let expected: Set = [
        Range::new(march(29, 0, 0), march(29, 1, 0)).unwrap(),
        Range::new(march(30, 9, 0), march(30, 10, 0)).unwrap(),
    ]
    .into_iter()
    .collect();
    assert_eq!(busy.minutes, expected);
    assert!(busy.days.is_empty());
}

#[test]
fn a_calendar_with_errors_or_without_an_answer_is_unknown_and_never_free() {
    let read = google(
        r#"{"calendars":{
            "free":{"busy":[]},
            "gone":{"errors":[{"domain":"global","reason":"notFound"}],"busy":[]},
            "broken":{"errors":[{"domain":"global","reason":"internalError"}],"busy":[]},
            "silent":{}}}"#,
        &["free", "gone", "broken", "silent", "absent"],
    );
    assert_eq!(
        read.unwrap(),
        [
            Ok(Busy::default()),
            Err(CalendarFault::Gone),
            Err(CalendarFault::Unknown),
            Err(CalendarFault::Unknown),
            Err(CalendarFault::Unknown),
        ]
    );
}

#[test]
fn nonsense_is_malformed_and_never_free() {
    let many = format!(
        r#"{{"calendars":{{"primary":{{"busy":[{}]}}}}}}"#,
        vec![r#"{"start":"2026-03-30T09:00:00Z","end":"2026-03-30T10:00:00Z"}"#; 2001].join(",")
    );
    for body in [
        "",
        "[]",
        "<html>",
        "{}",
        r#"{"calendars":[]}"#,
        r#"{"calendars":{"primary":7}}"#,
        r#"{"calendars":{"primary":{"busy":[7]}}}"#,
        r#"{"calendars":{"primary":{"busy":[{"start":"2026-03-30T09:00:00Z"}]}}}"#,
        r#"{"calendars":{"primary":{"busy":[{"start":"soon","end":"2026-03-30T09:00:00Z"}]}}}"#,
        r#"{"calendars":{"primary":{"errors":"x","busy":[]}}}"#,
        &many,
    ] {
        assert_eq!(
            google(body, &["primary"]),
            Err(ReadError::Malformed),
            "{body:.80}"
        );
    }
    let no_list = google(r#"{"calendars":{"primary":{"busy":null}}}"#, &["primary"]);
    assert_eq!(no_list, Ok(vec![Err(CalendarFault::Unknown)]));
}

#[test]
fn refusals_mean_what_the_documentation_says() {
    let legacy = |reason: &str| {
        format!(
            r#"{{"error":{{"code":403,"message":"x","errors":[{{"domain":"x","reason":"{reason}"}}]}}}}"#
        )
    };
    let detail = |reason: &str| {
        format!(
            r#"{{"error":{{"code":403,"status":"PERMISSION_DENIED","details":[{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{reason}"}}]}}}}"#
        )
    };
    let pause = ReadError::Throttled { retry_after: None };
    for (status, body, meaning) in [
        (401, String::new(), ReadError::TokenRefused),
        (403, legacy("rateLimitExceeded"), pause),
        (403, legacy("userRateLimitExceeded"), pause),
        (403, legacy("quotaExceeded"), pause),
        (429, String::new(), pause),
        (
            403,
            legacy("insufficientPermissions"),
            ReadError::ScopeMissing,
        ),
        (
            403,
            detail("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            ReadError::ScopeMissing,
        ),
        (
            403,
            legacy("accessNotConfigured"),
            ReadError::Operator(Cause::API_NOT_ENABLED),
        ),
        (
            403,
            detail("SERVICE_DISABLED"),
            ReadError::Operator(Cause::API_NOT_ENABLED),
        ),
        (403, legacy("notACalendarUser"), ReadError::AccountUnusable),
        (
            403,
            legacy("somethingNew"),
            ReadError::Unavailable { retry_after: None },
        ),
        (
            400,
            legacy("timeRangeTooLong"),
            ReadError::Unavailable { retry_after: None },
        ),
        (404, String::new(), ReadError::Gone),
        (
            500,
            "<html>".to_owned(),
            ReadError::Unavailable { retry_after: None },
        ),
        (
            204,
            String::new(),
            ReadError::Unavailable { retry_after: None },
        ),
    ] {
        let read = google::judge_free_busy(&answer(status, &body), &window(), &["primary"]);
        assert_eq!(read, Err(meaning), "{status} {body}");
    }
}

#[test]
fn a_list_is_paged_and_leaves_out_what_cannot_be_read() {
    let page = google::judge_calendar_list(
        &answer(
            200,
            r#"{"nextPageToken":"a b&c","items":[
                {"id":"ann@x.test","summary":"ann@x.test","timeZone":"Europe/Berlin","primary":true},
                {"id":"team","summary":"Team","summaryOverride":"My\nteam"},
                {"id":"old","summary":"Old","deleted":true},
                {"summary":"no id"}]}"#,
        )
    )
    .unwrap();
    let listed: Vec<_> = page
        .items
        .iter()
        .map(|item| {
            (
                &*item.id,
                &*item.name,
                item.time_zone.as_deref(),
                item.is_primary,
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("ann@x.test", "ann@x.test", Some("Europe/Berlin"), true),
            ("team", "Myteam", None, false),
        ]
    );
    assert!(page.next.unwrap().path.ends_with("&pageToken=a+b%26c"));
}
