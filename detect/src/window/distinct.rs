//! Sets of different things seen within a window: ports of a host, hosts, connections.
//!
//! All sets of a device share one table of bounded size. A set keeps no more members than its limit asks for, so no set
//! can crowd out the others; when the table is full all the same, a member of the smallest set gives way, the oldest first:
//! what is closest to an alert is forgotten last. How many gave way is counted.

use serde::{Deserialize, Serialize};

/// The most members of all sets together.
const CAPACITY: usize = 160;

/// The sets of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Distinct {
    /// By set, then by member.
    members: Vec<Member>,
    displaced: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Member {
    set: u32,
    name: u32,
    /// When it was seen first, and last.
    since: u32,
    at: u32,
}

/// What of a set counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Members that were seen within the window.
    Seen,
    /// Members that were not there before the window.
    New,
}

impl Distinct {
    /// Adds members, which must differ, to a set, and returns how many it has within the window that ends `now`. It may
    /// be more than `most`, up to the number of `names`; of those that came before, `most` are remembered.
    pub fn add(
        &mut self,
        set: u32,
        names: &[u32],
        now: u32,
        window: u32,
        most: usize,
        counted: Counted,
    ) -> usize {
        self.expire(set, now, window);
        let fresh = names
            .iter()
            .filter(|&&name| self.touch(set, name, now))
            .count();
        for &name in names.iter().take(most) {
            if self.find(set, name).is_err() {
                self.insert(
                    Member {
                        set,
                        name,
                        since: now,
                        at: now,
                    },
                    most,
                );
            }
        }
        let remembered = self
            .set(set)
            .iter()
            .filter(|member| counted == Counted::Seen || is_within(member.since, now, window))
            .count();
        remembered.max(fresh)
    }

    /// Takes a member out of a set.
    pub fn remove(&mut self, set: u32, name: u32) {
        if let Ok(at) = self.find(set, name) {
            self.members.remove(at);
        }
    }

    /// Whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Forgets what no window reaches, and gives memory back.
    pub fn prune(&mut self, now: u32, longest: u32) {
        if self.members.is_empty() {
            return;
        }
        self.members
            .retain(|member| is_within(member.at, now, longest));
        if self.members.capacity() > 2 * self.members.len() + 8 {
            self.members.shrink_to_fit();
        }
    }

    /// How many members gave way since the device is known.
    pub fn displaced(&self) -> u32 {
        self.displaced
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.members.len() <= CAPACITY
            && self
                .members
                .is_sorted_by(|a, b| (a.set, a.name) < (b.set, b.name))
    }

    /// Sees a member again; whether it is new to the set.
    fn touch(&mut self, set: u32, name: u32, now: u32) -> bool {
        match self.find(set, name) {
            Ok(at) => {
                self.members[at].at = now;
                false
            }
            Err(_) => true,
        }
    }

    fn find(&self, set: u32, name: u32) -> Result<usize, usize> {
        self.members
            .binary_search_by(|member| (member.set, member.name).cmp(&(set, name)))
    }

    fn range(&self, set: u32) -> core::ops::Range<usize> {
        let start = self.members.partition_point(|member| member.set < set);
        let length = self.members[start..].partition_point(|member| member.set == set);
        start..start + length
    }

    fn set(&self, set: u32) -> &[Member] {
        &self.members[self.range(set)]
    }

    fn expire(&mut self, set: u32, now: u32, window: u32) {
        let is_over = |member: &Member| !is_within(member.at, now, window);
        if self.set(set).iter().any(is_over) {
            self.members
                .retain(|member| member.set != set || !is_over(member));
        }
    }

    fn insert(&mut self, member: Member, most: usize) {
        let range = self.range(member.set);
        if range.len() >= most {
            self.remove_oldest(range);
        } else if self.members.len() >= CAPACITY {
            let range = self.smallest_set();
            self.remove_oldest(range);
            self.displaced = self.displaced.saturating_add(1);
        }
        if let Err(at) = self.find(member.set, member.name) {
            self.members.insert(at, member);
        }
    }

    /// The oldest of the smallest sets.
    fn smallest_set(&self) -> core::ops::Range<usize> {
        let mut start = 0;
        self.members
            .chunk_by(|a, b| a.set == b.set)
            .map(|set| {
                let range = start..start + set.len();
                start = range.end;
                let newest = set.iter().map(|member| member.at).max();
                (set.len(), newest, range)
            })
            .min_by_key(|(length, newest, _)| (*length, *newest))
            .map_or(0..0, |(_, _, range)| range)
    }

    fn remove_oldest(&mut self, range: core::ops::Range<usize>) {
        let start = range.start;
        let oldest = self.members[range]
            .iter()
            .enumerate()
            .min_by_key(|(_, member)| member.at)
            .map(|(at, _)| start + at);
        if let Some(at) = oldest {
            self.members.remove(at);
        }
    }
}

fn is_within(time: u32, now: u32, window: u32) -> bool {
    now.saturating_sub(time) < window
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u32 = 300;

    fn add(sets: &mut Distinct, set: u32, name: u32, now: u32) -> usize {
        sets.add(set, &[name], now, WINDOW, 10, Counted::Seen)
    }

    #[test]
    fn the_same_counts_once_and_what_is_older_than_the_window_does_not() {
        let mut sets = Distinct::default();
        assert_eq!(add(&mut sets, 1, 7, 1000), 1);
        assert_eq!(add(&mut sets, 1, 7, 1010), 1);
        assert_eq!(add(&mut sets, 1, 8, 1020), 2);
        assert_eq!(add(&mut sets, 2, 8, 1020), 1);
        assert_eq!(add(&mut sets, 1, 9, 1309), 3);
        assert_eq!(add(&mut sets, 1, 9, 1310), 2);
    }

    #[test]
    fn what_has_gone_on_since_before_the_window_is_not_new() {
        let mut sets = Distinct::default();
        let mut new = |names: &[u32], now| sets.add(1, names, now, WINDOW, 10, Counted::New);
        assert_eq!(new(&[1, 2], 1000), 2);
        assert_eq!(new(&[1, 2], 1200), 2);
        assert_eq!(new(&[1, 2, 3], 1300), 1);
    }

    #[test]
    fn a_set_keeps_its_limit_and_reports_more() {
        let mut sets = Distinct::default();
        let names: Vec<u32> = (0..1000).collect();
        assert_eq!(sets.add(1, &names, 1000, WINDOW, 10, Counted::Seen), 1000);
        assert_eq!(sets.members.len(), 10);
        assert_eq!(sets.displaced(), 0);
        assert_eq!(add(&mut sets, 1, 5000, 1001), 10);
    }

    #[test]
    fn noise_without_end_displaces_noise_and_not_what_grows() {
        let mut sets = Distinct::default();
        for set in 10_000..20_000 {
            add(&mut sets, set, set, 1000);
            if set % 1000 < 9 {
                add(&mut sets, 1, set % 1000, 1000);
            }
        }
        assert_eq!(sets.members.len(), CAPACITY);
        assert_eq!(sets.displaced(), 10_000 + 9 - CAPACITY as u32);
        assert_eq!(add(&mut sets, 1, 900, 1001), 10);
        assert!(sets.is_valid());
    }
}
