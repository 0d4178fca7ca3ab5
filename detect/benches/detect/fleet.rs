//! Devices that report every ten seconds, and what they are judged by.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};

use defender_detect::Policy;
use defender_detect::rules::{Rules, RulesFile};
use defender_detect::threats::ThreatLists;
use defender_message::SecurityMessage;
use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{Flow, Protocol};

/// Who sent it, when it came, and its bytes.
pub type Received = (String, u32, Vec<u8>);

const FLOWS: u16 = 17;
const PREFIXES: u32 = 1_000_000;
const START: u32 = 1_795_000_000;

/// What devices do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fleet {
    /// Connections that go on, a few new ones, names that are asked for, a ping.
    Healthy,
    /// In each report a connection fails, as with a server that is down; so windows are never empty.
    Failing,
}

impl Fleet {
    pub const ALL: [Self; 2] = [Self::Healthy, Self::Failing];

    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Failing => "failing",
        }
    }

    /// Instructions that a report may take, decoding included: what it takes, and a little for another compiler.
    pub fn budget(self) -> u64 {
        match self {
            Self::Healthy => 17_950,
            Self::Failing => 21_650,
        }
    }

    pub fn named(name: &str) -> Result<Self, Box<dyn Error>> {
        let named = Self::ALL.into_iter().find(|fleet| fleet.name() == name);
        named.ok_or_else(|| format!("no fleet is called {name}").into())
    }

    /// Reports of ten minutes, and `each` reports of every device that follow them.
    pub fn reports(
        self,
        devices: u32,
        each: u32,
    ) -> Result<(Vec<Received>, Vec<Received>), Box<dyn Error>> {
        const BEFORE: u32 = 60;
        let mut reports = Vec::new();
        for step in 0..BEFORE + each {
            // Of a large fleet the windows fill with fewer.
            if devices > 100 && step < BEFORE - 10 {
                continue;
            }
            for device in 0..devices {
                reports.push(self.report(device, step)?);
            }
        }
        let after = reports.split_off(reports.len() - (each * devices) as usize);
        Ok((reports, after))
    }

    fn report(self, device: u32, step: u32) -> Result<Received, Box<dyn Error>> {
        let time = START + 10 * step + device % 10;
        let flows = (0..FLOWS)
            .map(|n| self.flow(device, step as u16, n))
            .collect();
        let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
        message.events.push(Event {
            id: EventId((u128::from(device + 1) << 64 | u128::from(step)).to_be_bytes()),
            time,
            collection_interval: 10,
            payload: Payload::NetworkActivity { flows },
        });
        Ok((format!("device-{device:06}"), time, message.to_bytes()?))
    }

    fn flow(self, device: u32, step: u16, n: u16) -> Flow<IpAddr> {
        let [_, a, b, c] = device.to_be_bytes();
        let (protocol, remote_port) = match n {
            0 => (Protocol::Icmp, 0),
            n if n % 4 == 1 => (Protocol::Tcp, 8883),
            n if n % 4 == 0 => (Protocol::Udp, 53),
            _ => (Protocol::Tcp, 443),
        };
        let local_port = match n {
            0 => 0,
            // These go on.
            1..12 => 40_000 + n,
            _ => 40_000 + 20 * step + n,
        };
        let (bytes_in, bytes_out) = match protocol {
            Protocol::Tcp if self == Self::Failing && n == 14 => (20, 60),
            Protocol::Tcp => (4_000, 1_500),
            _ => (120, 120),
        };
        Flow {
            protocol,
            local_address: IpAddr::from([10, a, b, c]),
            local_port,
            remote_address: peer(n, c).into(),
            remote_port,
            bytes_in,
            bytes_out,
        }
    }

    /// Ten rules, and lists with prefixes all over the address space, but none of a peer.
    pub fn policy(self) -> Result<Policy, Box<dyn Error>> {
        let mut policy = Policy::default();
        policy.rules = Rules::new([RulesFile::parse(RULES)?])?;
        policy.threats = threats();
        Ok(policy)
    }
}

/// Where devices talk to: hosts all over the address space.
fn peer(n: u16, device: u8) -> Ipv4Addr {
    let bits = (u32::from(n) << 8 | u32::from(device)).wrapping_mul(2_654_435_761);
    // 64.0.0.0/2, which the rules allow.
    Ipv4Addr::from_bits(bits >> 2 | 1 << 30)
}

fn threats() -> ThreatLists {
    let peers: BTreeSet<Ipv4Addr> = (0..FLOWS)
        .flat_map(|n| (0..=u8::MAX).map(move |device| peer(n, device)))
        .collect();
    let mut text = String::new();
    for n in 0..PREFIXES {
        // As public addresses are: 20.0.0.0 to 147.255.255.255.
        let bits = n.wrapping_mul(2_654_435_761) >> 1;
        let address = Ipv4Addr::from_bits(bits + (20 << 24));
        if !peers.contains(&address) {
            text += &format!("{address}\n");
        }
    }
    let mut lists = ThreatLists::builder();
    lists.read("bench", text.as_bytes());
    lists.build()
}

const RULES: &str = r#"{ "name": "default", "properties": {
    "allowlistRules": [
        { "ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["64.0.0.0/2", "10.0.0.0/8"] },
        { "ruleType": "ConnectionFromIpNotAllowed", "isEnabled": true, "allowlistValues": ["10.0.0.0/8"] } ],
    "timeWindowRules": [
        { "ruleType": "ActiveConnectionsNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "MqttD2CMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "MqttC2DMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "AmqpD2CMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "DirectMethodInvokesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "TwinUpdatesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "QueuePurgesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "UnauthorizedOperationsNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" } ] } }"#;
