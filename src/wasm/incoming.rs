//! A `Request` of the platform as an incoming request.

use std::borrow::Cow;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use super::fetch::Reply;
use crate::http::{BodyError, Incoming, TransportError};

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = readBody)]
    fn read_body(request: &web_sys::Request, deadline_ms: u32, limit: u32) -> Promise<Reply>;
}

/// How long a caller may take to send a body of a few kilobytes.
const DEADLINE_MS: u32 = 5000;

/// A request, and what of it every route looks at: handed over in one call, which costs less than asking for it.
pub(super) struct Caller {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) authorization: Option<Zeroizing<String>>,
    pub(super) origin: Option<String>,
    pub(super) request: web_sys::Request,
}

impl Incoming for Caller {
    fn method(&self) -> &str {
        &self.method
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "authorization" => self
                .authorization
                .as_ref()
                .map(|value| value.as_str().into()),
            "origin" => self.origin.as_deref().map(Cow::from),
            _ => self
                .request
                .headers()
                .get(name)
                .ok()
                .flatten()
                .map(Cow::from),
        }
    }

    async fn body(&self, limit: u32) -> Result<Zeroizing<String>, BodyError> {
        let reply = read_body(&self.request, DEADLINE_MS, limit).await;
        let reply = reply.map_err(|_| BodyError::Unreadable)?;
        let bytes = reply.body().map_err(|error| match error {
            TransportError::TooLarge => BodyError::TooLarge,
            TransportError::Timeout | TransportError::Network => BodyError::Unreadable,
        })?;
        let text = String::from_utf8(bytes).map_err(|_| BodyError::Unreadable)?;
        Ok(Zeroizing::new(text))
    }
}
