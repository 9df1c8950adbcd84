use std::collections::HashMap;

use super::*;

pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) fn complete() -> HashMap<&'static str, String> {
    let clients = Provider::ALL.iter().flat_map(|provider| {
        let name = provider.as_str();
        [("CLIENT_ID", "id"), ("CLIENT_SECRET", "secret")].map(|(part, what)| {
            (
                &*provider.variable(part).leak(),
                format!("fake-{name}-{what}"),
            )
        })
    });
    [
        ("SUPABASE_URL", "https://ref.supabase.co"),
        (
            "SUPABASE_PUBLISHABLE_KEYS",
            r#"{"default":"sb_publishable_fake"}"#,
        ),
        ("CALENDAR_ENCRYPTION_KEY", KEY),
        ("CALENDAR_SETTINGS_URL", "https://app.example/app/settings"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain(clients)
    .collect()
}

fn read(changes: &[(&'static str, Option<&str>)]) -> Result<Config, Vec<ConfigError>> {
    let mut env = complete();
    for (name, value) in changes {
        match value {
            Some(value) => env.insert(name, (*value).to_owned()),
            None => env.remove(name),
        };
    }
    Config::from_env(|name| env.get(name).cloned())
}

fn rejected(changes: &[(&'static str, Option<&str>)]) -> Vec<String> {
    let errors = read(changes)
        .err()
        .unwrap_or_else(|| panic!("accepted: {changes:?}"));
    errors.into_iter().map(|error| error.variable).collect()
}

#[test]
fn the_documented_defaults_hold() {
    let config = read(&[]).unwrap();
    assert_eq!(
        config.redirect_uri(Provider::Google),
        "https://ref.supabase.co/functions/v1/calendar/callback/google"
    );
    assert_eq!(config.allowed_origins, ["https://app.example"]);
    assert_eq!(config.session_cookie, "sb-ref-auth-token");
    assert_eq!(config.publishable_key, "sb_publishable_fake");
    assert_eq!(
        (config.database_timeout_ms, config.exchange_timeout_ms),
        (3000, 5000)
    );
    assert_eq!(config.providers().collect::<Vec<_>>(), Provider::ALL);
    let outlook = config.provider(Provider::Outlook).unwrap();
    assert_eq!(
        outlook.token_endpoint,
        "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    );
}

#[test]
fn every_variable_that_is_read_is_on_the_list() {
    let read = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let env = complete();
    let _ = Config::from_env(|name| {
        read.borrow_mut().insert(name.to_owned());
        env.get(name).cloned()
    });
    // Read only where SUPABASE_PUBLISHABLE_KEYS has no default.
    read.borrow_mut().insert("SUPABASE_ANON_KEY".to_owned());
    let listed: std::collections::BTreeSet<_> = environment().into_iter().collect();
    assert_eq!(read.into_inner(), listed);
    assert_eq!(listed.len(), environment().len());
}

#[test]
fn each_required_variable_is_named_when_it_is_missing_or_empty() {
    for name in [
        "SUPABASE_URL",
        "CALENDAR_ENCRYPTION_KEY",
        "CALENDAR_SETTINGS_URL",
    ] {
        for value in [None, Some(""), Some("  ")] {
            assert_eq!(rejected(&[(name, value)]), [name]);
        }
    }
    assert_eq!(
        rejected(&[("SUPABASE_PUBLISHABLE_KEYS", None)]),
        ["SUPABASE_ANON_KEY"]
    );
}

#[test]
fn all_faults_are_reported_at_once_and_no_value_is_shown() {
    let errors = read(&[
        ("CALENDAR_ENCRYPTION_KEY", Some("canary-key")),
        ("CALENDAR_SETTINGS_URL", Some("ftp://canary")),
        ("GOOGLE_CLIENT_SECRET", None),
        ("OUTLOOK_TENANT_ID", Some("canary/evil")),
    ])
    .unwrap_err();
    assert_eq!(errors.len(), 4);
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(!text.join(" ").contains("canary"));
    assert!(text[0].starts_with("CALENDAR_ENCRYPTION_KEY must be base64 of exactly 32 bytes"));
}

#[test]
fn a_provider_without_variables_is_not_offered_and_a_half_configured_one_is_a_fault() {
    let config = read(&[("GOOGLE_CLIENT_ID", None), ("GOOGLE_CLIENT_SECRET", None)]).unwrap();
    let others = |provider: &&Provider| **provider != Provider::Google;
    let others: Vec<Provider> = Provider::ALL.iter().filter(others).copied().collect();
    assert_eq!(config.providers().collect::<Vec<_>>(), others);
    assert_eq!(
        rejected(&[("GOOGLE_CLIENT_ID", None)]),
        ["GOOGLE_CLIENT_ID"]
    );
    assert_eq!(
        rejected(&[("OUTLOOK_CLIENT_SECRET", None)]),
        ["OUTLOOK_CLIENT_SECRET"]
    );
}

#[test]
fn urls_that_browsers_reach_are_https_or_loopback() {
    for good in [
        "https://app.example/app/settings?tab=calendar",
        "http://localhost:3000/app/settings",
        "http://app.localhost:3000/",
        "http://127.0.0.1:3000/",
        "http://[::1]:3000/",
        "http://host.docker.internal:3000/",
        "https://xn--bcher-kva.example/app/settings",
    ] {
        assert!(
            read(&[("CALENDAR_SETTINGS_URL", Some(good))]).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "app.example",
        "/app/settings",
        "http://app.example/",
        "http://localhost.evil.example/",
        "http://notlocalhost/",
        "http://xhost.docker.internal/",
        "http://x.host.docker.internal/",
        "http://128.0.0.1/",
        "http://0.0.0.0/",
        "http://[::2]/",
        "https://app.example/#tab",
        "https://user:pass@app.example/",
        "https://user@app.example/",
        "https://:pass@app.example/",
        "https://*.app.example/",
        // Known in ASCII only: as https://xn--bcher-kva.example/.
        "https://bücher.example/",
        "https://app%2eexample%2f/",
        "javascript:alert(1)",
        "data:text/html,x",
    ] {
        assert_eq!(
            rejected(&[("CALENDAR_SETTINGS_URL", Some(bad))]),
            ["CALENDAR_SETTINGS_URL"],
            "{bad}"
        );
    }
    for name in [
        "GOOGLE_TOKEN_ENDPOINT",
        "OUTLOOK_AUTHORIZATION_ENDPOINT",
        "CALENDAR_REDIRECT_URL",
        "GOOGLE_ISSUER",
    ] {
        assert_eq!(
            rejected(&[(name, Some("http://emulator.example/token"))]),
            [name]
        );
        assert!(
            read(&[(name, Some("http://localhost:4000/token"))]).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn an_internal_supabase_url_needs_the_public_names() {
    let kong = ("SUPABASE_URL", Some("http://kong:8000"));
    assert_eq!(
        rejected(&[kong]),
        ["CALENDAR_REDIRECT_URL", "CALENDAR_SESSION_COOKIE"]
    );
    let redirect = (
        "CALENDAR_REDIRECT_URL",
        Some("http://localhost:54321/functions/v1/calendar/callback"),
    );
    let config = read(&[
        kong,
        redirect,
        ("CALENDAR_SESSION_COOKIE", Some("sb-localhost-auth-token")),
    ])
    .unwrap();
    assert_eq!(config.supabase_url, "http://kong:8000");
    assert_eq!(
        config.redirect_uri(Provider::Outlook),
        "http://localhost:54321/functions/v1/calendar/callback/outlook"
    );
}

#[test]
fn origins_are_exact() {
    let list = "https://app.example, http://localhost:3000/,https://admin.app.example:8443";
    let config = read(&[("CALENDAR_ALLOWED_ORIGINS", Some(list))]).unwrap();
    assert_eq!(
        config.allowed_origins,
        [
            "https://app.example",
            "http://localhost:3000",
            "https://admin.app.example:8443"
        ]
    );
    for bad in [
        "*",
        "null",
        "https://*.app.example",
        "https://app.example/path",
        "app.example",
        "http://app.example",
    ] {
        assert_eq!(
            rejected(&[("CALENDAR_ALLOWED_ORIGINS", Some(bad))]),
            ["CALENDAR_ALLOWED_ORIGINS"],
            "{bad}"
        );
    }
}

#[test]
fn the_good_origins_are_known_where_everything_else_is_wrong() {
    let origins = |env: &[(&str, &str)]| {
        Config::origins(|name| {
            let found = env.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        })
    };
    let list = "https://app.example, *, https://*.evil.example, http://app.example, http://localhost:3000/";
    let settings = ("CALENDAR_SETTINGS_URL", "https://app.example/app/settings");
    assert_eq!(
        origins(&[("CALENDAR_ALLOWED_ORIGINS", list), settings]),
        ["https://app.example", "http://localhost:3000"]
    );
    assert_eq!(origins(&[settings]), ["https://app.example"]);
    assert!(origins(&[("CALENDAR_ALLOWED_ORIGINS", "*"), settings]).is_empty());
    assert!(origins(&[("CALENDAR_SETTINGS_URL", "http://app.example/")]).is_empty());
    assert!(origins(&[]).is_empty());
}

#[test]
fn keys_come_from_the_map_or_the_legacy_variable() {
    let anon = ("SUPABASE_ANON_KEY", Some("fake.anon.key"));
    let config = read(&[("SUPABASE_PUBLISHABLE_KEYS", None), anon]).unwrap();
    assert_eq!(config.publishable_key, "fake.anon.key");
    let config = read(&[("SUPABASE_PUBLISHABLE_KEYS", Some("{}")), anon]).unwrap();
    assert_eq!(config.publishable_key, "fake.anon.key");
    for bad in [
        "not json",
        "[]",
        r#"{"default":1}"#,
        r#"{"default":"a\nb"}"#,
        r#"{"default":""}"#,
    ] {
        let changes = [("SUPABASE_PUBLISHABLE_KEYS", Some(bad)), anon];
        assert_eq!(rejected(&changes), ["SUPABASE_PUBLISHABLE_KEYS"], "{bad}");
    }
}

#[test]
fn a_legacy_key_is_visible_ascii() {
    for bad in ["a b", "é", "a\tb"] {
        let changes = [
            ("SUPABASE_PUBLISHABLE_KEYS", None),
            ("SUPABASE_ANON_KEY", Some(bad)),
        ];
        assert_eq!(rejected(&changes), ["SUPABASE_ANON_KEY"], "{bad:?}");
    }
}

#[test]
fn the_projects_url_is_http_and_nothing_besides() {
    let config = read(&[("SUPABASE_URL", Some("https://ref.supabase.co/"))]).unwrap();
    assert_eq!(config.supabase_url, "https://ref.supabase.co");
    for bad in [
        "ftp://ref.supabase.co",
        "https://user@ref.supabase.co",
        "https://ref.supabase.co/?x=y",
        "https://ref.supabase.co/#x",
        "https://*.supabase.co",
        "ref.supabase.co",
    ] {
        assert_eq!(
            rejected(&[("SUPABASE_URL", Some(bad))]),
            ["SUPABASE_URL"],
            "{bad}"
        );
    }
}

#[test]
fn a_redirect_url_has_no_query_and_its_last_slash_is_not_doubled() {
    let url = "https://app.example/api/calendar/callback/";
    let config = read(&[("CALENDAR_REDIRECT_URL", Some(url))]).unwrap();
    assert_eq!(
        config.redirect_uri(Provider::Google),
        "https://app.example/api/calendar/callback/google"
    );
    for bad in ["https://app.example/callback?x=y", "https://app.example/#x"] {
        assert_eq!(
            rejected(&[("CALENDAR_REDIRECT_URL", Some(bad))]),
            ["CALENDAR_REDIRECT_URL"]
        );
    }
}

#[test]
fn a_session_cookie_is_named_in_letters_that_need_no_quoting() {
    for good in ["sb-ref-auth-token", "__Host-session", "a.b_C-9"] {
        let config = read(&[("CALENDAR_SESSION_COOKIE", Some(good))]).unwrap();
        assert_eq!(config.session_cookie, good);
    }
    for bad in ["a b", "a;b", "a=b", "é", "a\"b"] {
        assert_eq!(
            rejected(&[("CALENDAR_SESSION_COOKIE", Some(bad))]),
            ["CALENDAR_SESSION_COOKIE"],
            "{bad}"
        );
    }
    let local = read(&[("SUPABASE_URL", Some("http://127.0.0.1:54321"))]).unwrap();
    assert_eq!(local.session_cookie, "sb-127-auth-token");
}

#[test]
fn retired_keys_are_checked_as_well() {
    assert!(
        read(&[(
            "CALENDAR_RETIRED_ENCRYPTION_KEYS",
            Some(&format!("{KEY},{KEY},"))
        )])
        .is_ok()
    );
    assert_eq!(
        rejected(&[("CALENDAR_RETIRED_ENCRYPTION_KEYS", Some("short"))]),
        ["CALENDAR_RETIRED_ENCRYPTION_KEYS"]
    );
}

#[test]
fn the_number_of_accounts_is_bounded() {
    assert_eq!(read(&[]).unwrap().accounts_per_provider, 10);
    for good in ["1", "10"] {
        let config = read(&[("CALENDAR_ACCOUNTS_PER_PROVIDER", Some(good))]).unwrap();
        assert_eq!(config.accounts_per_provider.to_string(), good);
    }
    for bad in ["0", "11", "-1", "one", "1.5"] {
        assert_eq!(
            rejected(&[("CALENDAR_ACCOUNTS_PER_PROVIDER", Some(bad))]),
            ["CALENDAR_ACCOUNTS_PER_PROVIDER"]
        );
    }
}

#[test]
fn deadlines_are_bounded() {
    assert_eq!(
        read(&[("CALENDAR_EXCHANGE_TIMEOUT_MS", Some("250"))])
            .unwrap()
            .exchange_timeout_ms,
        250
    );
    for (text, ms) in [("1", 1), ("60000", 60_000)] {
        let config = read(&[("CALENDAR_DATABASE_TIMEOUT_MS", Some(text))]).unwrap();
        assert_eq!(config.database_timeout_ms, ms);
    }
    for bad in ["0", "-1", "60001", "3s", "1e3"] {
        assert_eq!(
            rejected(&[("CALENDAR_DATABASE_TIMEOUT_MS", Some(bad))]),
            ["CALENDAR_DATABASE_TIMEOUT_MS"]
        );
    }
}
