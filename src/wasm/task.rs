//! Futures as promises, on the executor of `js-sys`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::Promise;
use js_sys::futures::future_to_promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    /// Runs `part`, and stops the instance where that traps.
    fn watch(part: &mut dyn FnMut());

    fn helped(promise: Promise) -> Promise;
}

/// The promise of what `future` comes to.
pub(super) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    future_to_promise(Watched(Box::pin(future)))
}

/// The same for a helper, whose caller learns of a trap by a rejection.
pub(super) fn helper(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    helped(promise(future))
}

/// A future that is polled through JavaScript, which notices a trap.
///
/// The executor polls in microtasks, and not every platform reports what is thrown in one: on Supabase's edge runtime,
/// nobody in flight would ever get an answer.
struct Watched<F>(Pin<Box<F>>);

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut polled = Poll::Pending;
        watch(&mut || polled = self.0.as_mut().poll(context));
        polled
    }
}
