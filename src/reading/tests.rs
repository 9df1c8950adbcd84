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

mod of_google;

mod of_microsoft;
