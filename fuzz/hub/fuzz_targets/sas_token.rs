//! Shared access signatures: whatever is sent, nothing panics, and only what the key has signed passes.

#![no_main]

use defender_hub::identity::{SharedKey, sas};
use libfuzzer_sys::fuzz_target;

const HOST: &str = "hub.example";
const DEVICE: &str = "dev-1";

fuzz_target!(|data: &[u8]| {
    let Ok(key) = SharedKey::new(b"secret".to_vec()) else {
        return;
    };
    let text = String::from_utf8_lossy(data);
    for token in [text.as_ref(), &format!("SharedAccessSignature {text}")] {
        if let Ok(expiry) = sas::check(token, HOST, DEVICE, &key, 0) {
            // The fuzzer does not know the key: it was given this one, or has found it in here.
            let own = key.sign(HOST, DEVICE, expiry);
            assert_eq!(signature(token), signature(&own));
        }
    }
    // What is signed passes, for every name and until its time.
    if let Some((expiry, device)) = data.split_first_chunk::<8>() {
        let expiry = u64::from_le_bytes(*expiry).max(1);
        if let Ok(device) = std::str::from_utf8(device) {
            let token = key.sign(HOST, device, expiry);
            assert_eq!(
                sas::check(&token, HOST, device, &key, expiry - 1),
                Ok(expiry)
            );
            assert!(sas::check(&token, HOST, device, &key, expiry).is_err());
        }
    }
});

fn signature(token: &str) -> Option<&str> {
    let (_, rest) = token.split_once("sig=")?;
    rest.split('&').next()
}
