use super::*;

const STATE: &str = "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";

fn error_of(query: &str) -> CallbackError {
    Callback::from_query(query)
        .err()
        .unwrap_or_else(|| panic!("accepted: {query}"))
}

fn google() -> Issuer {
    Issuer::of_tenant("https://accounts.google.com", &Tenant::default())
}

fn check(query: &str) -> Result<CheckedCallback, CallbackError> {
    Callback::from_query(query)?.check(Provider::Google, &google(), "google", true)
}

#[test]
fn a_good_response_yields_its_code() {
    let query = format!(
        "code=4%2F0A-x&state={STATE}&scope=a+b&authuser=0&prompt=consent&hd=x&hd=y&error_description=z"
    );
    assert_eq!(check(&query).unwrap().code().expose(), "4/0A-x");
    let query = format!("code=c&state={STATE}&iss=https%3A%2F%2Faccounts.google.com");
    assert!(check(&query).is_ok());
}

#[test]
fn a_known_parameter_may_stand_once() {
    for doubled in [
        format!("code=a&code=b&state={STATE}"),
        format!("code=a&state={STATE}&state={STATE}"),
        format!("code=a&state={STATE}&iss=https://accounts.google.com&iss=x"),
        format!("error=a&error=b&state={STATE}"),
    ] {
        assert_eq!(error_of(&doubled), CallbackError::Doubled, "{doubled}");
    }
}

#[test]
fn missing_and_malformed_parameters_are_named() {
    assert_eq!(error_of(""), CallbackError::StateMissing);
    assert_eq!(error_of("code=a&state="), CallbackError::StateMissing);
    assert_eq!(
        error_of("code=a&state=short"),
        CallbackError::StateMalformed
    );
    assert_eq!(
        error_of(&format!("state={STATE}")),
        CallbackError::CodeMissing
    );
    assert_eq!(
        error_of(&format!("code=&state={STATE}")),
        CallbackError::CodeMissing
    );
    assert_eq!(
        error_of(&format!("code=a&error=b&state={STATE}")),
        CallbackError::CodeMissing
    );
    for code in ["a%0Ab", "a%00", "%FF", &"a".repeat(4 * 1024 + 1)] {
        let query = format!("code={code}&state={STATE}");
        assert_eq!(error_of(&query), CallbackError::CodeMalformed);
    }
    for error in ["a%0D%0Ab", "%00", &"e".repeat(256 + 1)] {
        let query = format!("error={error}&state={STATE}");
        assert_eq!(error_of(&query), CallbackError::ErrorMalformed);
    }
    let longest = format!("code={}&state={STATE}", "a".repeat(4 * 1024));
    assert!(check(&longest).is_ok());
}

