//! The other side of the API, for programs that look after a hub.

use std::path::Path;

use serde_json::{Value, json};
use ureq::{Agent, Body, http::Response};

use crate::sink::{TargetError, http_agent};

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// Asks a hub.
pub struct ApiClient {
    base: String,
    agent: Agent,
    authorization: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The hub cannot be reached.
    #[error("no hub answers at {url}: {reason}")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The hub says no.
    #[error("the hub says: {0}")]
    Refused(String),
    /// What answers is no hub.
    #[error("what answers at {0} is no hub")]
    NoHub(String),
}

impl ApiClient {
    /// A hub by its base URL, and its token if it wants one. `ca` is a PEM file with the certificates to trust.
    ///
    /// # Errors
    /// [`TargetError`] when URL or file are of no use.
    pub fn new(url: &str, token: Option<&str>, ca: Option<&Path>) -> Result<Self, TargetError> {
        Ok(Self {
            base: url.trim_end_matches('/').to_owned(),
            agent: http_agent(url, ca)?,
            authorization: token.map(|token| format!("Bearer {token}")),
        })
    }

    /// Asks for something; `path` begins with `/`.
    ///
    /// # Errors
    /// [`ApiError`] when the hub does not answer, or says no.
    pub fn get(&self, path: &str) -> Result<Value, ApiError> {
        let mut request = self.agent.get(self.url(path));
        if let Some(value) = &self.authorization {
            request = request.header("authorization", value);
        }
        self.answer(request.call())
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// [`ApiError`] when the hub does not answer, or says no.
    pub fn post(&self, path: &str, value: &Value) -> Result<Value, ApiError> {
        let mut request = self
            .agent
            .post(self.url(path))
            .header("content-type", "application/json");
        if let Some(value) = &self.authorization {
            request = request.header("authorization", value);
        }
        self.answer(request.send(value.to_string()))
    }

    /// Deletes something.
    ///
    /// # Errors
    /// [`ApiError`] when the hub does not answer, or says no.
    pub fn delete(&self, path: &str) -> Result<(), ApiError> {
        let mut request = self.agent.delete(self.url(path));
        if let Some(value) = &self.authorization {
            request = request.header("authorization", value);
        }
        self.answer(request.call()).map(|_| ())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn answer(&self, result: Result<Response<Body>, ureq::Error>) -> Result<Value, ApiError> {
        let mut response = result.map_err(|error| ApiError::Unreachable {
            url: self.base.clone(),
            reason: error.to_string(),
        })?;
        let body = response.body_mut().with_config().limit(LONGEST);
        let text = body.read_to_string().unwrap_or_default();
        let value: Value = match text.is_empty() {
            true => json!({}),
            false => serde_json::from_str(&text).unwrap_or(Value::Null),
        };
        if response.status().is_success() && !value.is_null() {
            return Ok(value);
        }
        Err(match value["error"].as_str() {
            Some(reason) => ApiError::Refused(reason.to_owned()),
            // What the framework says about a request that it does not pass on.
            None if response.status().is_client_error() && !text.is_empty() => {
                ApiError::Refused(text)
            }
            None => ApiError::NoHub(self.base.clone()),
        })
    }
}
