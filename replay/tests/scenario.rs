//! What the agent reports of a scenario is what the scenario says of itself.

use std::{collections::BTreeMap, convert::Infallible, net::SocketAddr, time::Duration};

use defender_message::{SecurityMessage, decode::Payload, flow::Protocol};
use defender_replay::{
    Packet, PacketSource, Plan, Replay, device,
    local::{Identity, LocalAddress},
    scenario::{self, Ledger, Options, Run, Truth},
};

/// A run whose packets are counted as they pass.
struct Counted(Run, Ledger);

impl PacketSource for Counted {
    type Error = Infallible;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
        let Self(run, ledger) = self;
        let packet = run.next_packet()?;
        if let Some(ip) = packet.as_ref().and_then(|packet| packet.ip) {
            ledger.count(ip);
        }
        Ok(packet)
    }
}

/// Protocol, local and remote endpoint; bytes in and out.
type Flows = BTreeMap<(Protocol, SocketAddr, SocketAddr), (u64, u64)>;

fn true_flows(truth: &Truth) -> Flows {
    let flows = truth.flows.iter().map(|flow| {
        let local = SocketAddr::new(flow.local_address, flow.local_port);
        let remote = SocketAddr::new(flow.remote_address, flow.remote_port);
        let key = (flow.protocol, local, remote);
        (key, (flow.bytes_in, flow.bytes_out))
    });
    flows.collect()
}

fn add(reported: &mut Flows, message: &SecurityMessage) {
    for event in &message.events {
        let Payload::NetworkActivity { flows } = &event.payload else {
            continue;
        };
        for flow in flows {
            let local = SocketAddr::new(flow.local_address, flow.local_port);
            let remote = SocketAddr::new(flow.remote_address, flow.remote_port);
            let key = (flow.protocol, local, remote);
            let sum = reported.entry(key).or_default();
            sum.0 += u64::from(flow.bytes_in);
            sum.1 += u64::from(flow.bytes_out);
        }
    }
}

/// All bytes by protocol.
fn sums(flows: &Flows) -> BTreeMap<Protocol, (u64, u64)> {
    let mut sums = BTreeMap::<_, (u64, u64)>::new();
    for ((protocol, ..), bytes) in flows {
        let sum = sums.entry(*protocol).or_default();
        *sum = (sum.0 + bytes.0, sum.1 + bytes.1);
    }
    sums
}

#[test]
fn flows_and_bytes_are_those_of_the_truth() {
    // With room for all of them.
    let mut settings = device::default_settings();
    settings
        .set_flow_limits(device::MAX_FLOWS, device::MAX_FLOWS)
        .unwrap();
    let mut compared = 0;
    for scenario in scenario::all() {
        for seed in [1, 2] {
            let options = Options::new().seed(seed).duration(Duration::from_secs(70));
            let options = if seed == 2 { options.ipv6() } else { options };
            let run = scenario.run(&options).unwrap();
            let identity = Identity::new(vec![LocalAddress::from(run.device())], Vec::new());
            let ledger = run.ledger();
            let plan = Plan::new("device", identity).settings(settings);
            let mut replay = Replay::new(Counted(run, ledger), plan);
            let mut reported = Flows::new();
            while let Some(message) = replay.next_message().unwrap() {
                add(
                    &mut reported,
                    &SecurityMessage::decode(&message.bytes).unwrap(),
                );
            }
            let Counted(run, ledger) = replay.source();
            let truth = true_flows(&run.truth(ledger.clone()));
            let name = format!("{} seed {seed}", scenario.name());
            assert!(truth.len() > 3, "{name}");
            if replay.summary().flows_aggregated == 0 {
                assert_eq!(reported, truth, "{name}");
                compared += 1;
            }
            assert_eq!(sums(&reported), sums(&truth), "{name}");
        }
    }
    // Floods from ever new ports fit no table.
    assert!(compared > scenario::all().len(), "{compared}");
}
