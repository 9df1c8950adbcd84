//! Everything that knows JavaScript: the exports, `fetch` as the transport, and conversions.

#[cfg(feature = "calendar")]
pub mod api;
#[cfg(feature = "calendar")]
pub mod configuration;
mod fetch;
mod incoming;
mod task;
#[cfg(not(feature = "calendar"))]
mod worker;

pub use fetch::Fetch;

use std::cell::LazyCell;
#[cfg(feature = "calendar")]
use std::ops::Deref;
use std::rc::Rc;

use js_sys::{Array, Function, JsString, Promise, Reflect};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::config;
use crate::flow::Clock;
use crate::http::Response;
#[cfg(feature = "calendar")]
use crate::service::Service;
use incoming::Caller;
#[cfg(not(feature = "calendar"))]
use worker::{Service, respond_to};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("wasm/types.d.ts");

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = failStop)]
    fn fail_stop(begin: &JsValue) -> Function;

    #[wasm_bindgen(js_name = readableBy)]
    fn readable_by(origins: Vec<String>);

    fn respond(status: u16, header_lines: &str, body: Option<String>) -> web_sys::Response;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    fn log_line(line: &str);
}

/// The variables the function reads: all that its shim has to pass on.
#[wasm_bindgen(js_name = environmentNames, unchecked_return_type = "string[]")]
pub fn environment_names() -> Array {
    config::environment()
        .into_iter()
        .map(JsString::from)
        .collect()
}

/// The function: give it the environment once and every request to answer.
///
/// It never throws: with a variable missing or malformed it answers `misconfigured` and names it.
#[wasm_bindgen(js_name = requestHandler, unchecked_return_type = "RequestHandler")]
pub fn request_handler(
    #[wasm_bindgen(unchecked_param_type = "Record<string, string | undefined>")] env: JsValue,
) -> Function {
    // Read with the first request: a platform that starts an isolate does not wait for it. What is no object has no
    // variable, and the answers say so.
    let service = Rc::new(LazyCell::new(move || {
        let variable = |name: &str| Reflect::get(&env, &name.into()).ok()?.as_string();
        let service = Service::new(variable, CLOCK);
        readable_by(service.origins().to_vec());
        service
    }));
    let begin = Closure::<Begin>::new(
        move |request, method, url, authorization: Option<String>, origin| {
            let service = Rc::clone(&service);
            let caller = Caller {
                method,
                url,
                authorization: authorization.map(Zeroizing::new),
                origin,
                request,
            };
            task::promise(async move { Ok(respond_to(service, &caller).await.into()) })
        },
    );
    fail_stop(&begin.into_js_value())
}

/// Takes a request, its method, its URL and two of its headers; promises the answer.
type Begin = dyn Fn(web_sys::Request, String, String, Option<String>, Option<String>) -> Promise;

#[cfg(feature = "calendar")]
async fn respond_to(
    service: Rc<impl Deref<Target = Service>>,
    caller: &Caller,
) -> web_sys::Response {
    #[cfg(feature = "trap")]
    if caller.url.ends_with("/__trap") {
        std::arch::wasm32::unreachable();
    }
    let handled = service.handle(caller, &fetch::Fetch).await;
    #[cfg(feature = "trap")]
    if caller.url.ends_with("?__trap") {
        std::arch::wasm32::unreachable();
    }
    log_line(&handled.log.to_json());
    into_js(handled.response)
}

fn into_js(response: Response) -> web_sys::Response {
    let mut lines = String::with_capacity(512);
    for (name, value) in &response.headers {
        lines.push_str(name);
        lines.push_str(": ");
        lines.push_str(value);
        lines.push('\n');
    }
    respond(response.status, &lines, response.body)
}

const CLOCK: Clock = Clock {
    now_ms: || js_sys::Date::now() as u64,
    rfc3339: |ms| String::from(js_sys::Date::new(&JsValue::from_f64(ms as f64)).to_iso_string()),
};
