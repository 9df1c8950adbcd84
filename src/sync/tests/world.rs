//! A worker whose database and providers answer from lists.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, VecDeque};

use futures_util::FutureExt as _;
use serde_json::Value;

use crate::config::Config;
use crate::config::tests::complete;
use crate::flow::Clock;
use crate::http::{
    Authority, Credential, OutboundRequest, OutboundResponse, Transport, TransportError, Wire,
};
use crate::providers::Provider;
use crate::reading::Window;
use crate::secret::SecretKey;
use crate::store::worker::{Item, WorkerStore};
use crate::sync::connection::{Outcome, Reader};
use crate::sync::now::{self, Now};
use crate::sync::{Summary, work};
use crate::user::UserId;
use crate::vault::{Place, Purpose};

pub(super) const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const ACCOUNT: &str = "account-1";
const FROM: &str = "2026-03-29T00:00:00Z";
const UNTIL: &str = "2026-05-14T00:00:00Z";
const CLOCK: Clock = Clock {
    now_ms: || 1_774_800_000_000,
    rfc3339: |_| FROM.to_owned(),
};

/// An answer, or none.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Of(u16, String),
    /// 429 with this `Retry-After`.
    Busy(&'static str),
    Broken(TransportError),
}

impl Answer {
    pub(super) fn of(status: u16, body: &str) -> Self {
        Self::Of(status, body.to_owned())
    }

    pub(super) fn claim(run: Option<&str>, items: &[String]) -> Self {
        let run = serde_json::to_string(&run).unwrap();
        Self::Of(
            200,
            format!(r#"{{"run":{run},"items":[{}]}}"#, items.join(",")),
        )
    }
}

pub(super) struct World {
    config: Config,
    store: WorkerStore,
    answers: RefCell<HashMap<&'static str, VecDeque<Answer>>>,
    always: RefCell<HashMap<&'static str, Answer>>,
    sent: RefCell<Vec<OutboundRequest>>,
}

impl Default for World {
    fn default() -> Self {
        let variables = complete();
        let config = Config::from_env(|name| variables.get(name).cloned()).unwrap();
        let key = SecretKey::parse("sb_secret_fake").unwrap();
        let store = WorkerStore::new(&config.supabase_url, "sb_publishable_fake", key, 3000);
        Self {
            config,
            store: store.unwrap(),
            answers: RefCell::default(),
            always: RefCell::default(),
            sent: RefCell::default(),
        }
    }
}

impl World {
    /// Answers to requests whose path ends so, in this order; they come before what is always answered.
    pub(super) fn on(&self, path: &'static str, answers: impl IntoIterator<Item = Answer>) {
        self.answers
            .borrow_mut()
            .entry(path)
            .or_default()
            .extend(answers);
    }

    pub(super) fn always(&self, path: &'static str, answer: Answer) {
        self.always.borrow_mut().insert(path, answer);
    }

    /// A leased connection whose access token is good.
    pub(super) fn item(&self) -> Item {
        Item {
            connection: "connection-1".to_owned(),
            user: UserId::parse(USER).unwrap(),
            provider: Provider::Google,
            account: Some(ACCOUNT.to_owned()),
            fence: 7,
            token_version: 3,
            sealed_access_token: Some(self.seal(USER, Purpose::AccessToken, "fake-access")),
            sealed_refresh_token: self.seal(USER, Purpose::RefreshToken, "fake-refresh"),
            access_expires_in: Some(301.0),
            list_due: false,
            tentative_counts: true,
            window: Window::parse(FROM, UNTIL).unwrap(),
            calendars: vec!["ann@x.test".to_owned()],
        }
    }

    /// The same with an access token that has to be renewed.
    pub(super) fn expiring(&self) -> Item {
        Item {
            access_expires_in: Some(0.0),
            ..self.item()
        }
    }

    /// A row of a claim's answer, of the `n`th user.
    pub(super) fn claimed(&self, n: u32, provider: &str) -> String {
        self.claimed_by(&format!("{n:08x}-d9cb-469f-a165-70867728950e"), n, provider)
    }

    pub(super) fn claimed_by(&self, user: &str, n: u32, provider: &str) -> String {
        serde_json::json!({
            "connection": format!("connection-{n}"), "user": user, "provider": provider, "account": ACCOUNT,
            "status": "active", "strikes": 0, "fence": 1, "token_version": 1,
            "sealed_access_token": self.seal(user, Purpose::AccessToken, "fake-access"),
            "sealed_refresh_token": self.seal(user, Purpose::RefreshToken, "fake-refresh"),
            "access_expires_in": 3000, "list_due": false, "tentative_counts": true,
            "window": {"from": FROM, "until": UNTIL}, "calendars": ["ann@x.test"],
        })
        .to_string()
    }

    fn seal(&self, user: &str, purpose: Purpose<'_>, token: &str) -> String {
        let user = UserId::parse(user).unwrap();
        self.config
            .keyring
            .seal(place(&user, purpose), token)
            .unwrap()
    }

    pub(super) fn open_refresh(&self, sealed: &str) -> String {
        let user = UserId::parse(USER).unwrap();
        let opened = self
            .config
            .keyring
            .open(place(&user, Purpose::RefreshToken), sealed);
        opened.unwrap().to_string()
    }

