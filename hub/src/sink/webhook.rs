//! A webhook: each change as an OCSF finding, posted and signed as the Standard Webhooks specification says.
//!
//! `webhook-id` is the change's id, `webhook-timestamp` the time of sending, `webhook-signature` is `v1,` and the HMAC-SHA256 in base64 of
//! `{id}.{timestamp}.{body}` with the secret as key.

use std::time::SystemTime;

use base64::{Engine, engine::general_purpose::STANDARD};
use defender_detect::ocsf;
use ring::hmac;

use super::{HttpTarget, Sink, SinkError, uid};
use crate::store::Outgoing;

/// Posts to a webhook.
pub(crate) struct Webhook {
    target: HttpTarget,
    key: Option<hmac::Key>,
}

impl Webhook {
    /// A webhook. With a secret what is posted is signed; a secret that begins with `whsec_` is base64, any other is taken as it is.
    pub fn new(target: HttpTarget, secret: Option<&str>) -> Self {
        let key = secret.map(|secret| {
            let decoded = secret
                .strip_prefix("whsec_")
                .and_then(|encoded| STANDARD.decode(encoded).ok());
            let bytes = decoded.unwrap_or_else(|| secret.as_bytes().to_vec());
            hmac::Key::new(hmac::HMAC_SHA256, &bytes)
        });
        Self { target, key }
    }

    fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
        let key = self.key.as_ref()?;
        let signed = [id.as_bytes(), timestamp.as_bytes(), body].join(&b'.');
        let tag = hmac::sign(key, &signed);
        Some(format!("v1,{}", STANDARD.encode(tag)))
    }
}

impl Sink for Webhook {
    fn tell(&mut self, changes: &[Outgoing]) -> Result<(), SinkError> {
        for outgoing in changes {
            let body =
                serde_json::to_vec(&ocsf::finding(&outgoing.change)).map_err(SinkError::new)?;
            // A header takes no other characters; ids are made of names of rules and numbers.
            let id = uid(outgoing);
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            let timestamp = now.as_secs().to_string();
            let signature = self.signature(&id, &timestamp, &body);
            let mut headers = vec![("webhook-id", &*id), ("webhook-timestamp", &timestamp)];
            headers.extend(
                signature
                    .as_deref()
                    .map(|signature| ("webhook-signature", signature)),
            );
            self.target.post(&headers, &body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let target = HttpTarget::new("http://localhost", None).unwrap();
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let webhook = Webhook::new(target, Some(secret));
        let signature = webhook.signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }
}
