//! A `Request` of the platform as an incoming request.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::http::{BodyError, Incoming};

#[wasm_bindgen(module = "/src/wasm/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = readBody)]
    async fn read_body(request: &web_sys::Request, deadline_ms: u32, limit: u32) -> JsValue;
}

/// How long a caller may take to send a body of a few kilobytes.
const DEADLINE_MS: u32 = 5000;

impl Incoming for web_sys::Request {
    fn method(&self) -> String {
        web_sys::Request::method(self)
    }

    fn url(&self) -> String {
        web_sys::Request::url(self)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers().get(name).ok().flatten()
    }

    async fn body(&self, limit: u32) -> Result<Zeroizing<String>, BodyError> {
        let read = read_body(self, DEADLINE_MS, limit).await;
        if read.is_undefined() {
            return Err(BodyError::TooLarge);
        }
        let bytes = read
            .dyn_into::<Uint8Array>()
            .map_err(|_| BodyError::Unreadable)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| BodyError::Unreadable)?;
        Ok(Zeroizing::new(text))
    }
}
