//! Runs what has to wait. A task waits for one reply of JavaScript at a time, so no general executor is needed: it is polled
//! when it starts and whenever `runtime.js` brings the reply it asked for.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// What a task asked for.
pub(super) struct Reply {
    /// Why there is none: `timeout`, `network` or `size`.
    pub(super) failure: Option<String>,
    /// The HTTP status of an answer.
    pub(super) status: u16,
    /// The `Retry-After` header of an answer.
    pub(super) retry_after: Option<String>,
    /// The bytes of a body.
    pub(super) body: Vec<u8>,
}

type Task = Pin<Box<dyn Future<Output = JsValue>>>;

#[derive(Default)]
struct Tasks {
    waiting: Vec<Option<Task>>,
    free: Vec<u32>,
}

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::new(resumed_by_replies());
    /// The task that is polled.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
    static REPLY: Cell<Option<Reply>> = const { Cell::new(None) };
}

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = onReply)]
    fn on_reply(resume: &JsValue);

    fn promised(task: u32) -> Promise;
}

fn resumed_by_replies() -> Tasks {
    let resume = Closure::<
        dyn Fn(u32, Option<String>, u16, Option<String>, Option<Vec<u8>>) -> Option<JsValue>,
    >::new(
        |task, failure, status, retry_after, body: Option<Vec<u8>>| {
            REPLY.set(Some(Reply {
                failure,
                status,
                retry_after,
                body: body.unwrap_or_default(),
            }));
            let waiting =
                TASKS.with_borrow_mut(|tasks| tasks.waiting.get_mut(task as usize)?.take());
            waiting.and_then(|waiting| poll(task, waiting))
        },
    );
    on_reply(&resume.into_js_value());
    Tasks::default()
}

/// Asks JavaScript for something, and waits for what it brings; `ask` passes on which task it is for.
pub(super) async fn reply_to(ask: impl FnOnce(u32)) -> Reply {
    ask(CURRENT.get());
    poll_fn(|_| REPLY.take().map_or(Poll::Pending, Poll::Ready)).await
}

/// Starts a task: what it comes to, or its number where it has to wait.
pub(super) fn start(task: impl Future<Output = JsValue> + 'static) -> Result<JsValue, u32> {
    let number = TASKS.with_borrow_mut(|tasks| {
        tasks.free.pop().unwrap_or_else(|| {
            tasks.waiting.push(None);
            tasks.waiting.len() as u32 - 1
        })
    });
    poll(number, Box::pin(task)).ok_or(number)
}

/// The promise of what a task comes to.
pub(super) fn promise(task: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let settled = async {
        match task.await {
            Ok(value) => Promise::resolve(&value),
            Err(error) => Promise::reject(&error),
        }
        .into()
    };
    start(settled).map_or_else(promised, |settled| settled.unchecked_into())
}

fn poll(number: u32, mut task: Task) -> Option<JsValue> {
    CURRENT.set(number);
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => {
            TASKS.with_borrow_mut(|tasks| tasks.free.push(number));
            Some(outcome)
        }
        Poll::Pending => {
            TASKS.with_borrow_mut(|tasks| {
                if let Some(slot) = tasks.waiting.get_mut(number as usize) {
                    *slot = Some(task);
                }
            });
            None
        }
    }
}