    pub(super) fn kid(&self) -> &str {
        self.config.keyring.current_kid()
    }

    pub(super) fn read(&self, item: &Item) -> Outcome {
        self.with(|reader| reader.read(item, u64::MAX).now_or_never().unwrap())
    }

    pub(super) fn run(&self) -> Summary {
        self.with(|reader| work(reader, self.kid()).now_or_never().unwrap().unwrap())
    }

    pub(super) fn now(&self) -> Now {
        let user = UserId::parse(USER).unwrap();
        self.with(|reader| {
            now::read(&reader, &user, self.kid())
                .now_or_never()
                .unwrap()
                .unwrap()
        })
    }

    fn with<R>(&self, act: impl FnOnce(Reader<'_, Self>) -> R) -> R {
        let wire = Wire::new(self);
        act(Reader {
            config: &self.config,
            store: &self.store,
            wire: &wire,
            clock: CLOCK,
            run: None,
        })
    }

    /// The paths of what was sent, without `/rest/v1`.
    pub(super) fn paths(&self) -> Vec<String> {
        let path = |request: &OutboundRequest| path(request).replacen("/rest/v1", "", 1);
        self.sent.borrow().iter().map(path).collect()
    }

    pub(super) fn body(&self, at: usize) -> String {
        self.sent.borrow()[at].body.as_ref().unwrap().to_string()
    }

    pub(super) fn bearer(&self, at: usize) -> Option<String> {
        let sent = self.sent.borrow();
        sent[at]
            .credential
            .as_ref()?
            .authorization()
            .map(str::to_owned)
    }

    /// What the `at`th request settles.
    pub(super) fn settlements(&self, at: usize) -> Vec<Value> {
        let body: Value = serde_json::from_str(&self.body(at)).unwrap();
        body["p"]["items"].as_array().unwrap().clone()
    }

    /// The only thing that the settlement after `calls` other requests tells.
    pub(super) fn settled(&self, calls: usize) -> Value {
        let at = self
            .paths()
            .iter()
            .skip(calls)
            .position(|path| path.ends_with("_settle"));
        let settlements = self.settlements(calls + at.unwrap());
        assert_eq!(settlements.len(), 1);
        settlements.into_iter().next().unwrap()
    }

    /// The kinds of everything that was settled, in order.
    pub(super) fn kinds(&self) -> Vec<String> {
        let paths = self.paths();
        let settles = (0..paths.len()).filter(|at| paths[*at].ends_with("_settle"));
        settles
            .flat_map(|at| self.settlements(at))
            .map(|settlement| settlement["kind"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The body of the last request to a path.
    pub(super) fn last(&self, end: &str) -> Value {
        let at = self
            .paths()
            .iter()
            .rposition(|path| path.ends_with(end))
            .unwrap();
        serde_json::from_str(&self.body(at)).unwrap()
    }

    pub(super) fn asked_with_the_secret_key(&self) -> BTreeSet<String> {
        let is_service = |request: &&OutboundRequest| {
            matches!(
                request.credential,
                Some(Credential::Database(Authority::Service(_)))
            )
        };
        self.sent
            .borrow()
            .iter()
            .filter(is_service)
            .map(path)
            .collect()
    }

    fn answer_to(&self, request: &OutboundRequest) -> Answer {
        let path = path(request);
        let mut answers = self.answers.borrow_mut();
        let listed = answers
            .iter_mut()
            .find(|(end, list)| path.ends_with(**end) && !list.is_empty())
            .and_then(|(_, list)| list.pop_front());
        let always = self.always.borrow();
        let kept = always.iter().find(|(end, _)| path.ends_with(**end));
        if let Some(answer) = listed.or_else(|| kept.map(|(_, answer)| answer.clone())) {
            return answer;
        }
        match path.rsplit('/').next() {
            Some("calendar_sync_settle") => {
                let body: Value = serde_json::from_str(request.body.as_ref().unwrap()).unwrap();
                let answers = vec!["ok"; body["p"]["items"].as_array().unwrap().len()];
                Answer::Of(200, serde_json::json!({ "answers": answers }).to_string())
            }
            Some("calendar_sync_report") => Answer::of(200, "{}"),
            _ => panic!("nothing answers {path}"),
        }
    }
}

impl Transport for World {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        let answer = self.answer_to(&request);
        self.sent.borrow_mut().push(request);
        let (status, retry_after, body) = match answer {
            Answer::Of(status, body) => (status, None, body),
            Answer::Busy(pause) => (429, Some(pause.to_owned()), String::new()),
            Answer::Broken(error) => return Err(error),
        };
        Ok(OutboundResponse {
            status,
            retry_after,
            body: body.into(),
        })
    }
}

fn path(request: &OutboundRequest) -> String {
    url::Url::parse(&request.url()).unwrap().path().to_owned()
}

fn place<'a>(user: &'a UserId, purpose: Purpose<'a>) -> Place<'a> {
    Place {
        purpose,
        user,
        provider: Provider::Google,
        account: Some(ACCOUNT),
    }
}
