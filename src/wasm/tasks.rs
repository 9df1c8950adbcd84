//! Runs what has to wait. A task waits for one reply of JavaScript at a time, so no general executor is needed: it is
//! polled when it starts and whenever `runtime.js` brings the reply it asked for.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::http::TransportError;

/// What a task asked for.
pub(super) struct Brought {
    /// The HTTP status of an answer.
    pub(super) status: u16,
    /// The `Retry-After` header of an answer.
    pub(super) retry_after: Option<String>,
    /// The bytes of a body.
    pub(super) body: Vec<u8>,
}

/// It, or why there is none.
type Reply = Result<Brought, TransportError>;

type Task = Pin<Box<dyn Future<Output = JsValue>>>;

/// A task that waits, and what was brought to it and not yet taken.
#[derive(Default)]
struct Slot {
    task: Option<Task>,
    reply: Option<Reply>,
}

#[derive(Default)]
struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Tasks {
    fn slot(&mut self, number: u32) -> Option<&mut Slot> {
        self.slots.get_mut(number as usize)
    }

    fn reserve(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() as u32 - 1
        })
    }

    fn release(&mut self, number: u32) {
        // Nothing of a task is left to the next one of its number.
        if let Some(slot) = self.slot(number) {
            *slot = Slot::default();
            self.free.push(number);
        }
    }
}

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::new(resumed_by_replies());
    /// The task that is polled: the innermost, where a task's call of JavaScript has started another.
    static CURRENT: Cell<u32> = const { Cell::new(u32::MAX) };
}

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = onReply)]
    fn on_reply(resume: &JsValue);

    fn promised(task: u32) -> Promise;
}

/// Takes a task's number, and of its reply the failure, the status, `Retry-After` and the body; gives what the task comes
/// to, once it does.
type Resume = dyn Fn(u32, Option<String>, u16, Option<String>, Option<Vec<u8>>) -> Option<JsValue>;

fn resumed_by_replies() -> Tasks {
    let resume = Closure::<Resume>::new(|number, failure, status, retry_after, body| {
        let (failure, body): (Option<String>, Option<Vec<u8>>) = (failure, body);
        let reply = match failure.as_deref() {
            None => Ok(Brought {
                status,
                retry_after,
                body: body.unwrap_or_default(),
            }),
            Some("timeout") => Err(TransportError::Timeout),
            Some("size") => Err(TransportError::TooLarge),
            Some(_) => Err(TransportError::Network),
        };
        // A task that is being polled has no place here: it finds the reply when its call of JavaScript returns.
        let task = TASKS.with_borrow_mut(|tasks| {
            let slot = tasks.slot(number)?;
            slot.reply = Some(reply);
            slot.task.take()
        })?;
        poll(number, task)
    });
    on_reply(&resume.into_js_value());
    Tasks::default()
}

/// Asks JavaScript for something, and waits for what it brings; `ask` passes on which task it is for.
pub(super) async fn reply_to(ask: impl FnOnce(u32)) -> Reply {
    let number = CURRENT.get();
    let take = || TASKS.with_borrow_mut(|tasks| tasks.slot(number)?.reply.take());
    // What started a helper's task came with a reply to nothing.
    take();
    ask(number);
    poll_fn(|_| take().map_or(Poll::Pending, Poll::Ready)).await
}

/// Starts a task: what it comes to, or its number where it has to wait.
pub(super) fn start(task: impl Future<Output = JsValue> + 'static) -> Result<JsValue, u32> {
    let number = TASKS.with_borrow_mut(Tasks::reserve);
    poll(number, Box::pin(task)).ok_or(number)
}

/// The promise of what a task comes to. JavaScript starts it, so that a trap is noticed there.
pub(super) fn promise(task: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let settled = async {
        match task.await {
            Ok(value) => Promise::resolve(&value),
            Err(error) => Promise::reject(&error),
        }
        .into()
    };
    let number = TASKS.with_borrow_mut(Tasks::reserve);
    keep_waiting(number, Box::pin(settled));
    promised(number)
}

fn keep_waiting(number: u32, task: Task) {
    TASKS.with_borrow_mut(|tasks| {
        if let Some(slot) = tasks.slot(number) {
            slot.task = Some(task);
        }
    });
}

fn poll(number: u32, mut task: Task) -> Option<JsValue> {
    let outer = CURRENT.replace(number);
    let polled = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    CURRENT.set(outer);
    match polled {
        Poll::Ready(outcome) => {
            TASKS.with_borrow_mut(|tasks| tasks.release(number));
            Some(outcome)
        }
        Poll::Pending => {
            keep_waiting(number, task);
            None
        }
    }
}
