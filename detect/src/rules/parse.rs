//! Reads a rules file: every problem is found, not only the first.

use core::{net::IpAddr, time::Duration};
use std::{borrow::Cow, collections::HashMap};

use ipnet::IpNet;
use jiff::{Span, SpanRelativeTo};

use super::{
    RulesFile,
    fault::{Fault, Problem, RulesError},
    rule::{Condition, Group, List, Rule, RuleType},
};
use crate::{json::Node, place::Place, policy::DEFAULT_GROUP};

/// The longest time in which something can be counted.
const LONGEST_WINDOW: Duration = Duration::from_secs(31 * 24 * 60 * 60);

pub(super) fn file(text: &str) -> Result<RulesFile, RulesError> {
    let mut parser = Parser::default();
    match Node::parse(text) {
        Ok(node) => parser.file(&node),
        Err(error) => parser.problems.push(Problem {
            place: error.place,
            path: String::new(),
            fault: Fault::Json {
                message: error.message,
            },
        }),
    }
    let Parser {
        groups,
        mut problems,
        mut warnings,
        ..
    } = parser;
    // Lists are looked at in an order of their own.
    problems.sort_by_key(|problem| problem.place);
    warnings.sort_by_key(|warning| warning.place);
    match problems.is_empty() {
        true => Ok(RulesFile { groups, warnings }),
        false => Err(RulesError { problems }),
    }
}

#[derive(Default)]
struct Parser {
    groups: Vec<Group>,
    lines: HashMap<String, usize>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The members of an object that matter.
struct Members<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&Node<'a>> {
        // Of the same name twice the last counts, as with other readers of JSON.
        let found = self.0.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, node)| node)
    }

    /// A member that is there and not null.
    fn value(&self, name: &str) -> Option<&Node<'a>> {
        self.get(name).filter(|node| !node.is_null())
    }
}

impl Parser {
    fn file(&mut self, node: &Node<'_>) {
        if node.is_array() {
            return self.list(node);
        }
        let Some(members) = self.members(node, "a resource, or a list of resources,") else {
            return;
        };
        let Some(list) = members.get("value") else {
            return self.resource(node, &members);
        };
        self.list(list);
        if let Some(next) = members.value("nextLink") {
            self.warnings.push(problem(next, Fault::MorePages));
        }
    }

    fn list(&mut self, node: &Node<'_>) {
        let Some(resources) = node.elements() else {
            return self.wrong_type(node, "a list of resources");
        };
        for resource in resources {
            if let Some(members) = self.members(&resource, "a resource") {
                self.resource(&resource, &members);
            }
        }
    }

    fn resource(&mut self, node: &Node<'_>, members: &Members<'_>) {
        let name = match members.value("name") {
            None => DEFAULT_GROUP.to_owned(),
            Some(name) => match name.get::<String>() {
                Some(name) => name,
                None => return self.wrong_type(name, "a name"),
            },
        };
        let place = node.place();
        if let Some(line) = self.lines.get(&name).copied() {
            let at = members.get("name").unwrap_or(node);
            return self.fault(at, Fault::SameGroup { name, line });
        }
        self.lines.insert(name.clone(), place.line);
        let rules = match members.value("properties") {
            Some(properties) => {
                let Some(members) = self.members(properties, "an object with lists of rules")
                else {
                    return;
                };
                self.rules(&members)
            }
            // Some tools show a resource with its properties among its other members.
            None => self.rules(members),
        };
        match rules {
            Some(rules) => self.groups.push(Group { name, place, rules }),
            None => self.fault(node, Fault::NoRules),
        }
    }

    /// The rules of all lists, or nothing if there is no list.
    fn rules(&mut self, members: &Members<'_>) -> Option<Vec<Rule>> {
        for (name, node) in &members.0 {
            let is_list = List::ALL.iter().any(|list| list.name() == name);
            if name.to_ascii_lowercase().ends_with("rules") && !is_list {
                self.warnings.push(problem(node, Fault::NotRead));
            }
        }
        let mut rules = None;
        for list in List::ALL {
            let Some(node) = members.get(list.name()) else {
                continue;
            };
            let rules = rules.get_or_insert_with(Vec::new);
            if node.is_null() {
                continue;
            }
            let Some(elements) = node.elements() else {
                self.wrong_type(node, "a list of rules");
                continue;
            };
            let elements = elements.iter();
            rules.extend(elements.filter_map(|node| self.rule(list, node)));
        }
        rules
    }

