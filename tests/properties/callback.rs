//! The authorization response, as a query and as JSON.

use calendar_connect::oauth::callback::{Callback, CallbackError, Issuer};
use calendar_connect::providers::Provider;
use url::form_urlencoded;

use crate::random::{BASE64URL, Random, random};

const CASES: usize = 20_000;
const QUERY: &[&str] = &[
    "code=",
    "state=",
    "iss=",
    "error=",
    "&",
    "=",
    "%",
    "%00",
    "%0d%0a",
    "+",
    ";",
    "a",
    "access_denied",
    "https://accounts.google.com",
    "%C3%A9",
    "%ff",
];
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"code\":",
    "\"state\":",
    "\"iss\":",
    "\"error\":",
    "null",
    "1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "true",
    " ",
    "\"a\"",
];

struct Response {
    code: String,
    state: String,
    iss: Option<String>,
}

fn response(random: &mut Random) -> Response {
    let visible: String = (0x20..0x7f_u8).map(char::from).collect();
    let length = 1 + random.below(300);
    Response {
        code: random.text(&visible, length),
        state: random.text(BASE64URL, 43),
        iss: random.once(2).then(|| random.text(&visible, 20)),
    }
}

impl Response {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("code", &self.code)
            .append_pair("state", &self.state);
        if let Some(iss) = &self.iss {
            query.append_pair("iss", iss);
        }
        query.append_pair("unknown", "ignored").finish()
    }

    fn json(&self) -> String {
        let mut body = serde_json::json!({"code": self.code, "state": self.state, "unknown": [1, {"a": null}]});
        if let Some(iss) = &self.iss {
            body["iss"] = iss.as_str().into();
        }
        body.to_string()
    }
}

#[test]
fn every_text_is_judged() {
    let (mut random, _seed) = random();
    for _ in 0..CASES {
        let _ = Callback::from_query(&random.mosaic(QUERY, 30));
        let _ = Callback::from_json(&random.mosaic(JSON, 40));
        let good = response(&mut random);
        let _ = Callback::from_query(&random.damaged(&good.query()));
        let _ = Callback::from_json(&random.damaged(&good.json()));
    }
}

#[test]
fn what_a_response_carries_is_what_the_relay_hands_on() {
    let (mut random, _seed) = random();
    for _ in 0..CASES {
        let sent = response(&mut random);
        for parsed in [
            Callback::from_query(&sent.query()),
            Callback::from_json(&sent.json()),
        ] {
            let callback = parsed.unwrap();
            assert_eq!(callback.state().expose(), sent.state);
            let fragment = callback.relay_fragment(Provider::Google);
            let handed: Vec<(String, String)> = form_urlencoded::parse(fragment.as_bytes())
                .into_owned()
                .collect();
            let mut expected = vec![
                ("calendar_provider".to_owned(), "google".to_owned()),
                ("calendar_code".to_owned(), sent.code.clone()),
                ("calendar_state".to_owned(), sent.state.clone()),
            ];
            expected.extend(sent.iss.clone().map(|iss| ("calendar_iss".to_owned(), iss)));
            assert_eq!(handed, expected);
        }
    }
}

#[test]
fn a_known_parameter_twice_is_refused_wherever_it_stands() {
    let (mut random, _seed) = random();
    for _ in 0..CASES {
        let query = response(&mut random).query();
        let mut pairs: Vec<&str> = query.split('&').collect();
        let name = random.pick(&["code", "state"]);
        let second = format!("{name}={}", random.text(BASE64URL, 43));
        pairs.insert(random.below(pairs.len() + 1), &second);
        assert_eq!(
            Callback::from_query(&pairs.join("&")).err(),
            Some(CallbackError::Doubled)
        );
    }
}

#[test]
fn only_the_issuer_itself_is_the_issuer() {
    let (mut random, _seed) = random();
    let issuer = "https://accounts.google.com";
    let other = Issuer::Exactly(issuer.to_owned());
    for _ in 0..CASES {
        let iss = random.damaged(issuer);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("code", "c")
            .append_pair("state", &"s".repeat(43))
            .append_pair("iss", &iss);
        let Ok(callback) = Callback::from_query(&query.finish()) else {
            continue;
        };
        let checked = callback.check(Provider::Google, &other, "google", true);
        assert_eq!(checked.is_ok(), iss == issuer, "{iss:?}");
    }
}
