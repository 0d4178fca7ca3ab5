//! The time of a collection: 128 flows (64 of each IP version) out of the flow table and into messages.
//!
//! `cargo bench -p defender-agent --bench collection`. It fails when the median is over its budget.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use defender_agent::packet::{Direction, Observation, Packet};
use defender_agent::{
    Action, Agent, Entropy, EntropyUnavailable, Environment, FlowTable, Protocol, Settings,
};
use defender_message::flow::SystemInformation;

const BUDGET: Duration = Duration::from_micros(20);
const ROUNDS: usize = 2_001;

struct Zero;

impl Entropy for Zero {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        bytes.fill(0);
        Ok(())
    }
}

fn main() -> ExitCode {
    let settings = Settings::new();
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| collect(&settings)).collect();
    times.sort();
    let median = times[ROUNDS / 2];
    println!("collection of 128 flows: median {median:?} of {ROUNDS}, budget {BUDGET:?}");
    if median > BUDGET {
        eprintln!("a collection takes longer than its budget");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// How long one collection takes.
fn collect(settings: &Settings) -> Duration {
    let mut flows: FlowTable = FlowTable::new();
    for port in 0..64 {
        let v4 = observation(Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 1), port);
        let v6 = observation(
            Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 2),
            Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 1),
            port,
        );
        flows.observe(Direction::Out, &Packet::V4(v4));
        flows.observe(Direction::Out, &Packet::V6(v6));
    }
    let mut agent: Agent = Agent::new();
    let mut environment = Environment {
        uptime: 0,
        unix_time: Some(1_795_000_000),
        hub_connected: true,
        settings,
        system: &SystemInformation::default(),
        flows: &mut flows,
        entropy: &mut Zero,
    };
    agent.enable(&mut environment);
    environment.uptime = 100;
    let mut messages = 0;
    let begin = Instant::now();
    while let Action::Send(message) = agent.poll(&mut environment) {
        messages += std::hint::black_box(message.len()).min(1);
        agent.sent(true);
    }
    let time = begin.elapsed();
    assert!(messages > 0 && flows.is_empty());
    time
}

fn observation<A>(source: A, destination: A, port: u16) -> Observation<A> {
    Observation {
        protocol: Protocol::Udp,
        source,
        destination,
        source_port: 5000 + port,
        destination_port: 53,
        bytes: 100 + u32::from(port),
    }
}
