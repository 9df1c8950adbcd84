use super::*;

#[test]
fn only_the_exact_name_is_a_provider() {
    assert_eq!(Provider::parse("google"), Some(Provider::Google));
    assert_eq!(Provider::parse("outlook"), Some(Provider::Outlook));
    for bad in ["", "Google", "google ", "apple", "google/", "%67oogle"] {
        assert_eq!(Provider::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn every_provider_is_found_by_its_name_and_written_as_it() {
    for provider in Provider::ALL {
        let name = provider.as_str();
        assert_eq!(Provider::parse(name), Some(*provider));
        assert_eq!(
            serde_json::to_string(provider).unwrap(),
            format!("\"{name}\"")
        );
    }
}

#[test]
fn every_provider_asks_for_one_calendar_scope_and_the_sign_in_scopes() {
    const SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    for provider in Provider::ALL {
        let (sign_in, other): (Vec<&str>, Vec<&str>) = provider
            .profile()
            .requested_scope
            .split(' ')
            .partition(|scope| SIGN_IN.contains(scope));
        assert!(sign_in.contains(&"openid") && sign_in.contains(&"email"));
        assert_eq!(other.len(), 1);
        assert!(provider.is_calendar_scope(other[0]));
    }
}

#[test]
fn every_address_is_https_and_has_no_trailing_slash() {
    for provider in Provider::ALL {
        let profile = provider.profile();
        let (consent, api) = (provider.consent(), provider.api());
        let pages = consent.manage_url_of_class.iter().map(|(_, url)| *url);
        let addresses = [
            consent.authorization_endpoint,
            profile.token_endpoint,
            consent.issuer,
            api.url,
            consent.manage_url,
        ];
        for url in addresses
            .into_iter()
            .chain(api.revocation_endpoint)
            .chain(pages)
        {
            let url = Tenant::default().fill(url);
            assert_eq!(url::Url::parse(&url).unwrap().scheme(), "https");
            assert!(!url.ends_with('/'), "{url}");
        }
    }
}

#[test]
fn the_page_that_withdraws_consent_depends_on_the_account() {
    let google = "https://myaccount.google.com/connections";
    assert_eq!(Provider::Google.manage_url(None), google);
    assert_eq!(Provider::Google.manage_url(Some("personal")), google);
    for class in [None, Some("work"), Some("a_class_of_tomorrow")] {
        assert_eq!(
            Provider::Outlook.manage_url(class),
            "https://myapps.microsoft.com"
        );
    }
    assert_eq!(
        Provider::Outlook.manage_url(Some("personal")),
        "https://account.live.com/consent/Manage"
    );
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn every_class_of_account_is_described_and_only_described_classes_have_pages() {
    let claims = |hd: Option<&str>, tid: &str| Claims {
        sub: Some("1".to_owned()),
        email: None,
        preferred_username: None,
        hd: hd.map(str::to_owned),
        tid: Some(tid.to_owned()),
        oid: Some("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned()),
    };
    for provider in Provider::ALL {
        let described: Vec<&str> = provider
            .texts()
            .account_classes
            .iter()
            .map(|(class, _)| *class)
            .collect();
        for (hd, tid) in [
            (None, "9188040d-6c67-4c5b-b112-36a304b66dad"),
            (
                Some("contoso.example"),
                "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            ),
        ] {
            let class = provider.account(claims(hd, tid)).class.unwrap();
            assert!(described.contains(&class), "{class}");
        }
        for (class, _) in provider.consent().manage_url_of_class {
            assert!(described.contains(class), "{class}");
        }
    }
}
