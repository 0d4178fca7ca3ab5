//! Connection strings, as IoT Hub gives them to devices: `HostName=…;DeviceId=…;SharedAccessKey=…`.

use std::{fmt, str::FromStr};

use super::SharedKey;
use crate::mqtt::DeviceId;

/// All that a device needs to know to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionString {
    /// The hub's name, as in its certificate.
    pub host: String,
    /// The device's name.
    pub device: DeviceId,
    /// The device's key; `None` when it proves itself by a certificate.
    pub key: Option<SharedKey>,
}

/// Text that is no connection string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a connection string is HostName=…;DeviceId=…;SharedAccessKey=…, or ends in x509=true for a certificate"
)]
pub struct ConnectionStringError;

/// With the key, as this is what the text is for.
impl fmt::Display for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostName={};DeviceId={};", self.host, self.device)?;
        match &self.key {
            Some(key) => write!(f, "SharedAccessKey={}", key.to_base64()),
            None => f.write_str("x509=true"),
        }
    }
}

impl FromStr for ConnectionString {
    type Err = ConnectionStringError;

    fn from_str(text: &str) -> Result<Self, ConnectionStringError> {
        let [mut host, mut device, mut key, mut x509] = [None; 4];
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(ConnectionStringError)?;
            let place = match name {
                "HostName" => &mut host,
                "DeviceId" => &mut device,
                "SharedAccessKey" => &mut key,
                "x509" => &mut x509,
                _ => return Err(ConnectionStringError),
            };
            if place.replace(value).is_some() {
                return Err(ConnectionStringError);
            }
        }
        let key = match (key, x509) {
            (Some(key), None) => {
                Some(SharedKey::from_base64(key).map_err(|_| ConnectionStringError)?)
            }
            (None, Some("true")) => None,
            _ => return Err(ConnectionStringError),
        };
        let host = host.filter(|host| !host.is_empty());
        Ok(Self {
            host: host.ok_or(ConnectionStringError)?.to_owned(),
            device: device
                .and_then(|device| device.parse().ok())
                .ok_or(ConnectionStringError)?,
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "HostName=hub.example;DeviceId=dev-1;SharedAccessKey=c2VjcmV0MQ==";

    #[test]
    fn connection_strings_are_written_and_read() {
        let parsed: ConnectionString = TEXT.parse().unwrap();
        assert_eq!(parsed.host, "hub.example");
        assert_eq!(parsed.device.as_str(), "dev-1");
        assert_eq!(parsed.key.as_ref().unwrap().bytes(), b"secret1");
        assert_eq!(parsed.to_string(), TEXT);
        assert!(!format!("{parsed:?}").contains("c2VjcmV0"));
        let text = "HostName=hub.example;DeviceId=dev-1;x509=true";
        let parsed: ConnectionString = text.parse().unwrap();
        assert_eq!(
            (parsed.key.as_ref(), parsed.to_string().as_str()),
            (None, text)
        );
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "HostName=a;DeviceId=b",
            "HostName=;DeviceId=b;x509=true",
            "HostName=a;DeviceId=b/c;x509=true",
            "HostName=a;DeviceId=b;x509=false",
            "HostName=a;DeviceId=b;SharedAccessKey=c2VjcmV0;x509=true",
            "HostName=a;HostName=a;DeviceId=b;x509=true",
            "HostName=a;DeviceId=b;SharedAccessKey=!",
            "HostName=a;DeviceId=b;Policy=x;x509=true",
        ] {
            assert_eq!(
                text.parse::<ConnectionString>(),
                Err(ConnectionStringError),
                "{text}"
            );
        }
    }
}
