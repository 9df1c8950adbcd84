use super::*;
use crate::json::{self, Object};
use crate::service::LogLine;
use crate::store::Connection;

fn names(text: &str) -> Vec<String> {
    let object: Object<'_> = json::object(text).unwrap();
    object.names().map(str::to_owned).collect()
}

fn first(table: &[(&str, &str)]) -> Vec<String> {
    table.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn the_committed_contract_is_the_one_of_this_crate() {
    assert!(
        json() == include_str!("../../contract.json"),
        "contract.json is out of date; run: make generate"
    );
}

#[test]
fn every_column_of_a_connection_is_described() {
    let connection = Connection {
        id: "an id".to_owned(),
        provider: "google".to_owned(),
        status: "active".to_owned(),
        calendar_id: "primary".to_owned(),
        account_label: None,
        account_class: None,
        scopes: Vec::new(),
        connected_at: "2026-01-01T00:00:00Z".to_owned(),
        last_sync_at: None,
        reason: None,
        needs_reconnect: false,
        failing_since: None,
        next_sync_at: None,
        grant_expires_at: None,
    };
    let written = json::write(&connection).unwrap();
    assert_eq!(names(&written), first(describe::COLUMNS));
}

#[test]
fn every_field_of_a_log_line_is_described() {
    let line = LogLine {
        provider: Some(Provider::Google),
        user_id: Some("a user".to_owned()),
        code: Some("internal"),
        cause: Some(Cause::TRAP),
        detail: Some("a variable".to_owned()),
        warning: Some(Warning::GRANT_ENDS_WITHIN_DAYS),
        ..LogLine::default()
    };
    assert_eq!(names(&line.to_json()), first(describe::LOG));
}

#[test]
fn every_route_is_described_and_no_other_one() {
    let routes = describe::routes();
    assert_eq!(routes.len(), describe::CALLS.len());
    for route in routes {
        let written = serde_json::to_string(&route).unwrap();
        assert!(!written.contains(":\"\""), "not described: {written}");
    }
}

#[test]
fn the_variables_are_those_that_the_function_reads() {
    let described: Vec<String> = variables().into_iter().map(|each| each.name).collect();
    let mut read = crate::config::environment();
    let mut sorted = described.clone();
    sorted.sort();
    read.sort();
    assert_eq!(sorted, read);
}

#[test]
fn no_description_names_a_placeholder() {
    for variable in variables() {
        let text = format!("{} {:?}", variable.meaning, variable.default);
        assert!(!text.replace("${", "").contains('{'), "{text}");
    }
}

#[test]
fn every_word_of_a_providers_table_has_a_meaning() {
    let causes = causes();
    for word in [
        "invalid_grant",
        "authorization_access_denied",
        "authorization_admin_policy_enforced",
        "aadsts_90094",
        "invalid_rapt",
        "unknown_error",
        "authorization_unknown_error",
    ] {
        let found = causes.iter().find(|cause| cause.name == word);
        assert!(!found.unwrap().meaning.is_empty(), "{word}");
    }
}
