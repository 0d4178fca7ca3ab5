//! The API of a hub that runs.

use std::{fs, path::Path};

use defender_hub::web::ApiClient;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{args::ApiArgs, error::CliError};

/// Asks where the arguments say that it is.
pub fn client(args: &ApiArgs) -> Result<ApiClient, CliError> {
    client_at(&args.url, args.token.as_deref(), args.ca.as_deref())
}

/// Asks at this URL, with the token in a file and the certificates to trust in another.
pub fn client_at(
    url: &str,
    token: Option<&Path>,
    ca: Option<&Path>,
) -> Result<ApiClient, CliError> {
    let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
    let token = token.map(|path| {
        fs::read_to_string(path)
            .map_err(|error| usage(&format_args!("{}: {error}", path.display())))
    });
    let token = token.transpose()?;
    let token = token.as_deref().map(str::trim);
    ApiClient::new(url, token, ca).map_err(|error| usage(&error))
}

/// A part of an answer.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, CliError> {
    serde_json::from_value(value.clone()).map_err(|error| {
        CliError::Usage(format!(
            "the hub is of another version than this program: {error}"
        ))
    })
}

/// A text as a part of a URL.
pub fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
