//! A deterministic simulation of weeks: workers, database and providers on one thread, in virtual time, with faults at
//! every await. What a seed does it does again: `SEED=17 cargo test --features sync one_seed -- --nocapture` tells it.
//!
//! A worker that is dropped at an await is a worker that was killed there. The database is a model that is held to the SQL,
//! the providers are models that are held to the emulator.

mod database;
mod invariants;
mod network;
mod people;
mod provider;
mod random;
mod sealing;
mod seeds;
mod settling;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use serde_json::Value;

use self::database::{DAY, Database, HOUR, MINUTE, Missing};
use self::network::{CLOCK, Event, Fate, Network, Wires, now, set_now};
use self::provider::{Account, Providers, Trouble};
use self::random::Random;
use super::connection::Reader;
use super::work;
use crate::config::Config;
use crate::config::tests::complete;
use crate::http::{OutboundRequest, OutboundResponse, Wire};
use crate::minutes::Instant;
use crate::secret::SecretKey;
use crate::store::worker::WorkerStore;

/// Midnight of 2026-03-01 UTC.
const START: f64 = 1_772_323_200.0;
/// Days in which things go wrong.
const STORMY_DAYS: f64 = 21.0;
/// Days in which nothing does, and everything has to come right: longer than the longest pause between two reads.
const CALM_DAYS: f64 = 9.0;
const CONNECTIONS: usize = 5;
/// Calls for one account in a day beyond which it is hammered: a provider that asks for pauses of two minutes all day gets
/// 480, and one call a minute would be 1440.
const CALLS_A_DAY: u32 = 800;

/// One scene: a seed, and the rule of the database that is taken out, if one is.
struct Scene {
    random: Rc<RefCell<Random>>,
    fault: Rc<Cell<f64>>,
    wires: Rc<RefCell<Wires>>,
    config: Rc<Config>,
    store: Rc<WorkerStore>,
    database: Database,
    providers: Providers,
    workers: BTreeMap<u32, Pin<Box<dyn Future<Output = ()>>>>,
    started: u32,
    script: Vec<Action>,
    /// The generation of the grant with which each connection was last connected.
    connected: BTreeMap<String, u32>,
    /// The fence of each connection's newest lease; none since it was connected again.
    leases: BTreeMap<String, Option<u64>>,
    last_tick: f64,
    trace: Vec<String>,
    broken: Option<String>,
}

