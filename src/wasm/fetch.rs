//! The transport: one small JavaScript function around `fetch`, cheaper than building `Headers` and `RequestInit` here.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::http::{OutboundRequest, OutboundResponse, RESPONSE_LIMIT, Transport, TransportError};

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    type Reply;

    #[wasm_bindgen(method, getter)]
    fn failure(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Reply) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Reply) -> Uint8Array;

    // Never rejects: what goes wrong is a reply with a `failure`.
    async fn send(
        method: &str,
        url: &str,
        header_lines: &str,
        authorization: Option<&str>,
        body: Option<&str>,
        deadline_ms: u32,
        limit: u32,
    ) -> JsValue;
}

/// Sends with `fetch`.
pub(super) struct Fetch;

impl Transport for Fetch {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        let reply: Reply = send(
            request.method,
            &request.url,
            &request.headers,
            request.authorization.as_ref().map(|value| value.as_str()),
            request.body.as_ref().map(|body| body.as_str()),
            request.deadline_ms,
            RESPONSE_LIMIT,
        )
        .await
        .unchecked_into();
        match reply.failure().as_deref() {
            None => {}
            Some("timeout") => return Err(TransportError::Timeout),
            Some("size") => return Err(TransportError::TooLarge),
            Some(_) => return Err(TransportError::Network),
        }
        // A body that is not UTF-8 is no JSON either: an empty text is judged the same way.
        let body = String::from_utf8(reply.body().to_vec()).unwrap_or_default();
        Ok(OutboundResponse {
            status: reply.status(),
            retry_after: reply.retry_after(),
            body: Zeroizing::new(body),
        })
    }
}
