//! The transport: one small JavaScript function around `fetch`, cheaper than building `Headers` and `RequestInit` here.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use super::tasks;
use crate::http::{
    Credential, OutboundRequest, OutboundResponse, Template, Transport, TransportError,
};

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    fn keep(template: u32, method: &str, url: &str, header_lines: &str);

    // Brings a reply, whatever happens but a trap.
    fn send(
        task: u32,
        template: u32,
        url_tail: Option<&str>,
        authorization: Option<&str>,
        body: Option<&str>,
        deadline_ms: u32,
        limit: u32,
    );
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
pub(super) struct Fetch;

impl Transport for Fetch {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        let brought = tasks::reply_to(|task| {
            send(
                task,
                number_of(&request.template),
                request.url_tail.as_deref(),
                request
                    .credential
                    .as_ref()
                    .and_then(Credential::authorization),
                request.body.as_ref().map(|body| body.as_str()),
                request.deadline_ms,
                request.response_limit,
            );
        })
        .await?;
        // A body that is not UTF-8 is no JSON either: an empty text is judged the same way.
        let body = String::from_utf8(brought.body).unwrap_or_default();
        Ok(OutboundResponse {
            status: brought.status,
            retry_after: brought.retry_after,
            body: Zeroizing::new(body),
        })
    }
}