/// What people and providers do.
#[derive(Clone, Debug)]
enum Action {
    Look(String),
    Reconnect(String),
    Delete(String),
    Withdraw(String),
    Change(String),
    Begin(&'static str, Trouble),
    End(&'static str, Trouble),
    /// The scheduler sends its call twice, or for nothing.
    Tick,
}

impl Scene {
    fn new(seed: u64, missing: Option<Missing>) -> Self {
        set_now(START);
        let variables = complete();
        let config = Config::from_env(|name| variables.get(name).cloned()).unwrap();
        let key = SecretKey::parse("sb_secret_fake").unwrap();
        let store = WorkerStore::new(&config.supabase_url, "sb_publishable_fake", key, 3000);
        let mut scene = Self {
            random: Rc::new(RefCell::new(Random::new(seed))),
            fault: Rc::new(Cell::new(0.0)),
            wires: Rc::default(),
            config: Rc::new(config),
            store: Rc::new(store.unwrap()),
            database: Database::with(missing),
            providers: Providers::default(),
            workers: BTreeMap::new(),
            started: 0,
            script: Vec::new(),
            connected: BTreeMap::new(),
            leases: BTreeMap::new(),
            last_tick: START,
            trace: Vec::new(),
            broken: None,
        };
        scene.prepare();
        scene
    }

    fn below(&self, limit: u64) -> u64 {
        self.random.borrow_mut().below(limit)
    }

    fn at_random(&self, days: f64) -> f64 {
        START + self.random.borrow_mut().unit() * days * DAY
    }

    /// The seed decides how much goes wrong, for whom, and when.
    fn prepare(&mut self) {
        self.fault.set([0.0, 0.02, 0.1][self.below(3) as usize]);
        for n in 0..CONNECTIONS {
            let (id, account) = (format!("connection-{n}"), format!("account{n}"));
            let provider = ["google", "outlook"][self.below(2) as usize];
            self.providers.accounts.insert(
                account,
                Account {
                    provider,
                    generation: 0,
                    withdrawn: false,
                    version: 0,
                },
            );
            self.connect(&id);
            let habits = self.below(3);
            for day in 0..(STORMY_DAYS + CALM_DAYS) as u64 {
                // Every day, every third, or in the first days only.
                if [true, day % 3 == 0, day < 2][habits as usize] && self.below(4) > 0 {
                    let at = START + (day as f64 + self.random.borrow_mut().unit()) * DAY;
                    self.script(at, Action::Look(id.clone()));
                }
            }
            for action in [
                Action::Reconnect,
                Action::Withdraw,
                Action::Change,
                Action::Change,
            ] {
                if self.below(3) > 0 {
                    self.script(self.at_random(STORMY_DAYS), action(id.clone()));
                }
            }
            if self.below(6) == 0 {
                self.script(self.at_random(STORMY_DAYS), Action::Delete(id.clone()));
            }
        }
        for trouble in [
            Trouble::Down,
            Trouble::Throttling,
            Trouble::RefusingGrants,
            Trouble::SecretExpired,
            Trouble::ForeignLinks,
        ] {
            let provider = ["google", "outlook"][self.below(2) as usize];
            let longest = match trouble {
                Trouble::RefusingGrants => 3.0 * HOUR,
                Trouble::SecretExpired => 3.0 * DAY,
                _ => 30.0 * HOUR,
            };
            let from = self.at_random(STORMY_DAYS - 4.0);
            let until = from + longest * self.random.borrow_mut().unit();
            self.script(from, Action::Begin(provider, trouble));
            self.script(until, Action::End(provider, trouble));
        }
        for _ in 0..40 {
            self.script(self.at_random(STORMY_DAYS), Action::Tick);
        }
    }

    fn script(&mut self, at: f64, action: Action) {
        self.script.push(action);
        let number = self.script.len() - 1;
        self.wires.borrow_mut().schedule(at, Event::Scene(number));
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        self.trace
            .push(format!("{} {}", Instant::text(now()), what()));
    }

    /// Plays the scene to its end, or to the first thing that must not be.
    fn play(mut self) -> Result<Vec<String>, (String, Vec<String>)> {
        let (calm, end) = (STORMY_DAYS * DAY, (STORMY_DAYS + CALM_DAYS) * DAY);
        while self.broken.is_none() {
            let next = self.wires.borrow().next_at().unwrap_or(f64::INFINITY);
            let tick = self.next_tick();
            let at = next.min(tick);
            if at > START + end {
                break;
            }
            set_now(at.max(now()));
            if at >= START + calm {
                self.fault.set(0.0);
            }
            if tick <= next {
                self.last_tick = at;
                self.start_worker();
            } else {
                let event = self.wires.borrow_mut().pop();
                event.into_iter().for_each(|event| self.happen(event));
            }
        }
        if self.broken.is_none() {
            set_now(START + end);
            self.judge_the_end();
        }
        match self.broken {
            None => Ok(self.trace),
            Some(what) => Err((what, self.trace)),
        }
    }

    /// The next full minute at which something is due: the scheduler's calls that find nothing cost nothing.
    fn next_tick(&self) -> f64 {
        let from = self.database.next_due().max(self.last_tick + MINUTE);
        (from / MINUTE).ceil() * MINUTE
    }

    fn start_worker(&mut self) {
        self.started += 1;
        let number = self.started;
        let network = Network {
            worker: number,
            wires: Rc::clone(&self.wires),
            random: Rc::clone(&self.random),
            fault: Rc::clone(&self.fault),
        };
        let (config, store) = (Rc::clone(&self.config), Rc::clone(&self.store));
        let worker = async move {
            let wire = Wire::new(&network);
            let reader = Reader {
                config: &config,
                store: &store,
                wire: &wire,
                clock: CLOCK,
                run: None,
            };
            // A run that could not claim has nothing to tell.
            let _ = work(reader, config.keyring.current_kid()).await;
        };
        self.workers.insert(number, Box::pin(worker));
        self.poll(number);
    }

    fn poll(&mut self, number: u32) {
        let mut context = Context::from_waker(Waker::noop());
        if let Some(worker) = self.workers.get_mut(&number)
            && worker.as_mut().poll(&mut context).is_ready()
        {
            self.workers.remove(&number);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Kill(worker) => {
                self.tell(|| format!("worker {worker} is killed"));
                self.workers.remove(&worker);
            }
            Event::Reply(call, reply) => {
                let worker = self.wires.borrow_mut().deliver(call, reply);
                if let Some(worker) = worker {
                    self.poll(worker);
                }
            }
            Event::Arrive(call, request, fate) => self.arrive(call, &request, fate),
            Event::Scene(number) => self.act(self.script[number].clone()),
        }
    }

    fn arrive(&mut self, call: u64, request: &OutboundRequest, fate: Fate) {
        let reply = if request.url().starts_with(&self.config.supabase_url) {
            self.ask_database(request)
        } else {
            let url = request.url();
            let answer = self.providers.answer(request, now());
            let status = answer.status;
            self.tell(|| format!("{status} {}", url.split('?').next().unwrap_or_default()));
            if self.providers.leaked {
                self.broken = Some(format!("an access token went to {url}"));
            }
            self.interrupt();
            answer
        };
        let worker = self.wires.borrow().worker_of(call);
        let mut wires = self.wires.borrow_mut();
        match fate {
            Fate::KilledAfter => wires.schedule(now(), Event::Kill(worker.unwrap_or_default())),
            Fate::LostAfter => {}
            _ => wires.schedule(now() + 0.05, Event::Reply(call, Ok(reply))),
        }
    }

    fn ask_database(&mut self, request: &OutboundRequest) -> OutboundResponse {
        let url = request.url();
        let function = url.rsplit('/').next().unwrap();
        let body: Value = serde_json::from_str(request.body.as_ref().unwrap()).unwrap();
        let before = self.standing();
        let drawn = self.random.borrow_mut().unit();
        let answer = self.database.call(function, &body["p"], now(), drawn);
        for item in answer["items"].as_array().into_iter().flatten() {
            let id = item["connection"].as_str().unwrap().to_owned();
            self.leases.insert(id, item["fence"].as_u64());
        }
        if function == "calendar_sync_settle" {
            let settled = body["p"]["items"].as_array().unwrap().iter();
            for (item, answer) in settled.zip(answer["answers"].as_array().unwrap()) {
                let id = item["connection"].as_str().unwrap().to_owned();
                self.tell(|| format!("{id}: {} {} {answer}", item["kind"], item["reason"]));
                self.judge(&id, item, answer == "ok");
            }
            self.judge_flips(&before);
        }
        OutboundResponse {
            status: 200,
            retry_after: None,
            body: answer.to_string().into(),
        }
    }

    fn standing(&self) -> BTreeMap<String, &'static str> {
        let each = self.database.connections.iter();
        each.map(|(id, connection)| (id.clone(), connection.status))
            .collect()
    }
}
