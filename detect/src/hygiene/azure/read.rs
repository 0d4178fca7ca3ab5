//! Reads files that were exported: what one is shows by its members.

use core::net::IpAddr;

use ipnet::IpNet;

use super::{DiagnosticSetting, Export, Hub, Identity};
use crate::hygiene::credentials_mark;
use crate::json::{Malformed, Node};
use crate::place::{Faulty, Located, quoted};

/// Why a file cannot be used.
pub type ExportError = Faulty<Fault>;

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
    /// It is something else.
    #[error(
        "this is none of: `az iot hub show`, `az monitor diagnostic-settings list`, \
         `az iot hub device-identity list`, `az monitor activity-log list`"
    )]
    Unknown,
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
}

/// Reads a file.
///
/// # Errors
/// [`ExportError`] says everything that is wrong with it, with line and column.
pub fn read(text: &str) -> Result<Export, ExportError> {
    let root = Node::parse(text).map_err(|Malformed { place, message }| {
        // Logs may be a record a line.
        let fault = Fault::Json { message };
        Faulty {
            problems: vec![Located { place, fault }],
        }
    });
    let root = match root {
        Ok(root) => root,
        Err(_) if is_lines_of_log(text) => return Ok(Export::Log),
        Err(error) => return Err(error),
    };
    let items = items(&root);
    let mut reader = Reader::default();
    let export = match items.first().map_or(Form::Settings, form) {
        Form::Hub => Export::Hubs(items.iter().filter_map(|it| reader.hub(it)).collect()),
        Form::Settings => {
            Export::DiagnosticSettings(items.iter().filter_map(|it| reader.setting(it)).collect())
        }
        Form::Identity => {
            Export::Identities(items.iter().filter_map(|it| reader.identity(it)).collect())
        }
        Form::Record => Export::Log,
        Form::Unknown => {
            reader.fault(&root, Fault::Unknown);
            Export::Log
        }
    };
    match reader.problems.is_empty() {
        true => Ok(export),
        false => Err(Faulty {
            problems: reader.problems,
        }),
    }
}

/// Whether the first line alone is a record.
fn is_lines_of_log(text: &str) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty());
    let node = line.and_then(|line| Node::parse(line).ok());
    node.is_some_and(|node| form(&node) == Form::Record)
}

/// The things that a file is about: one, a list, or a list as `value`.
fn items<'a>(root: &Node<'a>) -> Vec<Node<'a>> {
    if let Some(elements) = root.elements() {
        return elements;
    }
    match member(root, "value").and_then(|value| value.elements()) {
        Some(elements) => elements,
        None => vec![root.clone()],
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Hub,
    Settings,
    Identity,
    Record,
    Unknown,
}

fn form(node: &Node<'_>) -> Form {
    let has = |name| member(node, name).is_some();
    let has_property = |name| property(node, name).is_some();
    let type_is =
        |end: &str| text(node, "type").is_some_and(|it| it.to_ascii_lowercase().ends_with(end));
    if type_is("/iothubs") || has_property("networkRuleSets") || has_property("ipFilterRules") {
        Form::Hub
    } else if type_is("/diagnosticsettings") || has_property("logs") {
        Form::Settings
    } else if has("deviceId") {
        Form::Identity
    } else if has("operationName") || has("OperationName") || has("records") {
        Form::Record
    } else {
        Form::Unknown
    }
}

/// A member of an object, whatever the case of its name: exports differ in it.
fn member<'a>(node: &Node<'a>, name: &str) -> Option<Node<'a>> {
    let members = node.members()?.into_iter();
    let mut named = members.filter(|(it, _)| it.eq_ignore_ascii_case(name));
    named
        .next()
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// A property: within `properties`, or beside the name where a tool has flattened it.
fn property<'a>(node: &Node<'a>, name: &str) -> Option<Node<'a>> {
    let within = member(node, "properties").and_then(|properties| member(&properties, name));
    within.or_else(|| member(node, name))
}

fn text(node: &Node<'_>, name: &str) -> Option<String> {
    member(node, name)?.get()
}

#[derive(Default)]
struct Reader {
    problems: Vec<Located<Fault>>,
}

impl Reader {
    fn fault(&mut self, node: &Node<'_>, fault: Fault) {
        let place = node.place();
        self.problems.push(Located { place, fault });
    }

