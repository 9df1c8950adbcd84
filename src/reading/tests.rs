use zeroize::Zeroizing;

use super::*;

const GRAPH: &str = "https://graph.test/v1.0";

fn answer(status: u16, body: &str) -> OutboundResponse {
    OutboundResponse {
        status,
        retry_after: None,
        body: Zeroizing::new(body.to_owned()),
    }
}

fn window() -> Window {
    Window::parse("2026-03-29T00:00:00Z", "2026-05-14T00:00:00Z").unwrap()
}

/// Minutes of a day of March 2026, for expectations.
fn march(day: i32, hour: i32, minute: i32) -> i32 {
    const FIRST: i32 = 1_772_323_200 / 60;
    FIRST + (day - 1) * 1440 + hour * 60 + minute
}

fn google(body: &str, ids: &[&str]) -> Result<Vec<Result<Busy, CalendarFault>>, ReadError> {
    google::judge_free_busy(&answer(200, body), &window(), ids)
}

fn graph(body: &str, tentative: bool) -> Result<Page<Busy>, ReadError> {
    microsoft::judge_calendar_view(&answer(200, body), GRAPH, &window(), tentative)
}

mod of_google {
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
            vec![r#"{"start":"2026-03-30T09:00:00Z","end":"2026-03-30T10:00:00Z"}"#; INTERVALS + 1]
                .join(",")
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
}

mod of_microsoft {
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
                .starts_with(
                    "/me/calendars/AQ%2F..%2Fmessages%3F%24select%3Dsubject%23/calendarView?"
                )
        );
        for bad in ["", ".", "..", "a\nb", "a\u{7f}", &"x".repeat(ID_LIMIT + 1)] {
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
        let code = |code: &str| {
            format!(r#"{{"error":{{"code":"{code}","message":"x","innerError":{{}}}}}}"#)
        };
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
}
