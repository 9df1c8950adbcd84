//! The id_token of a token response: who connected
//! ([OpenID Connect Core 3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)).
//!
//! Its signature is not checked, as that section allows: it came straight from the token endpoint, over TLS. Nor is its
//! expiry compared with a clock, because the function's clock may be wrong and the token is used once, at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::callback::Issuer;
use super::token::TokenError;
use crate::cause::Cause;
use crate::json::{self, Object, Value, WrongType};
use crate::providers::{Account, Claims, Provider};
use crate::secret::IdToken;

/// Longest account id in bytes; the database checks the same number.
pub const ACCOUNT_ID_LIMIT: usize = 255;
/// Longest label in bytes; the database checks the same number. An e-mail address has at most 254 characters.
pub const ACCOUNT_LABEL_LIMIT: usize = 512;

const MALFORMED: TokenError = TokenError::Malformed(Cause::ID_TOKEN_MALFORMED);

/// The account that an id_token names; an unknown one where there is no id_token or it has no id.
///
/// # Errors
/// [`TokenError::Malformed`] if the token is another server's or another client's, or is no id_token at all.
pub fn judge(
    provider: Provider,
    issuer: &Issuer,
    client_id: &str,
    id_token: Option<&IdToken>,
) -> Result<Account, TokenError> {
    let Some(id_token) = id_token else {
        return Ok(Account::default());
    };
    let payload = payload(id_token.expose()).ok_or(MALFORMED)?;
    let mut found = json::members(
        &payload,
        &[
            "iss",
            "aud",
            "exp",
            "sub",
            "email",
            "preferred_username",
            "hd",
            "tid",
            "oid",
        ],
    )
    .ok_or(MALFORMED)?;
    let claims = claims(&mut found).map_err(|_| MALFORMED)?;
    let iss = found.text("iss").map_err(|_| MALFORMED)?;
    if !iss.is_some_and(|iss| issuer.issued(provider, &iss, claims.tid.as_deref())) {
        return Err(TokenError::Malformed(Cause::ID_TOKEN_ISSUER));
    }
    if !is_for(client_id, found.take("aud")) {
        return Err(TokenError::Malformed(Cause::ID_TOKEN_AUDIENCE));
    }
    if !matches!(found.number("exp"), Ok(Some(_))) {
        return Err(MALFORMED);
    }
    let account = provider.account(claims);
    if account
        .id
        .as_ref()
        .is_some_and(|id| id.len() > ACCOUNT_ID_LIMIT || !is_visible(id))
    {
        return Err(TokenError::Malformed(Cause::ID_TOKEN_ACCOUNT));
    }
    Ok(Account {
        label: account.label.filter(|label| is_display_text(label)),
        ..account
    })
}

/// The middle part of a JWT, which nobody has verified.
fn payload(token: &str) -> Option<Zeroizing<String>> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    if header.is_empty() || signature.is_empty() {
        return None;
    }
    let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    Some(Zeroizing::new(
        std::str::from_utf8(&decoded).ok()?.to_owned(),
    ))
}

fn claims(found: &mut Object<'_>) -> Result<Claims, WrongType> {
    Ok(Claims {
        sub: found.plain_text("sub")?,
        email: found.plain_text("email")?,
        preferred_username: found.plain_text("preferred_username")?,
        hd: found.plain_text("hd")?,
        tid: found.plain_text("tid")?,
        oid: found.plain_text("oid")?,
    })
}

/// Whether a text is visible ASCII without spaces, and not empty.
fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the audience is this client and nobody else.
fn is_for(client_id: &str, audience: Value<'_>) -> bool {
    let is_client = |value: &Value<'_>| matches!(value, Value::Text(text) if **text == *client_id);
    match audience {
        Value::List(list) => matches!(list.as_slice(), [only] if is_client(only)),
        one => is_client(&one),
    }
}

