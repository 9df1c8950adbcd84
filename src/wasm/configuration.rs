//! What is wrong with an environment, for tools that look a deployment over.

use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::to_value;
use wasm_bindgen::prelude::*;

use crate::config::{Config, ConfigError};

#[derive(Serialize)]
struct Problem<'a> {
    variable: &'a str,
    expected: &'static str,
}

/// Every variable that is missing or malformed, and what it must be; empty where the function would start. No value is
/// in it.
#[wasm_bindgen(js_name = configurationProblems, unchecked_return_type = "ConfigurationProblem[]")]
pub fn configuration_problems(
    #[wasm_bindgen(unchecked_param_type = "Record<string, string | undefined>")] env: &JsValue,
) -> Result<JsValue, JsValue> {
    let variable = |name: &str| Reflect::get(env, &name.into()).ok()?.as_string();
    let errors = Config::from_env(variable).err().unwrap_or_default();
    let problems: Vec<Problem<'_>> = errors
        .iter()
        .map(|ConfigError { variable, expected }| Problem { variable, expected })
        .collect();
    Ok(to_value(&problems)?)
}
