//! Writes what was learned as a MUD file.

use defender_message::flow::Protocol;
use serde_json::{Map, Value, json};

use crate::baseline::{Class, Direction, GroupBaseline, Origin, Port, Scope};

/// A MUD file of a group's baseline, or of one of its devices: an entry each way for each class that is known. What has raised an alert is not
/// in it. `url` is where the file will be, `updated` when it was made (RFC 3339).
#[must_use]
pub fn export(baseline: &GroupBaseline, device: Option<&str>, url: &str, updated: &str) -> Value {
    let known = baseline.classes.iter().filter(|known| match known.origin {
        Origin::Alerted => false,
        Origin::Candidate => match device {
            Some(device) => known.device.as_deref() == Some(device),
            None => baseline.devices == 1,
        },
        Origin::Learned | Origin::Accepted => true,
    });
    let classes: Vec<Class> = known.map(|known| known.class).collect();
    let mut lists = Vec::new();
    let mut policies = Map::new();
    for (policy, is_from) in [("from-device-policy", true), ("to-device-policy", false)] {
        let mut names = Vec::new();
        for family in ["ipv4", "ipv6"] {
            let way = if is_from { "from" } else { "to" };
            let name = format!("{way}-device-{family}");
            let aces: Vec<Value> = classes
                .iter()
                .enumerate()
                .map(|(number, class)| ace(number, *class, family, is_from))
                .collect();
            lists.push(json!({
                "name": name, "type": format!("{family}-acl-type"), "aces": { "ace": aces },
            }));
            names.push(json!({ "name": name }));
        }
        policies.insert(
            policy.to_owned(),
            json!({ "access-lists": { "access-list": names } }),
        );
    }
    let mut mud = json!({
        "mud-version": 1, "mud-url": url, "last-update": updated, "cache-validity": 48, "is-supported": true,
        "systeminfo": device.unwrap_or(&baseline.name).chars().take(60).collect::<String>(),
    });
    if let Some(mud) = mud.as_object_mut() {
        mud.append(&mut policies);
    }
    json!({ "ietf-mud:mud": mud, "ietf-access-control-list:acls": { "acl": lists } })
}

fn ace(number: usize, class: Class, family: &str, is_from: bool) -> Value {
    let protocol = match (class.protocol, family) {
        (Protocol::Tcp, _) => 6,
        (Protocol::Udp, _) => 17,
        (Protocol::Icmp, "ipv6") => 58,
        (Protocol::Icmp, _) => 1,
    };
    let mut matches = json!({ family: { "protocol": protocol } });
    // The service's port is where packets go that ask, and where those come from that answer.
    let is_destination = is_from == (class.direction == Direction::Out);
    let port = if is_destination {
        "destination-port"
    } else {
        "source-port"
    };
    let range = match class.port {
        Port::Number(port) => Some(json!({ "operator": "eq", "port": port })),
        Port::Ephemeral => Some(json!({ "operator": "gte", "port": 32_768 })),
        Port::Any | Port::None => None,
    };
    let mut transport = Map::new();
    if let Some(range) = range {
        transport.insert(port.to_owned(), range);
    }
    if class.protocol == Protocol::Tcp {
        let opened = match class.direction {
            Direction::Out => "from-device",
            Direction::In => "to-device",
        };
        transport.insert("ietf-mud:direction-initiated".to_owned(), opened.into());
    }
    if class.protocol != Protocol::Icmp {
        matches[class.protocol.name().to_ascii_lowercase()] = transport.into();
    }
    if class.scope == Scope::Local {
        matches["ietf-mud:mud"] = json!({ "local-networks": [null] });
    }
    let way = if is_from { "from" } else { "to" };
    json!({ "name": format!("{way}-{number}"), "matches": matches, "actions": { "forwarding": "accept" } })
}
