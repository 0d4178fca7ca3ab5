//! What sinks over HTTP share: where to, whom to trust, and what counts as taken.

use std::{fs, path::Path, sync::Arc, time::Duration};

use rustls::crypto::ring;
use ureq::{
    Agent,
    http::Uri,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem},
};

use super::SinkError;

/// How long a request may take, from the connection to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(15);

/// Of an answer that says no, so much is told.
const TOLD: u64 = 200;

/// Where a sink posts to. Only what the configuration names is ever asked: redirects are not followed, proxies of the environment not used.
#[derive(Clone)]
pub(crate) struct HttpTarget {
    url: String,
    agent: Agent,
}

/// Why a target cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is no URL of the two kinds.
    #[error("'{0}' is no URL that begins with http:// or https:// and names a host")]
    Url(String),
    /// The certificates to trust cannot be read.
    #[error("{path}: {reason}")]
    Trust {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl HttpTarget {
    /// A target by its URL. A certificate must lead to one in the PEM file `ca`, or to one that the system trusts.
    ///
    /// # Errors
    /// [`TargetError`] when the URL or the file is of no use.
    pub fn new(url: &str, ca: Option<&Path>) -> Result<Self, TargetError> {
        let agent = http_agent(url, ca)?;
        Ok(Self {
            url: url.to_owned(),
            agent,
        })
    }

    /// The same host, with a path of its own behind what the URL has.
    pub(super) fn below(&self, path: &str) -> Self {
        Self {
            url: format!("{}{path}", self.url.trim_end_matches('/')),
            agent: self.agent.clone(),
        }
    }

    /// Posts JSON. Any answer but 2xx is a failure.
    pub(super) fn post(&self, headers: &[(&str, &str)], json: &[u8]) -> Result<(), SinkError> {
        let mut request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = request.send(json).map_err(SinkError::new)?;
        if answer.status().is_success() {
            return Ok(());
        }
        let body = answer.body_mut().with_config().limit(TOLD).lossy_utf8(true);
        let said = body.read_to_string().unwrap_or_default();
        let status = answer.status();
        Err(SinkError(match said.trim() {
            "" => format!("it answered {status}"),
            said => format!("it answered {status}: {said}"),
        }))
    }
}

/// Whether a URL is one of the two kinds.
pub(crate) fn check_url(url: &str) -> Result<(), TargetError> {
    let is_known =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    match url.parse().is_ok_and(|uri| is_known(&uri)) {
        true => Ok(()),
        false => Err(TargetError::Url(url.to_owned())),
    }
}

/// What asks the host of a URL, and trusts what it should.
pub(crate) fn http_agent(url: &str, ca: Option<&Path>) -> Result<Agent, TargetError> {
    check_url(url)?;
    let roots = match ca {
        Some(path) => of_file(path)?,
        None if url.starts_with("https:") => of_system(),
        None => Vec::new(),
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(WITHIN))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("threadx-defender/", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(config.new_agent())
}

fn of_file(path: &Path) -> Result<Vec<Certificate<'static>>, TargetError> {
    let fault = |reason: String| TargetError::Trust {
        path: path.display().to_string(),
        reason,
    };
    let text = fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(fault(format!("damaged PEM: {error}"))),
        }
    }
    match found.is_empty() {
        true => Err(fault("holds no certificate in PEM".into())),
        false => Ok(found),
    }
}

fn of_system() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    let found = found.iter();
    found
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_targets() {
        for url in [
            "",
            "localhost",
            "ftp://host/",
            "file:///etc/passwd",
            "http://",
            "a b",
        ] {
            assert!(HttpTarget::new(url, None).is_err(), "{url:?}");
        }
        assert!(HttpTarget::new("http://localhost:9093", None).is_ok());
    }
}
