//! Reads MUD files: policies, the lists that they name, and what is wrong.

mod entry;

use std::collections::BTreeMap;

use self::entry::Out;
use super::entry::{Entry, Way};
use super::{LeftOut, MudFile};
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

fn member<'a>(node: &Node<'a>, name: &str) -> Option<Node<'a>> {
    let members = node.members()?.into_iter();
    let mut named = members.filter(|(it, _)| it == name);
    named.next().map(|(_, value)| value)
}

fn text(node: &Node<'_>, name: &str) -> Option<String> {
    member(node, name)?.get()
}
