//! Names under which somebody wanted in who is not enrolled: the most frequent ones, in bounded memory.

use std::{collections::HashMap, net::IpAddr};

/// How many names are known at a time.
const NAMES: usize = 128;

/// Somebody who is not enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stranger {
    /// The name it gave.
    pub name: String,
    /// How often it came, at most: names that came and went are counted to those that took their place.
    pub count: u64,
    /// How much of that may be others'.
    pub uncertain: u64,
    /// Where it came from last.
    pub source: IpAddr,
}

/// Counts by the space-saving algorithm: a name that comes more often than one time in 128 is among those known.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    known: HashMap<String, Stranger>,
    /// Names grow old together: how many times anybody came.
    total: u64,
}

impl Strangers {
    pub fn came(&mut self, name: &str, source: IpAddr) {
        self.total += 1;
        if let Some(known) = self.known.get_mut(name) {
            known.count += 1;
            known.source = source;
            return;
        }
        let mut uncertain = 0;
        if self.known.len() >= NAMES {
            // By count and then by name, so that the same names in the same order leave the same.
            let rarest = self
                .known
                .values()
                .min_by(|a, b| (a.count, &a.name).cmp(&(b.count, &b.name)));
            if let Some((name, count)) = rarest.map(|rarest| (rarest.name.clone(), rarest.count)) {
                self.known.remove(&name);
                uncertain = count;
            }
        }
        let stranger = Stranger {
            name: name.to_owned(),
            count: uncertain + 1,
            uncertain,
            source,
        };
        self.known.insert(name.to_owned(), stranger);
    }

    /// How often anybody came.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Those known, the most frequent first.
    pub fn list(&self) -> Vec<Stranger> {
        let mut list: Vec<_> = self.known.values().cloned().collect();
        list.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
        list
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_million_names_are_counted_in_room_for_few_and_the_frequent_are_known() {
        let mut strangers = Strangers::default();
        let source = Ipv4Addr::LOCALHOST.into();
        for number in 0..1_000_000_u32 {
            strangers.came(&format!("name-{number}"), source);
            if number % 100 == 0 {
                strangers.came("persistent", source);
            }
        }
        assert_eq!(strangers.total(), 1_010_000);
        let list = strangers.list();
        assert_eq!(list.len(), NAMES);
        assert_eq!(list[0].name, "persistent");
        let (count, uncertain) = (list[0].count, list[0].uncertain);
        assert!(count >= 10_000 && count - uncertain <= 10_000);
    }
}
