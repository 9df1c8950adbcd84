//! The contract as data: what documents, clients and tools must know of this crate, written by the crate itself.
//!
//! `make generate` writes it to `contract.json`, and what is generated from that. No part of it is in the Wasm.

mod describe;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cause::{Cause, Warning};
use crate::config::variables::{self, Details, Given};
use crate::error::Code;
use crate::providers::Provider;
use crate::reason::Reason;

/// The contract, as JSON text that ends in a newline.
pub fn json() -> String {
    let contract = Contract {
        version: env!("CARGO_PKG_VERSION"),
        providers: Provider::ALL.iter().map(|each| each.contract()).collect(),
        columns: named(describe::COLUMNS),
        statuses: named(describe::STATUSES),
        codes: Code::ALL.iter().map(|code| code.contract()).collect(),
        reasons: Reason::ALL.iter().map(|reason| reason.contract()).collect(),
        causes: causes(),
        warnings: Warning::ALL
            .iter()
            .map(|(warning, meaning)| Named::new(warning.as_str(), *meaning))
            .collect(),
        limits: describe::limits(),
        variables: variables(),
        routes: describe::routes(),
        log: named(describe::LOG),
    };
    serde_json::to_string_pretty(&contract).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Contract {
    version: &'static str,
    providers: Vec<ProviderContract>,
    columns: Vec<Named>,
    statuses: Vec<Named>,
    codes: Vec<CodeContract>,
    reasons: Vec<ReasonContract>,
    causes: Vec<CauseContract>,
    warnings: Vec<Named>,
    limits: Vec<describe::Limit>,
    variables: Vec<Variable>,
    routes: Vec<describe::RouteContract>,
    log: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    meaning: String,
}

impl Named {
    fn new(name: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            meaning: meaning.into(),
        }
    }
}

fn named(table: &[(&str, &str)]) -> Vec<Named> {
    table
        .iter()
        .map(|(name, meaning)| Named::new(*name, *meaning))
        .collect()
}

#[derive(Serialize)]
struct ProviderContract {
    name: &'static str,
    title: &'static str,
    company: &'static str,
    console: &'static str,
    redirect_uri_is_registered_in: &'static str,
    env_prefix: &'static str,
    tenant_variable: Option<&'static str>,
    authorization_endpoint: &'static str,
    token_endpoint: &'static str,
    revocation_endpoint: Option<&'static str>,
    api_url: &'static str,
    issuer: &'static str,
    requested_scope: &'static str,
    default_calendar: &'static str,
    account_classes: Vec<Named>,
    manage_url: &'static str,
    manage_url_of_class: BTreeMap<&'static str, &'static str>,
}

impl Provider {
    fn contract(self) -> ProviderContract {
        let (profile, texts) = (self.profile(), self.texts());
        let (consent, api) = (self.consent(), self.api());
        ProviderContract {
            name: profile.name,
            title: texts.title,
            company: texts.company,
            console: texts.console,
            redirect_uri_is_registered_in: texts.redirect_uri,
            env_prefix: profile.env_prefix,
            tenant_variable: profile.tenant_variable,
            authorization_endpoint: consent.authorization_endpoint,
            token_endpoint: profile.token_endpoint,
            revocation_endpoint: api.revocation_endpoint,
            api_url: api.url,
            issuer: consent.issuer,
            requested_scope: profile.requested_scope,
            default_calendar: consent.default_calendar,
            account_classes: named(texts.account_classes),
            manage_url: consent.manage_url,
            manage_url_of_class: consent.manage_url_of_class.iter().copied().collect(),
        }
    }
}

#[derive(Serialize)]
struct CodeContract {
    name: &'static str,
    status: u16,
    meaning: &'static str,
    remedy: &'static str,
}

impl Code {
    fn contract(self) -> CodeContract {
        CodeContract {
            name: self.as_str(),
            status: self.status(),
            meaning: self.meaning(),
            remedy: self.remedy(),
        }
    }
}

#[derive(Serialize)]
struct ReasonContract {
    name: &'static str,
    needs_reconnect: bool,
    meaning: &'static str,
}

impl Reason {
    fn contract(self) -> ReasonContract {
        ReasonContract {
            name: self.as_str(),
            needs_reconnect: self.needs_reconnect(),
            meaning: self.meaning(),
        }
    }
}

#[derive(Serialize)]
struct CauseContract {
    name: &'static str,
    /// Whether it is a word of a provider's table of errors.
    of_provider: bool,
    meaning: String,
}

/// The crate's own words, then those of the providers' tables, each once.
fn causes() -> Vec<CauseContract> {
    let own = Cause::ALL.iter().map(|(cause, meaning)| CauseContract {
        name: cause.as_str(),
        of_provider: false,
        meaning: (*meaning).to_owned(),
    });
    let mut causes: Vec<CauseContract> = own.collect();
    let words = Provider::ALL.iter().flat_map(|provider| provider.causes());
    for (cause, meaning) in words {
        let name = cause.as_str();
        if !causes.iter().any(|known| known.name == name) {
            causes.push(CauseContract {
                name,
                of_provider: true,
                meaning,
            });
        }
    }
    causes
}

#[derive(Serialize)]
struct Variable {
    name: String,
    /// The functions that read it.
    functions: &'static [&'static str],
    given: &'static str,
    /// The provider that is not offered without it.
    provider: Option<&'static str>,
    default: Option<String>,
    secret: bool,
    meaning: String,
}

impl Variable {
    fn new(name: String, details: &Details, provider: Option<Provider>) -> Self {
        let fill = |text: &str| match provider.map(Provider::texts) {
            Some(texts) => text
                .replace("{company}", texts.company)
                .replace("{client_id}", texts.client_id)
                .replace("{client_secret}", texts.client_secret),
            None => text.to_owned(),
        };
        Self {
            name,
            functions: &["calendar"],
            given: match details.given {
                Given::Required => "required",
                Given::ForProvider => "for_provider",
                Given::Default(_) => "default",
                Given::Platform => "platform",
            },
            provider: provider.map(Provider::as_str),
            default: match details.given {
                Given::Default(text) => Some(fill(text)),
                Given::Required | Given::ForProvider | Given::Platform => None,
            },
            secret: details.secret,
            meaning: fill(details.meaning),
        }
    }
}

fn variables() -> Vec<Variable> {
    let shared = variables::SHARED_DETAILS
        .iter()
        .map(|details| Variable::new(details.name.to_owned(), details, None));
    let mut all: Vec<Variable> = shared.collect();
    for provider in Provider::ALL.iter().copied() {
        for details in variables::PROVIDER_DETAILS {
            let name = provider.variable(details.name);
            all.push(Variable::new(name, details, Some(provider)));
        }
        if let Some(name) = provider.profile().tenant_variable {
            let details = &variables::TENANT;
            all.push(Variable::new(name.to_owned(), details, Some(provider)));
        }
    }
    all
}

#[cfg(test)]
mod tests;
