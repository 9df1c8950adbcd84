use super::*;

pub(in crate::providers) fn meaning(
    provider: Provider,
    refused: &Refused<'_>,
) -> (Meaning, &'static str) {
    let judged = provider.judge_refusal(Endpoint::Token, refused);
    (judged.meaning, judged.cause.as_str())
}

/// Checks a whole table of errors, and that the provider's own rules are all in it.
pub(in crate::providers) fn meanings(provider: Provider, table: &[(&str, Meaning)]) {
    for (error, expected) in table {
        let refused = Refused {
            error,
            ..Refused::default()
        };
        let (judged, cause) = meaning(provider, &refused);
        assert_eq!(judged, *expected, "{error}");
        let word = if judged == Meaning::Unknown {
            "unknown_error"
        } else {
            error
        };
        assert_eq!(cause, word);
    }
    for rule in provider.profile().errors {
        assert!(
            table.iter().any(|(error, _)| *error == rule.error),
            "{} is not in the test's table",
            rule.error
        );
    }
}

#[test]
fn no_detail_ever_turns_on_the_user_or_the_operator() {
    for provider in Provider::ALL {
        let judged = |refused| provider.judge_refusal(Endpoint::Token, &refused);
        let profile = provider.profile();
        let errors = profile.errors.iter().chain(COMMON).map(|rule| rule.error);
        for error in errors.chain(["an_error_of_tomorrow"]) {
            let plain = judged(Refused {
                error,
                ..Refused::default()
            });
            for rule in profile.details {
                let (suberror, number) = match rule.detail {
                    Detail::Suberror(text) => (Some(text), None),
                    Detail::Number(number) => (None, Some(number)),
                };
                let finer = judged(Refused {
                    error,
                    suberror,
                    number,
                });
                let (from, to) = (plain.meaning.party(), finer.meaning.party());
                let softer = matches!(
                    (from, to),
                    (Party::User, Party::Administrator | Party::Nobody)
                        | (Party::Operator, Party::Administrator)
                );
                assert!(from == to || softer, "{error} and {:?}", rule.detail);
                if plain.meaning == Meaning::Unknown {
                    assert_eq!(finer, plain, "{error} and {:?}", rule.detail);
                }
                if finer.meaning == Meaning::TenantRefuses {
                    assert!(
                        matches!(
                            plain.meaning,
                            Meaning::ClientRefused | Meaning::TenantRefuses
                        ),
                        "{error} and {:?}",
                        rule.detail
                    );
                }
            }
        }
    }
}

#[test]
fn the_log_word_says_which_endpoint_refused_unless_a_detail_says_more() {
    let cause = |endpoint, error, number| {
        let refused = Refused {
            error,
            suberror: None,
            number,
        };
        Provider::Outlook
            .judge_refusal(endpoint, &refused)
            .cause
            .as_str()
    };
    use Endpoint::{Authorization, Token};
    assert_eq!(
        cause(Authorization, "access_denied", None),
        "authorization_access_denied"
    );
    assert_eq!(cause(Token, "access_denied", None), "access_denied");
    assert_eq!(
        cause(Authorization, "access_denied", Some(90094)),
        "aadsts_90094"
    );
    assert_eq!(
        cause(Authorization, "an_error_of_tomorrow", Some(90094)),
        "authorization_unknown_error"
    );
}

#[test]
fn a_relayed_refusal_means_the_same_to_the_caller_as_the_one_that_came() {
    use Meaning::*;
    for (meaning, word, relayed) in [
        (ConsentMissing, "access_denied", ConsentMissing),
        (SignInAgain, "sign_in_again", SignInAgain),
        (AccountUnusable, "account_unusable", AccountUnusable),
        (AdministratorRefuses, "admin_blocked", AdministratorRefuses),
        (ClientRefused, "misconfigured", ClientRefused),
        (TenantRefuses, "misconfigured", ClientRefused),
        (Unavailable, "provider_unavailable", Unavailable),
        (GrantEnded, "provider_rejected", Unknown),
        (Unknown, "provider_rejected", Unknown),
    ] {
        let cause = Cause::of_provider("a_cause");
        assert_eq!(Refusal { meaning, cause }.relay_word(), word);
        assert_eq!(Refusal::relayed(word).unwrap().meaning, relayed);
    }
    assert_eq!(Refusal::relayed("an_error_of_tomorrow"), None);
}

#[test]
fn every_detail_is_listed_once() {
    for provider in Provider::ALL {
        let details = provider.profile().details;
        for (at, rule) in details.iter().enumerate() {
            assert!(
                !details
                    .iter()
                    .skip(at + 1)
                    .any(|other| other.detail == rule.detail),
                "{:?}",
                rule.detail
            );
        }
    }
}
