//! The agent on a network stack of your own: no ThreadX, no NetX Duo, no clock. You feed it packets and the time, and it
//! gives you the messages to send.
//!
//! `cargo run -p defender-agent --example simulation`

use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};

use defender_agent::packet::{self, Direction, NetworkOrder};
use defender_agent::{
    Action, Agent, Entropy, EntropyUnavailable, Environment, FlowTable, Settings,
};
use defender_message::SecurityMessage;
use defender_message::flow::SystemInformation;
use etherparse::PacketBuilder;

/// Unix time at which the device starts.
const START: u32 = 1_760_000_000;

/// What the device runs on.
const SYSTEM: SystemInformation<'_> = SystemInformation {
    os_info: "simulated",
    kernel_info: "",
    hw_info: "example board",
};

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::new();
    let mut entropy = Seeds(HashMap::<(), ()>::new().hasher().clone());
    let mut flows: FlowTable = FlowTable::new();
    let mut agent: Agent = Agent::new();

    let (device, broker) = ([10, 0, 0, 2], [192, 0, 2, 1]);
    let publish = PacketBuilder::ipv4(device, broker, 64).tcp(50_000, 8883, 1, 512);
    let publish = written(publish, &[0; 80])?;
    let answer = PacketBuilder::ipv4(broker, device, 64).tcp(8883, 50_000, 1, 512);
    let answer = written(answer, &[0; 4])?;

    for second in 0..=100 {
        // What your stack's hooks would see: a message to the broker every second, and its answer.
        see(&mut flows, Direction::Out, &publish);
        see(&mut flows, Direction::In, &answer);

        // What your timer would do once a second.
        let mut environment = Environment {
            uptime: second.into(),
            unix_time: Some(START + second),
            hub_connected: true,
            settings: &settings,
            system: &SYSTEM,
            flows: &mut flows,
            entropy: &mut entropy,
        };
        while let Action::Send(message) = agent.poll(&mut environment) {
            // Give it to your hub clients here, and tell the agent whether one took it.
            println!("{second} s: {} bytes", message.len());
            print(message)?;
            agent.sent(true);
        }
    }
    Ok(())
}

/// Counts a packet that begins with its IP header.
fn see(flows: &mut FlowTable, direction: Direction, bytes: &[u8]) {
    match packet::parse::<NetworkOrder>(bytes, bytes.len()) {
        Ok(packet) => {
            flows.observe(direction, &packet);
        }
        Err(reason) => flows.reject(reason),
    }
}

/// Shows what a hub reads in a message.
fn print(message: &[u8]) -> Result<(), Box<dyn Error>> {
    let message = SecurityMessage::decode(message)?;
    println!("{}", serde_json::to_string_pretty(&message)?);
    Ok(())
}

/// A packet as bytes.
fn written(
    packet: etherparse::PacketBuilderStep<etherparse::TcpHeader>,
    data: &[u8],
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::with_capacity(packet.size(data.len()));
    packet.write(&mut bytes, data)?;
    Ok(bytes)
}

/// Randomness of the standard library, good enough for an example. A device has a generator in hardware.
struct Seeds(RandomState);

impl Entropy for Seeds {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for chunk in bytes.chunks_mut(8) {
            self.0 = RandomState::new();
            let random = self.0.hash_one(0).to_ne_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}
