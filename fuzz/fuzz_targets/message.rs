//! Messages: what is decoded is no larger than its bytes allow, and goes to JSON and to bytes and back.

#![no_main]

use defender_message::SecurityMessage;
use defender_message::decode::Payload;
use defender_message::flow::report_order;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = SecurityMessage::decode(bytes) else {
        return;
    };
    let mut size = message.security_module_id.len();
    let mut is_known = true;
    for event in &message.events {
        size += 32;
        match &event.payload {
            Payload::NetworkActivity { flows } => size += flows.len() * 8,
            Payload::SystemInformation {
                os_info,
                kernel_info,
                hw_info,
            } => size += os_info.len() + kernel_info.len() + hw_info.len(),
            Payload::Heartbeat => {}
            _ => is_known = false,
        }
    }
    assert!(
        size <= 16 * bytes.len() + 1088,
        "{} bytes became {size}",
        bytes.len()
    );

    let json = serde_json::to_string(&message).expect("it has no map");
    let back: SecurityMessage = serde_json::from_str(&json).expect("it was written");
    assert_eq!(back, as_json_has_it(&message));

    let written = message.to_bytes();
    assert_eq!(written.is_ok(), is_known);
    if let Ok(written) = written {
        let again = SecurityMessage::decode(&written).expect("it was encoded");
        assert_eq!(again, message);
        assert_eq!(again.to_bytes().as_ref(), Ok(&written));
    }
});

/// JSON has no time zone, and flows stand in report order there.
fn as_json_has_it(message: &SecurityMessage) -> SecurityMessage {
    let mut message = message.clone();
    message.timezone = 0;
    for event in &mut message.events {
        if let Payload::NetworkActivity { flows } = &mut event.payload {
            flows.sort_by(report_order);
        }
    }
    message
}
