//! Whole runs, and what a user's own call reads.

use super::world::{Answer, USER, World};
use super::{BUSY, refused};
use crate::sync::Summary;

#[test]
fn a_run_reads_everything_that_is_due_and_reports_it() {
    let world = World::default();
    let items: Vec<String> = (0..40).map(|n| world.claimed(n, "google")).collect();
    world.on(
        "/calendar_sync_claim",
        [
            Answer::claim(Some("run-1"), &items[..16]),
            Answer::claim(Some("run-1"), &[]),
            Answer::claim(Some("run-1"), &items[16..]),
            Answer::claim(Some("run-1"), &[]),
        ],
    );
    world.always("/freeBusy", Answer::of(200, BUSY));
    let summary = world.run();
    assert_eq!(summary.run.as_deref(), Some("run-1"));
    assert_eq!((summary.counts.claimed, summary.counts.read), (40, 40));
    assert!(summary.alarms.is_empty());
    let report = world.last("/calendar_sync_report");
    assert_eq!(report["p"]["run"], "run-1");
    assert_eq!(report["p"]["end"], true);
    assert_eq!(report["p"]["counts"]["read"], 40);
}

#[test]
fn nothing_due_is_one_claim_and_no_report() {
    let world = World::default();
    world.always("/calendar_sync_claim", Answer::claim(None, &[]));
    assert_eq!(world.run(), Summary::default());
    assert!(
        world
            .paths()
            .iter()
            .all(|path| path == "/rpc/calendar_sync_claim")
    );
}

#[test]
fn an_operators_fault_costs_a_run_few_calls_and_the_rest_is_given_back() {
    let world = World::default();
    let items: Vec<String> = (0..64).map(|n| world.claimed(n, "google")).collect();
    let claims = items
        .chunks(16)
        .map(|chunk| Answer::claim(Some("run-1"), chunk));
    world.on("/calendar_sync_claim", claims.collect::<Vec<_>>());
    world.always("/calendar_sync_claim", Answer::claim(Some("run-1"), &[]));
    world.always("/freeBusy", Answer::of(401, ""));
    world.always("/token", refused("invalid_client"));
    let summary = world.run();
    let asked = world
        .paths()
        .iter()
        .filter(|path| *path == "/token")
        .count();
    assert!(
        (20..=36).contains(&asked),
        "{asked} calls: twenty, and what the lanes held"
    );
    assert_eq!(
        summary
            .alarms
            .iter()
            .map(|cause| cause.as_str())
            .collect::<Vec<_>>(),
        ["invalid_client"]
    );
    let kinds = world.kinds();
    let given_back = kinds.iter().filter(|kind| *kind == "release").count();
    let failed = kinds.iter().filter(|kind| *kind == "failed").count();
    assert_eq!(failed, asked);
    assert_eq!(
        u32::try_from(failed + given_back).unwrap(),
        summary.counts.claimed
    );
}

#[test]
fn one_user_does_not_stop_the_others_reading() {
    let world = World::default();
    let mut items: Vec<String> = (0..48)
        .map(|_| world.claimed_by(USER, 0, "google"))
        .collect();
    items.extend((1..17).map(|n| world.claimed(n, "google")));
    let claims = items
        .chunks(16)
        .map(|chunk| Answer::claim(Some("run-1"), chunk));
    world.on("/calendar_sync_claim", claims.collect::<Vec<_>>());
    world.always("/calendar_sync_claim", Answer::claim(Some("run-1"), &[]));
    world.on("/freeBusy", vec![Answer::Busy("60"); 48]);
    world.always("/freeBusy", Answer::of(200, BUSY));
    let summary = world.run();
    assert_eq!((summary.counts.failed, summary.counts.read), (48, 16));
}

#[test]
fn a_users_call_reads_that_users_rows_only() {
    let world = World::default();
    let rows = [
        world.claimed_by(USER, 0, "google"),
        world.claimed(1, "google"),
    ];
    world.on("/calendar_sync_claim", [Answer::claim(None, &rows)]);
    world.always("/freeBusy", Answer::of(200, BUSY));
    let now = world.now();
    assert_eq!((now.counts.claimed, now.counts.read), (1, 1));
    let claim = world.last("/calendar_sync_claim");
    assert_eq!(claim["p"]["user"], USER);
    assert_eq!(claim["p"]["run"], serde_json::Value::Null);
}

#[test]
fn with_the_secret_key_nothing_but_the_three_functions_is_asked_for() {
    let world = World::default();
    let items: Vec<String> = (0..4).map(|n| world.claimed(n, "google")).collect();
    world.on(
        "/calendar_sync_claim",
        [Answer::claim(Some("run-1"), &items)],
    );
    world.always("/calendar_sync_claim", Answer::claim(Some("run-1"), &[]));
    world.always("/freeBusy", Answer::of(200, BUSY));
    world.run();
    let asked = world.asked_with_the_secret_key();
    assert_eq!(
        asked.into_iter().collect::<Vec<_>>(),
        [
            "/rest/v1/rpc/calendar_sync_claim",
            "/rest/v1/rpc/calendar_sync_report",
            "/rest/v1/rpc/calendar_sync_settle"
        ]
    );
}
