//! The environment.

use std::collections::BTreeMap;

use calendar_connect::config::{Config, environment};

use crate::random::random;

const CASES: usize = 20_000;
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const GOOD: &[(&str, &str)] = &[
    ("SUPABASE_URL", "https://project.supabase.co"),
    (
        "SUPABASE_PUBLISHABLE_KEYS",
        r#"{"default":"sb_publishable_fake"}"#,
    ),
    ("CALENDAR_ENCRYPTION_KEY", KEY),
    (
        "CALENDAR_SETTINGS_URL",
        "https://app.example.test/app/settings",
    ),
    ("GOOGLE_CLIENT_ID", "google-test-client"),
    ("GOOGLE_CLIENT_SECRET", "not-real"),
    ("OUTLOOK_CLIENT_ID", "outlook-test-client"),
    ("OUTLOOK_CLIENT_SECRET", "not-real"),
];
const PIECES: &[&str] = &[
    "https://",
    "http://",
    "localhost",
    "app.example",
    "/",
    "#",
    "?",
    "@",
    ":",
    "[::1]",
    "..",
    "%",
    "{",
    "}",
    "\"default\":",
    "\"x\"",
    ",",
    "*",
    "null",
    "javascript:",
    "file:",
    "xn--",
    "é",
    " ",
    "\0",
    "\r\n",
    "9",
];

#[test]
fn every_environment_is_judged_and_no_value_is_told() {
    let (mut random, _seed) = random();
    let names = environment();
    let picks: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut good = 0;
    for _ in 0..CASES {
        let mut env: BTreeMap<&str, String> = GOOD
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let mut canaries = Vec::new();
        for _ in 0..=random.below(3) {
            let canary = random.text("0123456789", 12);
            let value = random.mosaic(PIECES, 12) + if random.once(2) { &canary } else { "" };
            canaries.push(canary);
            env.insert(random.pick(&picks), value);
        }
        match Config::from_env(|name| env.get(name).cloned()) {
            Ok(config) => {
                good += 1;
                assert!(
                    config.settings_url.starts_with("http") && !config.settings_url.contains('#')
                );
                assert!(
                    config
                        .allowed_origins
                        .iter()
                        .all(|origin| !origin.contains('*'))
                );
                assert!(!format!("{config:?}").contains("not-real"));
            }
            Err(errors) => {
                assert!(!errors.is_empty());
                for error in errors {
                    assert!(names.contains(&error.variable));
                    let told = error.to_string();
                    assert!(canaries.iter().all(|canary| !told.contains(canary)));
                }
            }
        }
    }
    assert!(good > 100, "only {good} environments were good");
}
