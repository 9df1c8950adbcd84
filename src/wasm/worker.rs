//! The worker's part of the exports: what is done after the answer.

use std::ops::Deref;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::fetch::Fetch;
use super::incoming::Caller;
use super::{into_js, log_line, task};
pub(super) use crate::service::WorkerService as Service;

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    /// Asks the platform to let the isolate live until the work is done.
    #[wasm_bindgen(js_name = inBackground)]
    fn in_background(work: Promise);
}

pub(super) async fn respond_to(
    service: Rc<impl Deref<Target = Service> + 'static>,
    caller: &Caller,
) -> web_sys::Response {
    let handled = service.handle(caller, &Fetch).await;
    if let Some(line) = handled.log {
        log_line(&line.to_json());
    }
    if handled.run {
        in_background(task::promise(async move {
            if let Some(line) = service.run(&Fetch).await {
                log_line(&line.to_json());
            }
            Ok(JsValue::UNDEFINED)
        }));
    }
    into_js(handled.response)
}
