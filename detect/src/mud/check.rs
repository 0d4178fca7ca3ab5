//! Where traffic breaks what a MUD file says.

use core::fmt;
use core::net::IpAddr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use defender_message::decode::{Event, Payload};
use defender_message::flow::Protocol;
use serde::{Serialize, Serializer};

use super::MudFile;
use crate::alert::{Service, Side};
use crate::config::FailedConnection;
use crate::roles::{PeerKind, Services, Traffic, canonical};

/// The most that is told one by one.
const MOST: usize = 1_000;

/// Compares reports of devices with a MUD file.
#[derive(Debug)]
pub struct Check<'a> {
    file: &'a MudFile,
    services: HashMap<Arc<str>, Services>,
    breaks: BTreeMap<Key, Break>,
    more: u64,
}

type Key = (Arc<str>, Protocol, Option<Service>, IpAddr);

/// Traffic of a device with a peer that the file does not let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Break {
    /// The device.
    #[serde(serialize_with = "text")]
    pub device: Arc<str>,
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the service, if it is known which one it is.
    pub port: Option<u16>,
    /// Who opened it, if that is known.
    pub opened_by: Option<Side>,
    /// The peer.
    pub peer: IpAddr,
    /// When it was reported first, in seconds of Unix time.
    pub first: u32,
    /// How many flows of reports there were.
    pub flows: u64,
    /// What came in.
    pub bytes_in: u64,
    /// What went out.
    pub bytes_out: u64,
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl<'a> Check<'a> {
    /// Compares with this file.
    #[must_use]
    pub fn new(file: &'a MudFile) -> Self {
        Self {
            file,
            services: HashMap::new(),
            breaks: BTreeMap::new(),
            more: 0,
        }
    }

    /// Looks at an event of a device. What others try there in vain is nothing that the device does, and what is sent to many at once (multicast,
    /// broadcast) is not compared: nothing of it is learned, either.
    pub fn look(&mut self, device: &Arc<str>, event: &Event) {
        let Payload::NetworkActivity { flows } = &event.payload else {
            return;
        };
        let flows = canonical(flows);
        let services = self.services.entry(Arc::clone(device)).or_default();
        let (flows, _) =
            Traffic::classify(&flows, services, event.time, &FailedConnection::default());
        for traffic in &flows {
            let flow = traffic.flow;
            let is_vain = traffic.failed && traffic.is_inbound();
            if traffic.peer != PeerKind::Host
                || is_vain
                || self.file.allows(flow, traffic.opened_by)
            {
                continue;
            }
            let key = (
                Arc::clone(device),
                flow.protocol,
                traffic.service,
                flow.remote_address,
            );
            if !self.breaks.contains_key(&key) && self.breaks.len() >= MOST {
                self.more += 1;
                continue;
            }
            let it = self.breaks.entry(key).or_insert_with(|| Break {
                device: Arc::clone(device),
                protocol: flow.protocol,
                port: traffic.service.map(|service| service.port),
                opened_by: traffic.opened_by,
                peer: flow.remote_address,
                first: event.time,
                flows: 0,
                bytes_in: 0,
                bytes_out: 0,
            });
            it.flows += 1;
            it.bytes_in += u64::from(flow.bytes_in);
            it.bytes_out += u64::from(flow.bytes_out);
        }
    }

    /// What the file does not let pass, in the order in which it was reported first; and how many flows there were beyond those that have room.
    #[must_use]
    pub fn finish(self) -> (Vec<Break>, u64) {
        let mut breaks: Vec<_> = self.breaks.into_values().collect();
        breaks.sort_by_key(|it| it.first);
        (breaks, self.more)
    }
}

/// What was sent and received, without the device and its amount.
impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.protocol)?;
        if let Some(port) = self.port {
            write!(f, " port {port}")?;
        }
        match self.opened_by {
            Some(Side::Device) => write!(f, " of {}", self.peer),
            Some(Side::Peer) => write!(f, " of the device, opened by {}", self.peer),
            None => write!(f, " with {}", self.peer),
        }
    }
}
