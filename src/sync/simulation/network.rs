//! The executor, the clock and the network: one thread, one seed, and time that passes only when nothing else can happen.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::random::Random;
use crate::flow::Clock;
use crate::http::{OutboundRequest, OutboundResponse, Transport, TransportError};

thread_local! {
    static NOW_MS: Cell<u64> = const { Cell::new(0) };
}

pub(super) const CLOCK: Clock = Clock {
    now_ms: || NOW_MS.get(),
    rfc3339: |_| String::new(),
};

pub(super) fn now() -> f64 {
    NOW_MS.get() as f64 / 1000.0
}

pub(super) fn set_now(seconds: f64) {
    NOW_MS.set((seconds * 1000.0) as u64);
}

type Reply = Result<OutboundResponse, TransportError>;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives, and so does its reply.
    Good,
    /// The connection breaks before it arrives.
    LostBefore,
    /// It arrives and is carried out, and the reply is lost.
    LostAfter,
    /// It arrives after everybody has given up on it, and is carried out then.
    Late,
    /// A gateway answers in place of the other side.
    Gateway,
    /// The worker is killed before the call arrives.
    KilledBefore,
    /// The worker is killed once the call was carried out.
    KilledAfter,
}

/// Something that will happen.
pub(super) enum Event {
    /// A call reaches the other side.
    Arrive(u64, OutboundRequest, Fate),
    /// A reply reaches the worker.
    Reply(u64, Reply),
    /// A worker dies.
    Kill(u32),
    /// Something that the scene is told by its number.
    Scene(usize),
}

struct Call {
    worker: u32,
    reply: Option<Reply>,
    waker: Option<Waker>,
}

/// What is under way.
#[derive(Default)]
pub(super) struct Wires {
    calls: BTreeMap<u64, Call>,
    made: u64,
    events: BinaryHeap<Reverse<(u64, u64)>>,
    due: BTreeMap<u64, Event>,
}

impl Wires {
    pub(super) fn schedule(&mut self, at: f64, event: Event) {
        self.made += 1;
        self.events.push(Reverse(((at * 1000.0) as u64, self.made)));
        self.due.insert(self.made, event);
    }

    /// When the next event is.
    pub(super) fn next_at(&self) -> Option<f64> {
        self.events
            .peek()
            .map(|Reverse((at, _))| *at as f64 / 1000.0)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let Reverse((_, number)) = self.events.pop()?;
        self.due.remove(&number)
    }

    /// Hands a reply to the call that waits for it, and names the worker to poll.
    pub(super) fn deliver(&mut self, call: u64, reply: Reply) -> Option<u32> {
        let waiting = self
            .calls
            .get_mut(&call)
            .filter(|call| call.reply.is_none())?;
        waiting.reply = Some(reply);
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
        Some(waiting.worker)
    }

    /// The worker that waits for a call's reply.
    pub(super) fn worker_of(&self, call: u64) -> Option<u32> {
        self.calls.get(&call).map(|call| call.worker)
    }
}

/// A worker's way out.
pub(super) struct Network {
    pub(super) worker: u32,
    pub(super) wires: Rc<RefCell<Wires>>,
    pub(super) random: Rc<RefCell<Random>>,
    /// How likely each kind of fault is.
    pub(super) fault: Rc<Cell<f64>>,
}

impl Network {
    fn fate(&self) -> Fate {
        let mut random = self.random.borrow_mut();
        if !random.chance(self.fault.get()) {
            return Fate::Good;
        }
        [
            Fate::LostBefore,
            Fate::LostAfter,
            Fate::Late,
            Fate::Gateway,
            Fate::KilledBefore,
            Fate::KilledAfter,
        ][random.below(6) as usize]
    }

    fn begin(&self, request: OutboundRequest) -> u64 {
        let fate = self.fate();
        let (latency, late) = {
            let mut random = self.random.borrow_mut();
            (0.02 + 0.4 * random.unit(), 5.0 + 200.0 * random.unit())
        };
        let mut wires = self.wires.borrow_mut();
        wires.made += 1;
        let call = wires.made;
        wires.calls.insert(
            call,
            Call {
                worker: self.worker,
                reply: None,
                waker: None,
            },
        );
        let deadline = now() + f64::from(request.deadline_ms) / 1000.0;
        wires.schedule(deadline, Event::Reply(call, Err(TransportError::Timeout)));
        let soon = now() + latency;
        match fate {
            Fate::LostBefore => {
                wires.schedule(soon, Event::Reply(call, Err(TransportError::Network)));
            }
            Fate::Gateway => {
                let reply = OutboundResponse {
                    status: 502,
                    retry_after: None,
                    body: "<html>Bad Gateway</html>".to_owned().into(),
                };
                wires.schedule(soon, Event::Reply(call, Ok(reply)));
            }
            Fate::KilledBefore => wires.schedule(soon, Event::Kill(self.worker)),
            Fate::Late => wires.schedule(now() + late, Event::Arrive(call, request, fate)),
            Fate::Good | Fate::LostAfter | Fate::KilledAfter => {
                wires.schedule(soon, Event::Arrive(call, request, fate));
            }
        }
        call
    }
}

impl Transport for Network {
    fn send(&self, request: OutboundRequest) -> impl Future<Output = Reply> {
        Waiting {
            call: self.begin(request),
            wires: Rc::clone(&self.wires),
        }
    }
}

struct Waiting {
    call: u64,
    wires: Rc<RefCell<Wires>>,
}

impl Future for Waiting {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let mut wires = self.wires.borrow_mut();
        let call = wires.calls.get_mut(&self.call).unwrap();
        match call.reply.take() {
            Some(reply) => Poll::Ready(reply),
            None => {
                call.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // A reply that comes later reaches nobody.
        self.wires.borrow_mut().calls.remove(&self.call);
    }
}