    fn rule(&mut self, list: List, node: &Node<'_>) -> Option<Rule> {
        let members = self.members(node, "a rule")?;
        let name = self.member(node, &members, "ruleType");
        let enabled = self.member(node, &members, "isEnabled");
        let enabled = enabled.and_then(|node| self.typed(node, "`true` or `false`"));
        let name_node = name?;
        let name: String = self.typed(name_node, "the type of a rule")?;
        let Some(rule_type) = RuleType::from_name(&name) else {
            self.fault(name_node, Fault::UnknownRuleType { name });
            return None;
        };
        if !rule_type.belongs_into(list) {
            let list = list.name();
            self.fault(name_node, Fault::WrongList { rule_type, list });
            return None;
        }
        let condition = match list {
            List::Allow => self
                .peers(node, &members, "allowlistValues", rule_type)
                .map(|peers| peers.map_or(Condition::Names, Condition::AllowedPeers)),
            List::Deny => self
                .peers(node, &members, "denylistValues", rule_type)
                .map(|peers| peers.map_or(Condition::Names, Condition::DeniedPeers)),
            List::Threshold | List::TimeWindow => self.range(list, node, &members),
        };
        Some(Rule {
            place: node.place(),
            rule_type,
            enabled: enabled?,
            condition: condition?,
        })
    }

    /// Networks, or nothing where the rule is about names.
    fn peers(
        &mut self,
        node: &Node<'_>,
        members: &Members<'_>,
        name: &'static str,
        rule_type: RuleType,
    ) -> Option<Option<Vec<IpNet>>> {
        let values = self.member(node, members, name)?;
        let Some(elements) = values.elements() else {
            self.wrong_type(values, "a list of texts");
            return None;
        };
        let before = self.problems.len();
        let mut peers = Vec::new();
        for element in elements {
            let Some(text) = self.typed::<String>(&element, "a text") else {
                continue;
            };
            match prefix(&text) {
                _ if !rule_type.is_about_peers() => {}
                Some(prefix) => peers.push(prefix),
                None => self.fault(&element, Fault::NotAPrefix { text }),
            }
        }
        let is_right = self.problems.len() == before;
        is_right.then(|| rule_type.is_about_peers().then_some(peers))
    }

    fn range(&mut self, list: List, node: &Node<'_>, members: &Members<'_>) -> Option<Condition> {
        let min = self.member(node, members, "minThreshold");
        let min_value = min.and_then(|node| self.threshold(node));
        let max = self.member(node, members, "maxThreshold");
        let max_value = max.and_then(|node| self.threshold(node));
        let window = match (list, members.value("timeWindowSize")) {
            (List::Threshold, None) => Some(None),
            (_, None) => {
                let name = "timeWindowSize";
                self.fault(node, Fault::Missing { name });
                None
            }
            (_, Some(node)) => self.window(node).map(Some),
        };
        let (min_value, max_value) = (min_value?, max_value?);
        if min_value > max_value {
            let (min, max) = (min_value, max_value);
            self.fault(node, Fault::Range { min, max });
            return None;
        }
        Some(Condition::Range {
            min: min_value,
            max: max_value,
            window: window?,
        })
    }

    fn threshold(&mut self, node: &Node<'_>) -> Option<u32> {
        let number = node.get::<u32>();
        if number.is_none() {
            let text = node.text().to_owned();
            self.fault(node, Fault::Threshold { text });
        }
        number
    }

    fn window(&mut self, node: &Node<'_>) -> Option<Duration> {
        let text: String = self.typed(node, "a time such as `PT5M`")?;
        let window = duration(&text)
            .filter(|window| (Duration::from_secs(1)..=LONGEST_WINDOW).contains(window));
        if window.is_none() {
            self.fault(node, Fault::Window { text });
        }
        window
    }

    /// A member that must be there.
    fn member<'m, 'a>(
        &mut self,
        node: &Node<'_>,
        members: &'m Members<'a>,
        name: &'static str,
    ) -> Option<&'m Node<'a>> {
        let member = members.get(name);
        if member.is_none() {
            self.fault(node, Fault::Missing { name });
        }
        member
    }

    fn members<'a>(&mut self, node: &Node<'a>, expected: &'static str) -> Option<Members<'a>> {
        let members = node.members();
        if members.is_none() {
            self.wrong_type(node, expected);
        }
        members.map(Members)
    }

    fn typed<T: for<'a> serde::Deserialize<'a>>(
        &mut self,
        node: &Node<'_>,
        expected: &'static str,
    ) -> Option<T> {
        let value = node.get();
        if value.is_none() {
            self.wrong_type(node, expected);
        }
        value
    }

    fn wrong_type(&mut self, node: &Node<'_>, expected: &'static str) {
        let found = node.text().to_owned();
        self.fault(node, Fault::Type { expected, found });
    }

    fn fault(&mut self, node: &Node<'_>, fault: Fault) {
        self.problems.push(problem(node, fault));
    }
}

fn problem(node: &Node<'_>, fault: Fault) -> Problem {
    let place: Place = node.place();
    Problem {
        place,
        path: node.path().to_owned(),
        fault,
    }
}

/// A prefix, or an address alone; bits beyond its length do not matter.
fn prefix(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    Some(address().or_else(|| text.parse().ok())?.trunc())
}

/// A time as ISO 8601 writes it, with days of 24 hours.
fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.trim().parse().ok()?;
    // Months and years are of no certain length.
    let days = SpanRelativeTo::days_are_24_hours();
    span.to_duration(days).ok()?.try_into().ok()
}