/// Whether a text may stand in a page: short, and without characters that control how other text is shown.
fn is_display_text(text: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !text.is_empty() && text.len() <= ACCOUNT_LABEL_LIMIT && !text.chars().any(hidden)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::providers::Tenant;

    const CLIENT: &str = "a-client.apps.example";
    const TENANT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";

    fn google() -> Json {
        json!({ "iss": "https://accounts.google.com", "aud": CLIENT, "exp": 1, "iat": 0, "sub": "1101",
            "email": "ann@example.test", "email_verified": true, "hd": "example.test", "at_hash": "x" })
    }

    fn microsoft() -> Json {
        json!({ "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": CLIENT, "exp": 1.5,
            "sub": "pairwise", "tid": TENANT, "oid": OID, "preferred_username": "ann@example.test", "ver": "2.0" })
    }

    fn with(mut claims: Json, name: &str, value: Json) -> Json {
        claims[name] = value;
        claims
    }

    fn token(claims: &Json) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let header = encode(r#"{"alg":"none"}"#);
        format!("{header}.{}.c2ln", encode(&claims.to_string()))
    }

    fn judged(provider: Provider, tenant: &str, token: &str) -> Result<Account, TokenError> {
        let tenant = Tenant::parse(tenant).unwrap();
        let issuer = Issuer::of_tenant(provider.consent().issuer, &tenant);
        let token = IdToken::new(token.to_owned());
        judge(provider, &issuer, CLIENT, Some(&token))
    }

    fn of_google(claims: &Json) -> Result<Account, TokenError> {
        judged(Provider::Google, "common", &token(claims))
    }

    fn of_microsoft(claims: &Json) -> Result<Account, TokenError> {
        judged(Provider::Outlook, "common", &token(claims))
    }

    #[test]
    fn a_good_token_names_its_account() {
        let google = of_google(&google()).unwrap();
        assert_eq!(
            (google.id.as_deref(), google.label.as_deref(), google.class),
            (
                Some("1101"),
                Some("ann@example.test"),
                Some("google_workspace")
            )
        );
        let microsoft = of_microsoft(&microsoft()).unwrap();
        assert_eq!(microsoft.id, Some(format!("{TENANT}.{OID}")));
        assert_eq!(microsoft.class, Some("work"));
    }

    #[test]
    fn without_a_token_or_an_id_the_account_is_unknown() {
        let issuer = Issuer::of_tenant("https://accounts.google.com", &Tenant::default());
        let none = judge(Provider::Google, &issuer, CLIENT, None).unwrap();
        assert_eq!(none, Account::default());
        for absent in ["sub", "oid"] {
            let google = of_google(&with(google(), "sub", Json::Null)).unwrap();
            let microsoft = of_microsoft(&with(microsoft(), absent, Json::Null)).unwrap();
            assert_eq!(google.id, None);
            assert_eq!(microsoft.id.is_none(), absent == "oid");
        }
    }

    #[test]
    fn another_issuer_is_refused() {
        let short = with(google(), "iss", json!("accounts.google.com"));
        assert!(of_google(&short).is_ok());
        for iss in [
            json!("https://accounts.google.com/"),
            json!("http://accounts.google.com"),
            json!("https://evil.example"),
            json!(""),
            Json::Null,
        ] {
            assert_eq!(
                of_google(&with(google(), "iss", iss)).unwrap_err(),
                TokenError::Malformed(Cause::ID_TOKEN_ISSUER)
            );
        }
        assert!(of_google(&with(google(), "iss", json!(1))).is_err());
    }

    #[test]
    fn a_deployment_with_an_issuer_of_its_own_takes_no_other() {
        let issuer = Issuer::of_tenant("http://127.0.0.1:4002/google", &Tenant::default());
        let of = |iss: &str| {
            let token = IdToken::new(token(&with(google(), "iss", json!(iss))));
            judge(Provider::Google, &issuer, CLIENT, Some(&token))
        };
        assert!(of("http://127.0.0.1:4002/google").is_ok());
        for other in ["https://accounts.google.com", "accounts.google.com"] {
            assert!(of(other).is_err());
        }
    }

    #[test]
    fn microsofts_issuer_names_the_very_tenant_of_the_account() {
        let other = "11111111-1111-4111-8111-111111111111";
        for (name, value) in [
            ("tid", json!(other)),
            ("tid", Json::Null),
            ("tid", json!("common")),
            (
                "iss",
                json!(format!("https://login.microsoftonline.com/{other}/v2.0")),
            ),
            (
                "iss",
                json!("https://login.microsoftonline.com/common/v2.0"),
            ),
            ("iss", json!(format!("https://sts.windows.net/{TENANT}/"))),
        ] {
            assert_eq!(
                of_microsoft(&with(microsoft(), name, value)).unwrap_err(),
                TokenError::Malformed(Cause::ID_TOKEN_ISSUER)
            );
        }
        let single = |tenant| judged(Provider::Outlook, tenant, &token(&microsoft()));
        assert!(single(TENANT).is_ok());
        assert!(single(other).is_err());
    }

    #[test]
    fn another_clients_token_is_refused() {
        assert!(of_google(&with(google(), "aud", json!([CLIENT]))).is_ok());
        for aud in [
            json!("another-client"),
            json!(["another-client"]),
            json!([CLIENT, "another-client"]),
            json!([]),
            json!([[CLIENT]]),
            json!(1),
            Json::Null,
        ] {
            assert_eq!(
                of_google(&with(google(), "aud", aud)).unwrap_err(),
                TokenError::Malformed(Cause::ID_TOKEN_AUDIENCE)
            );
        }
    }

    #[test]
    fn the_expiry_is_a_number_and_no_clock_decides_about_it() {
        for exp in [json!(0), json!(-1), json!(4_000_000_000_u64)] {
            assert!(of_google(&with(google(), "exp", exp)).is_ok());
        }
        for exp in [json!("1"), json!(true), Json::Null] {
            assert_eq!(
                of_google(&with(google(), "exp", exp)).unwrap_err(),
                MALFORMED
            );
        }
    }

    #[test]
    fn an_account_id_is_short_and_printable() {
        let longest = "1".repeat(ACCOUNT_ID_LIMIT);
        assert!(of_google(&with(google(), "sub", json!(longest))).is_ok());
        for sub in [
            "1".repeat(ACCOUNT_ID_LIMIT + 1),
            "a\n".into(),
            "a b".into(),
            "é".into(),
            String::new(),
        ] {
            assert_eq!(
                of_google(&with(google(), "sub", json!(sub))).unwrap_err(),
                TokenError::Malformed(Cause::ID_TOKEN_ACCOUNT)
            );
        }
        for name in ["sub", "email", "hd"] {
            assert_eq!(
                of_google(&with(google(), name, json!(1))).unwrap_err(),
                MALFORMED
            );
        }
    }

    #[test]
    fn a_label_that_could_not_be_shown_is_left_out() {
        let label = |text: &str| {
            of_google(&with(google(), "email", json!(text)))
                .unwrap()
                .label
        };
        for good in ["ann@example.test", "ännä@bücher.example", "安@例え.テスト"] {
            assert_eq!(label(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "a\nb@example.test",
            "\u{202e}tset.elpmaxe@nna",
            "a\u{200b}@example.test",
            "a\0",
            &"a".repeat(ACCOUNT_LABEL_LIMIT + 1),
        ] {
            assert_eq!(label(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        let good = token(&google());
        let parts: Vec<&str> = good.split('.').collect();
        for bad in [
            "x".to_owned(),
            format!("{}.{}", parts[0], parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!(".{}.{}", parts[1], parts[2]),
            format!("{good}.x"),
            format!("{}.!.{}", parts[0], parts[2]),
            format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode("[]"), parts[2]),
            format!(
                "{}.{}.{}",
                parts[0],
                URL_SAFE_NO_PAD.encode([0xff]),
                parts[2]
            ),
        ] {
            assert_eq!(
                judged(Provider::Google, "common", &bad).unwrap_err(),
                MALFORMED,
                "{bad}"
            );
        }
    }
}
