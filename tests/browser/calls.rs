//! Calls of one task that are in flight at the same time: each gets its own answer, and a dropped one gets none.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use calendar_connect::http::{Method, OutboundRequest, Template, Transport, TransportError};
use calendar_connect::wasm::Fetch;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = r#"
const real = globalThis.fetch;
/** Holds every call of fetch back until `answer` is called with its URL, whose last part is the answer's body. */
export function holding() {
  const held = new Map();
  globalThis.fetch = (input) => new Promise((resolve) => held.set(String(input), resolve));
  return {
    answer(url) {
      held.get(url)(new Response(url.split("/").at(-1)));
    },
    stop() {
      globalThis.fetch = real;
    },
  };
}
"#)]
extern "C" {
    type Held;
    fn holding() -> Held;
    #[wasm_bindgen(method)]
    fn answer(this: &Held, url: &str);
    #[wasm_bindgen(method)]
    fn stop(this: &Held);
}

fn url(name: &str) -> String {
    format!("https://database.invalid/{name}")
}

async fn call(name: &str) -> Result<String, TransportError> {
    let request = OutboundRequest {
        template: Rc::new(Template {
            method: Method::Post,
            url: url(name),
            headers: String::new(),
        }),
        url_tail: None,
        credential: None,
        body: Some("{}".to_owned().into()),
        deadline_ms: 5000,
        response_limit: 100,
    };
    Ok(Fetch.send(request).await?.body.to_string())
}

/// Both outcomes, polled in one task whenever either may have moved on.
async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(outcome) = a.as_mut().poll(context)
        {
            first = Some(outcome);
        }
        if second.is_none()
            && let Poll::Ready(outcome) = b.as_mut().poll(context)
        {
            second = Some(outcome);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

/// Polls once, which sends the call.
async fn begun<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn two_calls_in_one_task_each_get_their_own_answer() {
    let held = holding();
    for answers in [["a", "b"], ["b", "a"]] {
        let (mut a, mut b) = (pin!(call("a")), pin!(call("b")));
        begun(a.as_mut()).await;
        begun(b.as_mut()).await;
        for name in answers {
            held.answer(&url(name));
        }
        assert_eq!(join(a, b).await, (Ok("a".to_owned()), Ok("b".to_owned())));
    }
    held.stop();
}

#[wasm_bindgen_test]
async fn the_answer_of_a_dropped_call_reaches_nobody() {
    let held = holding();
    {
        let mut dropped = pin!(call("dropped"));
        begun(dropped.as_mut()).await;
    }
    let kept = call("kept");
    let arrived = Cell::new(false);
    let mut kept = pin!(async {
        let answer = kept.await;
        arrived.set(true);
        answer
    });
    begun(kept.as_mut()).await;
    held.answer(&url("dropped"));
    // Time for that answer to go wherever it goes.
    let (mut other, third) = (pin!(call("other")), url("other"));
    begun(other.as_mut()).await;
    held.answer(&third);
    assert_eq!(other.await, Ok("other".to_owned()));
    assert!(!arrived.get());
    held.answer(&url("kept"));
    assert_eq!(kept.await, Ok("kept".to_owned()));
    held.stop();
}
