//! Reads MUD files.

use core::net::IpAddr;
use std::borrow::Cow;
use std::collections::BTreeMap;

use defender_message::flow::Protocol;
use ipnet::IpNet;

use super::entry::{Entry, Ports, Remote, Way};
use super::{LeftOut, MudFile};
use crate::alert::Side;
use crate::baseline::MOST_GROUP_CLASSES as MOST_CLASSES;
use crate::json::{Malformed, Node};
use crate::place::{Faulty, Located, quoted};

/// Why a file cannot be used.
pub type MudError = Faulty<Fault>;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is no JSON.
    #[error("{message}")]
    Json {
        /// What the parser says.
        message: String,
    },
    /// A member is missing.
    #[error("{owner} has no `{member}`")]
    Missing {
        /// The way to what should have it; the file itself, if it is empty.
        owner: String,
        /// Its name.
        member: &'static str,
    },
    /// A member has a value that it cannot have.
    #[error("{member} is {given}, but must be {expected}")]
    Value {
        /// The way to it.
        member: String,
        /// What stands there.
        given: String,
        /// What may.
        expected: &'static str,
    },
    /// A policy names a list that is not there.
    #[error("there is no access list `{0}`")]
    NoList(String),
    /// It lets more pass than a baseline has room for.
    #[error("it names {0} classes of traffic, at most {MOST_CLASSES} have room")]
    TooMany(usize),
}

pub(super) fn file(text: &str) -> Result<MudFile, MudError> {
    let root = Node::parse(text).map_err(|Malformed { place, message }| Faulty {
        problems: vec![Located {
            place,
            fault: Fault::Json { message },
        }],
    })?;
    let mut reader = Reader::default();
    let file = reader.file(&root);
    let classes = file.as_ref().map_or(0, |file| file.classes().len());
    if classes > MOST_CLASSES {
        reader.fault(&root, Fault::TooMany(classes));
    }
    match (file, reader.problems.is_empty()) {
        (Some(file), true) => Ok(file),
        (_, _) => Err(Faulty {
            problems: reader.problems,
        }),
    }
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    left_out: Vec<LeftOut>,
    problems: Vec<Located<Fault>>,
}

/// Why an entry is none of those that let something pass.
enum Out {
    /// It is wrong, which was told.
    Faulty,
    Because(&'static str),
}

impl Reader {
    fn file(&mut self, root: &Node<'_>) -> Option<MudFile> {
        let mud = self.required(root, "ietf-mud:mud")?;
        let url = self.required(&mud, "mud-url")?;
        if url.get::<String>().is_none() {
            self.value(&url, "a URL");
        }
        let lists = match member(root, "ietf-access-control-list:acls") {
            Some(lists) => lists,
            // As drafts had it.
            None => match member(root, "ietf-access-control-list:access-lists") {
                Some(lists) => lists,
                None => self.required(root, "ietf-access-control-list:acls")?,
            },
        };
        let named: BTreeMap<String, Node<'_>> = self
            .elements(&lists, "acl")
            .into_iter()
            .filter_map(|list| Some((text(&list, "name")?, list)))
            .collect();
        for (policy, way) in [
            ("from-device-policy", Way::From),
            ("to-device-policy", Way::To),
        ] {
            let Some(policy) = member(&mud, policy) else {
                continue;
            };
            let Some(access) = self.required(&policy, "access-lists") else {
                continue;
            };
            for list in self.elements(&access, "access-list") {
                let name = text(&list, "name").unwrap_or_default();
                match named.get(&name) {
                    Some(list) => self.list(list, way),
                    None => self.fault(&list, Fault::NoList(name)),
                }
            }
        }
        Some(MudFile {
            url: url.get().unwrap_or_default(),
            system: text(&mud, "systeminfo"),
            entries: core::mem::take(&mut self.entries),
            left_out: core::mem::take(&mut self.left_out),
        })
    }

    fn list(&mut self, list: &Node<'_>, way: Way) {
        let Some(aces) = self.required(list, "aces") else {
            return;
        };
        for ace in self.elements(&aces, "ace") {
            let name = text(&ace, "name").unwrap_or_default();
            match self.entry(&ace, name.clone(), way) {
                Ok(entry) => self.entries.push(entry),
                Err(Out::Faulty) => {}
                Err(Out::Because(reason)) => self.left_out.push(LeftOut { name, reason }),
            }
        }
    }

    /// What an entry lets pass.
    fn entry(&mut self, ace: &Node<'_>, name: String, way: Way) -> Result<Entry, Out> {
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

    fn required<'a>(&mut self, node: &Node<'a>, name: &'static str) -> Option<Node<'a>> {
        let found = member(node, name);
        if found.is_none() {
            let owner = match node.path() {
                "" => "the file".to_owned(),
                path => path.to_owned(),
            };
            let fault = Fault::Missing {
                owner,
                member: name,
            };
            self.fault(node, fault);
        }
        found
    }

    fn elements<'a>(&mut self, node: &Node<'a>, name: &'static str) -> Vec<Node<'a>> {
        let Some(list) = self.required(node, name) else {
            return Vec::new();
        };
        match list.elements() {
            Some(elements) => elements,
            None => {
                self.value(&list, "a list");
                Vec::new()
            }
        }
    }

    fn value(&mut self, node: &Node<'_>, expected: &'static str) {
        let fault = Fault::Value {
            member: node.path().to_owned(),
            given: quoted(node.text()),
            expected,
        };
        self.fault(node, fault);
    }

    fn fault(&mut self, node: &Node<'_>, fault: Fault) {
        let place = node.place();
        self.problems.push(Located { place, fault });
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

fn member<'a>(node: &Node<'a>, name: &str) -> Option<Node<'a>> {
    let members = node.members()?.into_iter();
    let mut named = members.filter(|(it, _)| it == name);
    named.next().map(|(_, value)| value)
}

fn text(node: &Node<'_>, name: &str) -> Option<String> {
    member(node, name)?.get()
}

/// A network; an address without a length stands for itself, as makers write it.
fn network(text: &str) -> Option<IpNet> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(alone)
}
