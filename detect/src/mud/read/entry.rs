//! Reads an entry of a list: what it lets pass.

use core::net::IpAddr;
use std::borrow::Cow;

use defender_message::flow::Protocol;
use ipnet::IpNet;

use super::{Reader, member, text};
use crate::alert::Side;
use crate::json::Node;
use crate::mud::entry::{Entry, Ports, Remote, Way};

/// Why an entry is none of those that let something pass.
pub(super) enum Out {
    /// It is wrong, which was told.
    Faulty,
    Because(&'static str),
}

impl Reader {
    /// What an entry lets pass.
    pub(super) fn entry(&mut self, ace: &Node<'_>, name: String, way: Way) -> Result<Entry, Out> {
        let mut entry = Entry {
            name,
            way,
            protocol: None,
            remote: Remote::Any,
            device_ports: None,
            remote_ports: None,
            opened_by: None,
        };
        let actions = self.required(ace, "actions").ok_or(Out::Faulty)?;
        let forwarding = self.required(&actions, "forwarding").ok_or(Out::Faulty)?;
        let action: String = forwarding.get().unwrap_or_default();
        match action.rsplit(':').next() {
            Some("accept") => {}
            Some("drop" | "reject") => {
                return Err(Out::Because("what it names may not pass anyway"));
            }
            _ => {
                self.value(&forwarding, "accept, drop or reject");
                return Err(Out::Faulty);
            }
        }
        let Some(matches) = member(ace, "matches") else {
            return Ok(entry);
        };
        let mut is_of_ip = false;
        for (name, value) in flat(&matches) {
            is_of_ip |= matches!(&*name, "ipv4" | "ipv6" | "tcp" | "udp" | "icmp");
            match &*name {
                "ipv4" | "ipv6" => self.ip(&value, &mut entry)?,
                "tcp" | "udp" => {
                    entry.protocol = match &*name {
                        "tcp" => Some(Protocol::Tcp),
                        _ => Some(Protocol::Udp),
                    };
                    self.ports(&value, &mut entry);
                }
                "icmp" => entry.protocol = Some(Protocol::Icmp),
                "ietf-mud:mud" => self.abstraction(&value, &mut entry),
                "eth" => {}
                // What is not understood would let pass too much without it.
                _ => return Err(Out::Because("it asks for what flows do not show")),
            }
        }
        match !is_of_ip && member(&matches, "eth").is_some() {
            true => Err(Out::Because("it is about Ethernet, flows are about IP")),
            false => Ok(entry),
        }
    }

    fn ip(&mut self, node: &Node<'_>, entry: &mut Entry) -> Result<(), Out> {
        for (name, value) in node.members().unwrap_or_default() {
            let is_remote = |source: &str, destination: &str| match entry.way {
                Way::From => name.ends_with(destination),
                Way::To => name.ends_with(source),
            };
            if name == "protocol" {
                entry.protocol = match value.get::<u8>() {
                    Some(6) => Some(Protocol::Tcp),
                    Some(17) => Some(Protocol::Udp),
                    Some(1 | 58) => Some(Protocol::Icmp),
                    Some(_) => {
                        return Err(Out::Because(
                            "no flow has its protocol: they are of TCP, UDP, ICMP",
                        ));
                    }
                    None => {
                        self.value(&value, "a number, as 6 for TCP and 17 for UDP");
                        return Err(Out::Faulty);
                    }
                };
            } else if is_remote("src-dnsname", "dst-dnsname") {
                match value.get() {
                    Some(name) => entry.remote = Remote::Name(name),
                    None => self.value(&value, "a name"),
                }
            } else if is_remote("source-ipv4-network", "destination-ipv4-network") {
                match value.get::<String>().and_then(|net| network(&net)) {
                    Some(net @ IpNet::V4(_)) => entry.remote = Remote::Network(net),
                    _ => self.value(&value, "a network, as in 192.0.2.0/24"),
                }
            } else if is_remote("source-ipv6-network", "destination-ipv6-network") {
                match value.get::<String>().and_then(|net| network(&net)) {
                    Some(net @ IpNet::V6(_)) => entry.remote = Remote::Network(net),
                    _ => self.value(&value, "a network, as in 2001:db8::/32"),
                }
            }
        }
        Ok(())
    }

    fn ports(&mut self, node: &Node<'_>, entry: &mut Entry) {
        for (name, value) in node.members().unwrap_or_default() {
            let name = name.strip_suffix("-range-or-operator").unwrap_or(&name);
            match (name, entry.way) {
                ("source-port", Way::From) | ("destination-port", Way::To) => {
                    entry.device_ports = self.range(&value);
                }
                ("source-port", Way::To) | ("destination-port", Way::From) => {
                    entry.remote_ports = self.range(&value);
                }
                ("ietf-mud:direction-initiated", _) => {
                    entry.opened_by = match value.get::<String>().as_deref() {
                        Some("from-device") => Some(Side::Device),
                        Some("to-device") => Some(Side::Peer),
                        _ => {
                            self.value(&value, "from-device or to-device");
                            None
                        }
                    };
                }
                _ => {}
            }
        }
    }

    fn range(&mut self, node: &Node<'_>) -> Option<Ports> {
        let port = |name| member(node, name)?.get::<u16>();
        let operator = text(node, "operator").unwrap_or_else(|| "eq".to_owned());
        let ports = match (
            &*operator,
            port("port"),
            port("lower-port"),
            port("upper-port"),
        ) {
            ("eq", Some(port), ..) => Some((port, port)),
            ("lte", Some(port), ..) => Some((0, port)),
            ("gte", Some(port), ..) => Some((port, u16::MAX)),
            ("neq", Some(_), ..) => Some((0, u16::MAX)),
            (_, None, Some(first), Some(last)) if first <= last => Some((first, last)),
            _ => None,
        };
        if ports.is_none() {
            self.value(
                node,
                "a `port` with an operator (eq, lte, gte, neq), or `lower-port` and `upper-port`",
            );
        }
        ports.map(|(first, last)| Ports { first, last })
    }

    /// Those whom only the owner of the network knows.
    fn abstraction(&mut self, node: &Node<'_>, entry: &mut Entry) {
        for (name, value) in node.members().unwrap_or_default() {
            entry.remote = match &*name {
                "local-networks" => Remote::Local,
                "my-controller" => Remote::Known("its controller".to_owned()),
                "same-manufacturer" => Remote::Known("devices of its maker".to_owned()),
                "controller" | "manufacturer" | "model" => match value.get::<String>() {
                    Some(who) if who == "urn:ietf:params:mud:gateway" => Remote::Local,
                    who => Remote::Known(format!("the {name} {}", who.unwrap_or_default())),
                },
                _ => continue,
            };
        }
    }
}

/// What an entry must match; drafts had it in layers.
fn flat<'a>(matches: &Node<'a>) -> Vec<(Cow<'a, str>, Node<'a>)> {
    let mut all = Vec::new();
    for (name, value) in matches.members().unwrap_or_default() {
        match &*name {
            "l2" | "l3" | "l4" => all.extend(value.members().unwrap_or_default()),
            _ => all.push((name, value)),
        }
    }
    all
}

/// A network; an address without a length stands for itself, as makers write it.
fn network(text: &str) -> Option<IpNet> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(alone)
}
