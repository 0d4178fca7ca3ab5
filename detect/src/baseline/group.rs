//! What a security group has in common: classes and peers that at least two of its devices have shown, or that a person has accepted.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::class::Class;
use super::volume::Busiest;

/// The most classes and peers that are remembered of a group. Of those that only one device has shown, the longest unused give way
/// first, and never what a person has accepted.
pub(crate) const MOST_CLASSES: usize = 512;
pub(super) const MOST_PEERS: usize = 1024;

/// What is known of something that devices of a group do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It has raised an alert, and is not known before a person accepts it.
    Alerted,
    /// One device has shown it while it learned.
    Candidate,
    /// Several devices have.
    Learned,
    /// A person, or a MUD file, says that it is meant to be.
    Accepted,
}

/// Something that devices of a group do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shared<T> {
    pub what: T,
    pub origin: Origin,
    /// The device that showed it first.
    pub first: u32,
    /// When it was used last, in days since 1970.
    pub day: u16,
}

/// The shared part of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// How long was learned for it before it was given, in seconds. 0: it was not given; [`u32::MAX`]: it needs no learning.
    pub(super) learned: u32,
    /// It was given, and only one device had taught it: what that one did is all that there is.
    pub(super) is_sole: bool,
    /// The most of learned days, when it was given.
    pub(super) busiest: Busiest,
    /// The devices that have taught it: the first two.
    pub(super) teachers: Vec<u32>,
    /// Sorted.
    pub(super) classes: Vec<Shared<Class>>,
    pub(super) peers: Vec<Shared<IpAddr>>,
    /// The latest day of any of its devices.
    pub(super) today: u16,
}

/// What a device teaches its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lesson {
    /// It uses this, while it learns or as something that is known.
    Class(Class),
    Peer(IpAddr),
    /// This has raised an alert.
    Alerted(Class),
}

impl Group {
    /// Whether a class is known, to a device or to all.
    pub fn knows_class(&self, class: Class) -> bool {
        let knows = |class| knows(&self.classes, &class, self.is_sole);
        knows(class) || knows(class.of_any_port())
    }

    /// Whether a network of peers is.
    pub fn knows_peer(&self, peer: IpAddr) -> bool {
        knows(&self.peers, &peer, self.is_sole)
    }

    /// Takes a lesson of a device, on a day. Returns whether anything has changed.
    pub fn learn(&mut self, lesson: Lesson, device: u32, day: u16, decay: u16) -> bool {
        let mut has_changed = false;
        if day > self.today {
            self.today = day;
            has_changed |= decayed(&mut self.classes, day, decay);
            has_changed |= decayed(&mut self.peers, day, decay);
        }
        has_changed |= match lesson {
            Lesson::Class(class) => show(&mut self.classes, class, device, day, MOST_CLASSES),
            Lesson::Peer(peer) => show(&mut self.peers, peer, device, day, MOST_PEERS),
            Lesson::Alerted(class) => alerted(&mut self.classes, class, device, day),
        };
        if matches!(lesson, Lesson::Class(_))
            && self.teachers.len() < 2
            && !self.teachers.contains(&device)
        {
            self.teachers.push(device);
            has_changed = true;
        }
        has_changed
    }

    /// A person accepts a class. Returns whether it was not accepted before.
    pub fn accept(&mut self, class: Class) -> bool {
        if let Ok(at) = find(&self.classes, &class) {
            let origin = &mut self.classes[at].origin;
            return std::mem::replace(origin, Origin::Accepted) != Origin::Accepted;
        }
        let (today, most) = (self.today, MOST_CLASSES);
        add(&mut self.classes, class, Origin::Accepted, 0, today, most);
        find(&self.classes, &class).is_ok()
    }

    /// A class is known no more. Returns whether it was there.
    pub fn forget(&mut self, class: Class) -> bool {
        let found = find(&self.classes, &class);
        found.map(|at| self.classes.remove(at)).is_ok()
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.teachers.len() <= 2
            && self.classes.len() <= MOST_CLASSES
            && self.peers.len() <= MOST_PEERS
            && self.classes.is_sorted_by(|a, b| a.what < b.what)
            && self.peers.is_sorted_by(|a, b| a.what < b.what)
    }
}

fn find<T: Ord>(all: &[Shared<T>], what: &T) -> Result<usize, usize> {
    all.binary_search_by(|it| it.what.cmp(what))
}

fn knows<T: Ord>(all: &[Shared<T>], what: &T, is_sole: bool) -> bool {
    let found = find(all, what).ok().map(|at| all[at].origin);
    found.is_some_and(|origin| origin >= Origin::Learned || is_sole && origin == Origin::Candidate)
}

/// A device shows something while it learns, or uses what is known.
fn show<T: Ord + Copy>(
    all: &mut Vec<Shared<T>>,
    what: T,
    device: u32,
    day: u16,
    most: usize,
) -> bool {
    match find(all, &what) {
        Ok(at) => {
            let it = &mut all[at];
            let before = (it.origin, it.day);
            it.day = it.day.max(day);
            if it.origin == Origin::Candidate && it.first != device {
                it.origin = Origin::Learned;
            }
            before != (it.origin, it.day)
        }
        Err(_) => {
            let origin = Origin::Candidate;
            add(all, what, origin, device, day, most);
            true
        }
    }
}

fn alerted(all: &mut Vec<Shared<Class>>, what: Class, device: u32, day: u16) -> bool {
    match find(all, &what) {
        // One device's own, which another one has now: nobody has looked at it.
        Ok(at) if all[at].origin == Origin::Candidate => {
            all[at].origin = Origin::Alerted;
            all[at].day = all[at].day.max(day);
        }
        Ok(at) => all[at].day = all[at].day.max(day),
        Err(_) => add(all, what, Origin::Alerted, device, day, MOST_CLASSES),
    }
    true
}

fn add<T: Ord + Copy>(
    all: &mut Vec<Shared<T>>,
    what: T,
    origin: Origin,
    first: u32,
    day: u16,
    most: usize,
) {
    if all.len() >= most {
        let order = |it: &Shared<T>| {
            let is_weak = it.origin <= Origin::Candidate;
            (it.origin == Origin::Accepted, !is_weak, it.day)
        };
        let weakest = all.iter().enumerate().min_by_key(|(_, it)| order(it));
        match weakest.filter(|(_, it)| it.origin != Origin::Accepted) {
            Some((at, _)) => {
                all.remove(at);
            }
            None => return,
        }
    }
    if let Err(at) = find(all, &what) {
        let shared = Shared {
            what,
            origin,
            first,
            day,
        };
        all.insert(at, shared);
    }
}

fn decayed<T>(all: &mut Vec<Shared<T>>, today: u16, days: u16) -> bool {
    let before = all.len();
    // What a person has accepted stays until a person takes it back.
    all.retain(|it| it.origin == Origin::Accepted || today.saturating_sub(it.day) <= days);
    all.len() != before
}
