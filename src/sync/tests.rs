//! The worker against answers in memory.

mod runs;
mod world;

use world::{Answer, World};

use super::connection::End;
use super::settlement::Class;
use crate::cause::Cause;
use crate::http::TransportError;
use crate::reason::Reason;

const REFRESHED: &str =
    r#"{"access_token":"fake-new-access","expires_in":3599,"token_type":"Bearer"}"#;
const ROTATED: &str = r#"{"access_token":"fake-new-access","refresh_token":"fake-new-refresh","expires_in":3599,"token_type":"Bearer"}"#;
const FREE: &str = r#"{"calendars":{"primary":{"busy":[]},"ann@x.test":{"busy":[]}}}"#;
const BUSY: &str = r#"{"calendars":{"ann@x.test":{"busy":[{"start":"2026-03-30T09:00:00Z","end":"2026-03-30T10:00:00Z"}]}}}"#;
const LIST: &str = r#"{"items":[{"id":"ann@x.test","summary":"Ann","timeZone":"Europe/Berlin","primary":true},{"id":"team","summary":"Team"}]}"#;

fn refused(error: &str) -> Answer {
    Answer::of(400, &format!(r#"{{"error":"{error}"}}"#))
}

#[test]
fn a_good_access_token_is_used_without_a_refresh() {
    let world = World::default();
    world.on("/freeBusy", [Answer::of(200, BUSY)]);
    let outcome = world.read(&world.item());
    assert_eq!(outcome.end, End::Read);
    assert!(!outcome.refreshed);
    assert_eq!(
        world.paths(),
        ["/calendar/v3/freeBusy", "/rpc/calendar_sync_settle"]
    );
    assert_eq!(world.bearer(0).as_deref(), Some("Bearer fake-access"));
    let settled = world.settled(0);
    assert_eq!(settled["kind"], "read");
    assert_eq!(settled["fence"], 7);
    assert_eq!(settled["account"], "account-1");
    assert_eq!(settled["calendars"][0]["id"], "ann@x.test");
    assert_eq!(settled["calendars"][0]["busy"], "{[29581020,29581080)}");
    assert_eq!(settled["listed"], serde_json::Value::Null);
}

#[test]
fn an_access_token_that_expires_soon_is_renewed_and_saved_beside_the_read() {
    for expires_in in [Some(299.0), Some(-5.0), None] {
        let world = World::default();
        world.on("/token", [Answer::of(200, REFRESHED)]);
        world.on("/freeBusy", [Answer::of(200, BUSY)]);
        let outcome = world.read(&crate::store::worker::Item {
            access_expires_in: expires_in,
            ..world.item()
        });
        assert_eq!(outcome.end, End::Read, "{expires_in:?}");
        assert!(outcome.refreshed);
        assert_eq!(
            world.paths(),
            [
                "/token",
                "/calendar/v3/freeBusy",
                "/rpc/calendar_sync_settle"
            ]
        );
        assert!(
            world
                .body(0)
                .contains("grant_type=refresh_token&refresh_token=fake-refresh&")
        );
        assert_eq!(world.bearer(1).as_deref(), Some("Bearer fake-new-access"));
        let settlements = world.settlements(2);
        assert_eq!(settlements[0]["kind"], "tokens");
        assert_eq!(settlements[0]["token_version"], 3);
        assert_eq!(settlements[0]["expires_in"], 3599);
        assert_eq!(
            settlements[0]["sealed_refresh_token"],
            serde_json::Value::Null
        );
        assert_eq!(settlements[1]["kind"], "read");
        assert_eq!(settlements[1]["refreshed"], true);
    }
}

#[test]
fn a_replaced_refresh_token_is_saved_before_anything_else_is_asked() {
    let world = World::default();
    world.on("/token", [Answer::of(200, ROTATED)]);
    world.on("/freeBusy", [Answer::of(200, BUSY)]);
    let outcome = world.read(&world.expiring());
    assert_eq!(outcome.end, End::Read);
    assert_eq!(
        world.paths(),
        [
            "/token",
            "/rpc/calendar_sync_settle",
            "/calendar/v3/freeBusy",
            "/rpc/calendar_sync_settle"
        ]
    );
    let sealed = world.settled(1)["sealed_refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(world.open_refresh(&sealed), "fake-new-refresh");
}

#[test]
fn tokens_that_somebody_else_has_replaced_end_the_read() {
    let world = World::default();
    world.on("/token", [Answer::of(200, ROTATED)]);
    world.on(
        "/calendar_sync_settle",
        [Answer::of(200, r#"{"answers":["stale"]}"#)],
    );
    assert_eq!(world.read(&world.expiring()).end, End::Superseded);
    assert_eq!(world.paths(), ["/token", "/rpc/calendar_sync_settle"]);
}

#[test]
fn a_refused_access_token_is_renewed_once() {
    let world = World::default();
    world.on("/freeBusy", [Answer::of(401, ""), Answer::of(200, BUSY)]);
    world.on("/token", [Answer::of(200, REFRESHED)]);
    assert_eq!(world.read(&world.item()).end, End::Read);

    let world = World::default();
    world.on("/freeBusy", [Answer::of(401, ""), Answer::of(401, "")]);
    world.on("/token", [Answer::of(200, REFRESHED)]);
    let End::Failed(fault) = world.read(&world.item()).end else {
        panic!("read")
    };
    assert_eq!(
        (fault.class, fault.cause),
        (Class::Transient, Cause::ACCESS_TOKEN_REFUSED)
    );
    let kinds: Vec<_> = world.kinds();
    assert_eq!(
        kinds,
        ["tokens", "failed"],
        "the new token is kept whatever the calendars say"
    );
}

#[test]
fn each_refusal_is_told_as_what_it_is() {
    for (answer, class, reason) in [
        (refused("invalid_grant"), Class::User, Reason::GrantEnded),
        (refused("invalid_client"), Class::Operator, Reason::Operator),
        (
            refused("unauthorized_client"),
            Class::Operator,
            Reason::Operator,
        ),
        (
            refused("admin_policy_enforced"),
            Class::Admin,
            Reason::AdminBlocked,
        ),
        (
            refused("temporarily_unavailable"),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            refused("something_new"),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            Answer::of(503, "<html>"),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            Answer::of(200, "<html>"),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            Answer::of(200, ""),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            Answer::Broken(TransportError::Network),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (
            Answer::Broken(TransportError::Timeout),
            Class::Transient,
            Reason::ProviderUnavailable,
        ),
        (Answer::Busy("17"), Class::Throttled, Reason::Throttled),
        (
            Answer::of(
                200,
                r#"{"access_token":"a","expires_in":60,"token_type":"Bearer","scope":"openid"}"#,
            ),
            Class::User,
            Reason::ScopeMissing,
        ),
    ] {
        let what = format!("{answer:?}");
        let world = World::default();
        let pause = matches!(answer, Answer::Busy(_)).then_some(17);
        world.on("/token", [answer]);
        let End::Failed(fault) = world.read(&world.expiring()).end else {
            panic!("read after {what}")
        };
        assert_eq!((fault.class, fault.reason), (class, reason), "{what}");
        assert_eq!(fault.retry_after, pause, "{what}");
        assert_eq!(
            world.paths(),
            ["/token", "/rpc/calendar_sync_settle"],
            "{what}"
        );
        let settled = world.settled(1);
        assert_eq!(settled["kind"], "failed");
        assert_eq!(settled["reason"], reason.as_str());
        assert_eq!(settled["retry_after"], serde_json::json!(pause));
    }
}

#[test]
fn a_sealed_value_that_does_not_open_concerns_its_row_only_and_asks_nobody() {
    let world = World::default();
    let foreign_key = world
        .expiring()
        .sealed_refresh_token
        .replacen(world.kid(), "deadbeef", 1);
    let damaged = {
        let mut sealed = world.expiring().sealed_refresh_token;
        let last = if sealed.ends_with('A') { 'B' } else { 'A' };
        sealed.pop();
        sealed.push(last);
        sealed
    };
    for (sealed, reason) in [
        (foreign_key, Reason::KeyMissing),
        (damaged, Reason::SealedUnreadable),
        ("v1.deadbeef.A".to_owned(), Reason::KeyMissing),
    ] {
        let world = World::default();
        let outcome = world.read(&crate::store::worker::Item {
            sealed_refresh_token: sealed,
            ..world.expiring()
        });
        let End::Failed(fault) = outcome.end else {
            panic!("read")
        };
        assert_eq!((fault.class, fault.reason), (Class::Sealed, reason));
        assert_eq!(world.paths(), ["/rpc/calendar_sync_settle"]);
    }
}

#[test]
fn tokens_of_another_account_do_not_open() {
    let world = World::default();
    let outcome = world.read(&crate::store::worker::Item {
        account: Some("victim".to_owned()),
        ..world.expiring()
    });
    assert!(matches!(outcome.end, End::Failed(fault) if fault.reason == Reason::SealedUnreadable));
}

#[test]
fn before_anything_is_selected_the_list_names_the_calendar_to_read() {
    let world = World::default();
    world.on("/calendarList", [Answer::of(200, LIST)]);
    world.on("/freeBusy", [Answer::of(200, BUSY)]);
    let outcome = world.read(&crate::store::worker::Item {
        calendars: Vec::new(),
        ..world.item()
    });
    assert_eq!(outcome.end, End::Read);
    assert!(world.body(1).contains(r#""items":[{"id":"ann@x.test"}]"#));
    let settled = world.settled(2);
    assert_eq!(settled["label"], "ann@x.test");
    assert_eq!(settled["listed"][0]["primary"], true);
    assert_eq!(settled["listed"][1]["name"], "Team");
}

#[test]
fn a_list_that_fails_does_not_stop_the_reading() {
    let world = World::default();
    world.on("/calendarList", [Answer::of(500, "")]);
    world.on("/freeBusy", [Answer::of(200, FREE)]);
    let outcome = world.read(&crate::store::worker::Item {
        calendars: Vec::new(),
        ..world.item()
    });
    assert_eq!(outcome.end, End::Read);
    assert!(world.body(1).contains(r#""items":[{"id":"primary"}]"#));
    assert_eq!(world.settled(2)["listed"], serde_json::Value::Null);
}

#[test]
fn a_settlement_without_an_answer_is_sent_once_more() {
    let world = World::default();
    world.on("/freeBusy", [Answer::of(200, BUSY)]);
    world.on(
        "/calendar_sync_settle",
        [
            Answer::Broken(TransportError::Network),
            Answer::of(200, r#"{"answers":["ok"]}"#),
        ],
    );
    assert_eq!(world.read(&world.item()).end, End::Read);
    assert_eq!(world.body(1), world.body(2));

    let world = World::default();
    world.on("/freeBusy", [Answer::of(200, BUSY)]);
    world.on(
        "/calendar_sync_settle",
        [
            Answer::Broken(TransportError::Network),
            Answer::Broken(TransportError::Network),
        ],
    );
    assert!(matches!(world.read(&world.item()).end, End::Unsettled(_)));
}
