//! Flows as the agent reports them, and as the capture beside it saw them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use defender_message::flow::{Flow, Protocol};
use serde_json::Value;

use crate::{capture::Capture, echo::DISCARD_PORT, mosquitto::DEVICE_PORT};

/// What makes a flow: protocol, local and remote end.
pub type FlowKey = (Protocol, SocketAddr, SocketAddr);

/// Bytes in and out of each flow.
pub type Totals = BTreeMap<FlowKey, (u64, u64)>;

fn add(totals: &mut Totals, key: FlowKey, (bytes_in, bytes_out): (u64, u64)) {
    let total = totals.entry(key).or_default();
    total.0 += bytes_in;
    total.1 += bytes_out;
}

/// What messages say, in sum.
pub fn reported(messages: &[Value]) -> Totals {
    let mut totals = Totals::new();
    let events = messages
        .iter()
        .flat_map(|message| message["events"].as_array().unwrap());
    for event in events.filter(|event| event["type"] == "NetworkActivity") {
        let flows: Vec<Flow<IpAddr>> = serde_json::from_value(event["flows"].clone()).unwrap();
        for flow in flows {
            let local = (flow.local_address, flow.local_port).into();
            let remote = (flow.remote_address, flow.remote_port).into();
            let bytes = (flow.bytes_in.into(), flow.bytes_out.into());
            add(&mut totals, (flow.protocol, local, remote), bytes);
        }
    }
    totals
}

/// What passed between the device's first datagram to [`DISCARD_PORT`] and the collection of `message`.
///
/// A message goes out as soon as it is collected, and itself belongs to the next collection.
pub fn captured(capture: &Capture, message: &Value) -> Totals {
    // Device and capture have the same clock, and messages are seconds apart.
    let time = Duration::from_secs(message["events"][0]["time"].as_u64().unwrap());
    let frames = capture.before(|frame| frame.time >= time && frame.is_data_to(DEVICE_PORT));
    let mut totals = Totals::new();
    for frame in &frames {
        if let Some((key @ (_, _, remote), bytes)) = frame.flow()
            && (!totals.is_empty() || remote.port() == DISCARD_PORT)
        {
            add(&mut totals, key, bytes);
        }
    }
    totals
}

/// Fails with the differences, flow by flow, if there are any.
pub fn assert_same(reported: &Totals, captured: &Totals) {
    let differences: BTreeSet<_> = reported
        .keys()
        .chain(captured.keys())
        .filter(|key| reported.get(key) != captured.get(key))
        .map(|key| {
            let (protocol, local, remote) = key;
            let [reported, captured] = [reported, captured].map(|totals| totals.get(key));
            let flow = format!("{} {local} {remote}", protocol.name());
            format!("{flow}: reported {reported:?}, captured {captured:?}\n")
        })
        .collect();
    assert!(
        differences.is_empty(),
        "bytes in and out differ:\n{}",
        Vec::from_iter(differences).concat()
    );
}