    fn value(&mut self, node: &Node<'_>, expected: &'static str) {
        let fault = Fault::Value {
            member: node.path().to_owned(),
            given: quoted(node.text()),
            expected,
        };
        self.fault(node, fault);
    }

    fn hub(&mut self, node: &Node<'_>) -> Option<Hub> {
        if form(node) != Form::Hub {
            self.fault(node, Fault::Unknown);
            return None;
        }
        let access = property(node, "publicNetworkAccess").and_then(|it| it.get::<String>());
        let mut hub = Hub {
            name: text(node, "name").unwrap_or_default(),
            is_public: !access.is_some_and(|access| access.eq_ignore_ascii_case("Disabled")),
            ..Hub::default()
        };
        if let Some(sets) = property(node, "networkRuleSets") {
            let action = text(&sets, "defaultAction").unwrap_or_default();
            hub.denies_by_default = action.eq_ignore_ascii_case("Deny");
            for rule in self.list(&sets, "ipRules") {
                hub.allowed.extend(self.rule(&rule));
            }
        }
        // The older kind of rules, of which the first that fits decides.
        for rule in property(node, "ipFilterRules")
            .map(|it| items(&it))
            .unwrap_or_default()
        {
            let action = text(&rule, "action").unwrap_or_default();
            if action.eq_ignore_ascii_case("Accept") {
                hub.allowed.extend(self.rule(&rule));
            } else if let Some((_, net)) = self.rule(&rule) {
                hub.denies_by_default |= net.prefix_len() == 0;
            }
        }
        Some(hub)
    }

    /// The name of a rule, and its network.
    fn rule(&mut self, rule: &Node<'_>) -> Option<(String, IpNet)> {
        let name = text(rule, "filterName").unwrap_or_default();
        let mask = member(rule, "ipMask");
        let parse = |mask: &Node<'_>| {
            let text: String = mask.get()?;
            let net = text.parse::<IpNet>().ok();
            net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        };
        match mask.as_ref().and_then(parse) {
            Some(net) => Some((name, net)),
            None => {
                const EXPECTED: &str = "an address or a network, as in 192.0.2.0/24";
                self.value(mask.as_ref().unwrap_or(rule), EXPECTED);
                None
            }
        }
    }

    fn setting(&mut self, node: &Node<'_>) -> Option<DiagnosticSetting> {
        if form(node) != Form::Settings {
            self.fault(node, Fault::Unknown);
            return None;
        }
        let mut setting = DiagnosticSetting {
            name: text(node, "name").unwrap_or_default(),
            ..DiagnosticSetting::default()
        };
        let logs = property(node, "logs").map(|logs| items(&logs));
        for log in logs.unwrap_or_default() {
            let is_enabled = member(&log, "enabled")
                .and_then(|it| it.get())
                .unwrap_or(false);
            let names = ["category", "categoryGroup"].iter();
            let names = names.filter_map(|name| text(&log, name));
            if is_enabled {
                setting
                    .kept
                    .extend(names.map(|name| name.to_ascii_lowercase()));
            }
        }
        Some(setting)
    }

    /// A device's thumbprints or keys; of those that a tool masks, nothing can be said.
    fn identity(&mut self, node: &Node<'_>) -> Option<Identity> {
        let Some(device) = text(node, "deviceId") else {
            self.fault(node, Fault::Unknown);
            return None;
        };
        let authentication = member(node, "authentication").unwrap_or_else(|| node.clone());
        let pairs = [
            (
                "x509Thumbprint",
                ["primaryThumbprint", "secondaryThumbprint"],
            ),
            ("symmetricKey", ["primaryKey", "secondaryKey"]),
        ];
        let mut marks = [0; 2];
        for (owner, names) in pairs {
            let Some(owner) = member(&authentication, owner) else {
                continue;
            };
            for (mark, name) in marks.iter_mut().zip(names) {
                let shown = text(&owner, name).unwrap_or_default();
                let shown = shown.trim().to_owned();
                if *mark == 0 && !shown.is_empty() && !shown.bytes().all(|byte| byte == b'*') {
                    let shown = match owner.path().ends_with("x509Thumbprint") {
                        true => shown.to_ascii_lowercase(),
                        false => shown,
                    };
                    *mark = credentials_mark(shown.as_bytes());
                }
            }
        }
        Some(Identity { device, marks })
    }

    fn list<'a>(&mut self, node: &Node<'a>, name: &str) -> Vec<Node<'a>> {
        let Some(list) = member(node, name) else {
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
}
