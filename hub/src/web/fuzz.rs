//! What the fuzz target `hub_api` calls. It is no part of the interface.

use axum::{extract::Query, http::Uri};
use serde::de::DeserializeOwned;

use super::{access, alerts, baselines, devices, exceptions};

/// A query, a body and a host.
pub fn request(text: &str) {
    fn query<T: DeserializeOwned>(uri: &Uri) {
        let _ = Query::<T>::try_from_uri(uri);
    }

    if let Ok(uri) = format!("/?{text}").parse::<Uri>() {
        query::<alerts::Filter>(&uri);
        query::<devices::Filter>(&uri);
        query::<devices::Span>(&uri);
    }
    let _ = serde_json::from_str::<alerts::Act>(text);
    let _ = serde_json::from_str::<baselines::Decision>(text);
    exceptions::check(text);
    // Who is on this machine has an address of it, or its name.
    if access::is_of_loopback(text) {
        assert!(text.to_ascii_lowercase().contains("localhost") || text.contains(['1', ':']));
    }
}
