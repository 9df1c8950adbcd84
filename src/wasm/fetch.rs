//! The transport: one small JavaScript function around `fetch`, cheaper than building `Headers` and `RequestInit` here.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::http::{
    Credential, OutboundRequest, OutboundResponse, Template, Transport, TransportError,
};

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    fn keep(template: u32, method: &str, url: &str, header_lines: &str);

    fn send(
        template: u32,
        url_tail: Option<&str>,
        authorization: Option<&str>,
        apikey: Option<&str>,
        body: Option<&str>,
        deadline_ms: u32,
        limit: u32,
    ) -> Promise<Reply>;
}

#[wasm_bindgen]
extern "C" {
    /// What `runtime.js` answers; a promise of it is never rejected.
    pub(super) type Reply;

    #[wasm_bindgen(method, getter)]
    fn failure(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Reply) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn bytes(this: &Reply) -> Option<Vec<u8>>;
}

impl Reply {
    /// The bytes of a body, or why there are none.
    pub(super) fn body(&self) -> Result<Vec<u8>, TransportError> {
        match self.failure().as_deref() {
            None => Ok(self.bytes().unwrap_or_default()),
            Some("timeout") => Err(TransportError::Timeout),
            Some("size") => Err(TransportError::TooLarge),
            Some(_) => Err(TransportError::Network),
        }
    }
}

thread_local! {
    static KEPT: RefCell<Vec<Rc<Template>>> = const { RefCell::new(Vec::new()) };
}

/// More kinds of requests than a deployment has; a helper's callers may name any endpoint.
const KEPT_LIMIT: usize = 16;

/// The number under which JavaScript keeps the template.
fn number_of(template: &Rc<Template>) -> u32 {
    KEPT.with_borrow_mut(|kept| {
        if let Some(known) = kept.iter().position(|known| known == template) {
            return known as u32;
        }
        if kept.len() == KEPT_LIMIT {
            kept.clear();
        }
        let number = kept.len() as u32;
        let method = template.method.as_str();
        keep(number, method, &template.url, &template.headers);
        kept.push(Rc::clone(template));
        number
    })
}

/// Sends with `fetch`.
pub struct Fetch;

impl Transport for Fetch {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        let credential = request.credential.as_ref();
        let sent = send(
            number_of(&request.template),
            request.url_tail.as_deref(),
            credential.and_then(Credential::authorization),
            credential.and_then(Credential::apikey),
            request.body.as_ref().map(|body| body.as_str()),
            request.deadline_ms,
            request.response_limit,
        );
        // JavaScript has its own copy of what is sent.
        drop(request);
        let reply = sent.await.map_err(|_| TransportError::Network)?;
        // A body that is not UTF-8 is no JSON either: an empty text is judged the same way.
        let body = String::from_utf8(reply.body()?).unwrap_or_default();
        Ok(OutboundResponse {
            status: reply.status(),
            retry_after: reply.retry_after(),
            body: Zeroizing::new(body),
        })
    }
}