fn refusal(checked: Result<CheckedCallback, CallbackError>) -> Refusal {
    match checked.err() {
        Some(CallbackError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_means_the_same_when_the_app_posts_what_the_relay_made_of_it() {
    for (error, meaning) in [
        ("access_denied", Meaning::ConsentMissing),
        ("consent_required", Meaning::ConsentMissing),
        ("interaction_required", Meaning::SignInAgain),
        ("login_required", Meaning::SignInAgain),
        ("admin_policy_enforced", Meaning::AdministratorRefuses),
        ("server_error", Meaning::Unavailable),
        ("temporarily_unavailable", Meaning::Unavailable),
        ("unauthorized_client", Meaning::ClientRefused),
        ("invalid_scope", Meaning::ClientRefused),
        ("invalid_request", Meaning::ClientRefused),
        ("<script>", Meaning::Unknown),
        ("", Meaning::Unknown),
    ] {
        let query = format!("error={error}&state={STATE}");
        assert_eq!(refusal(check(&query)).meaning, meaning, "{error}");
        let relayed = Callback::from_query(&query)
            .unwrap()
            .relay_fragment(Provider::Google);
        let (_, rest) = relayed.split_once("calendar_error=").unwrap();
        let (word, _) = rest.split_once('&').unwrap();
        let body = format!(r#"{{"error":"{word}","state":"{STATE}"}}"#);
        let posted = Callback::from_json(&body).unwrap();
        let checked = posted.check(Provider::Google, &google(), "google", true);
        assert_eq!(refusal(checked).meaning, meaning, "{error}");
    }
}

#[test]
fn the_log_word_of_a_refusal_names_the_error_if_it_is_known() {
    for (error, cause) in [
        ("access_denied", "authorization_access_denied"),
        ("consent_required", "authorization_consent_required"),
        ("server_error", "authorization_server_error"),
        ("canary", "authorization_unknown_error"),
    ] {
        let callback = Callback::from_query(&format!("error={error}&state={STATE}")).unwrap();
        let refusal = callback.refusal(Provider::Google).unwrap();
        assert_eq!(refusal.cause.as_str(), cause);
    }
    let accepted = Callback::from_query(&format!("code=c&state={STATE}")).unwrap();
    assert!(accepted.refusal(Provider::Google).is_none());
}

#[test]
fn microsofts_refusals_are_understood_although_they_hold_line_breaks() {
    let refusals: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/support/entra_refusals.json")).unwrap();
    for refusal in refusals.as_array().unwrap() {
        let query = refusal["query"].as_str().unwrap();
        assert!(query.contains("%0d%0aTrace+ID%3a"), "{query}");
        let callback = Callback::from_query(&query.replace("{state}", STATE)).unwrap();
        let judged = callback.refusal(Provider::Outlook).unwrap();
        assert_eq!(
            (judged.cause.as_str(), judged.relay_word()),
            (
                refusal["cause"].as_str().unwrap(),
                refusal["relayed"].as_str().unwrap()
            )
        );
        assert_eq!(callback.state().expose(), STATE);
    }
}

#[test]
fn the_state_must_be_live_and_this_providers() {
    let query = format!("code=c&state={STATE}");
    let callback = || Callback::from_query(&query).unwrap();
    let mixed = callback().check(Provider::Outlook, &google(), "google", true);
    assert_eq!(mixed.err(), Some(CallbackError::OtherProvider));
    let unknown = callback().check(Provider::Google, &google(), "apple", true);
    assert_eq!(unknown.err(), Some(CallbackError::OtherProvider));
    let expired = callback().check(Provider::Google, &google(), "google", false);
    assert_eq!(expired.err(), Some(CallbackError::StateExpired));
}

#[test]
fn another_issuer_is_refused() {
    for iss in [
        "",
        "https://accounts.google.com/",
        "http://accounts.google.com",
        "https://accounts.google.com.evil.example",
        "https://login.microsoftonline.com/common/v2.0",
        "%00",
    ] {
        let query = format!("code=c&state={STATE}&iss={iss}");
        assert_eq!(
            check(&query).err(),
            Some(CallbackError::OtherIssuer),
            "{iss:?}"
        );
    }
}

#[test]
fn a_multi_tenant_deployment_takes_any_tenant_and_a_single_tenant_one_only_its_own() {
    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenant}/v2.0";
    let of = |tenant: &str| Issuer::of_tenant(TEMPLATE, &Tenant::parse(tenant).unwrap());
    const TENANT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for tenant in [
        "common",
        "organizations",
        "consumers",
        "contoso.onmicrosoft.com",
        TENANT,
        &TENANT.to_uppercase(),
    ] {
        assert!(of(tenant).accepts(&iss), "{tenant}");
    }
    assert!(!of("11111111-1111-4111-8111-111111111111").accepts(&iss));
    let any = of("common");
    for bad in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com//v2.0",
    ] {
        assert!(!any.accepts(bad), "{bad}");
    }
}

#[test]
fn a_posted_body_is_an_object_of_strings() {
    let good = format!(r#"{{"code":"c","state":"{STATE}","iss":null,"extra":{{}}}}"#);
    assert!(Callback::from_json(&good).is_ok());
    for bad in [
        "",
        "null",
        "[]",
        &format!(r#"["c","{STATE}"]"#),
        &format!(r#"{{"code":1,"state":"{STATE}"}}"#),
        &format!(r#"{{"code":"c","code":"d","state":"{STATE}"}}"#),
        "{\"code\":\"c\"",
    ] {
        assert_eq!(
            Callback::from_json(bad).err(),
            Some(CallbackError::NotAnObject),
            "{bad}"
        );
    }
}

#[test]
fn the_relay_carries_exactly_what_the_post_needs() {
    let query = format!("code=a%26b%23c&state={STATE}&iss=https://accounts.google.com&scope=x");
    let fragment = Callback::from_query(&query)
        .unwrap()
        .relay_fragment(Provider::Google);
    assert_eq!(
        fragment.as_str(),
        format!(
            "calendar_provider=google&calendar_code=a%26b%23c&calendar_state={STATE}\
             &calendar_iss=https%3A%2F%2Faccounts.google.com"
        )
    );
    let query = format!("error=consent_required&error_description=secret&state={STATE}");
    let fragment = Callback::from_query(&query)
        .unwrap()
        .relay_fragment(Provider::Outlook);
    assert_eq!(
        fragment.as_str(),
        format!("calendar_provider=outlook&calendar_error=access_denied&calendar_state={STATE}")
    );
}
