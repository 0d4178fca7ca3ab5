//! Baselines as a person reads and edits them, and gives them back: TOML.

use core::fmt::{self, Write};
use core::net::IpAddr;
use core::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Baseline;
use super::class::Class;
use super::group::{Group, MOST_CLASSES, MOST_PEERS, Origin, Shared};
use super::volume::Busiest;
use crate::hash::device_mark;
use crate::network::network;
use crate::place::{Faulty, Located};
use crate::seconds;
use crate::toml_file;

/// What is normal, group by group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Baselines {
    /// The groups, by name.
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupBaseline>,
}

/// What is normal for the devices of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct GroupBaseline {
    /// The group's name.
    pub name: String,
    /// For how long was learned: by the device that has learned longest.
    #[serde(default, with = "crate::duration")]
    pub learned: Duration,
    /// How many devices have taught it: 1, or 2 for several.
    #[serde(default)]
    pub devices: u8,
    /// The most bytes of a learned day that two devices have had, or the only one: in all.
    #[serde(default)]
    pub busiest_day: u64,
    /// The same, of what went out.
    #[serde(default)]
    pub busiest_day_out: u64,
    /// The most bytes a second that went out in a report of such a day. 0: reports are not compared.
    #[serde(default)]
    pub busiest_second_out: u64,
    /// Classes of traffic.
    #[serde(default)]
    pub classes: Vec<KnownClass>,
    /// Networks of peers: a /24, with IPv6 a /48; a local peer stands for itself.
    #[serde(default)]
    pub peers: Vec<KnownPeer>,
}

/// A class of traffic of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct KnownClass {
    /// The class.
    pub class: Class,
    /// Why it is there.
    pub origin: Origin,
    /// The day on which it was used last; none, if it was not seen.
    #[serde(default)]
    pub used: Option<Date>,
    /// The device that alone has shown it.
    #[serde(default)]
    pub device: Option<String>,
}

/// A network of peers of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct KnownPeer {
    /// The first address of the network.
    pub network: IpAddr,
    /// Why it is there.
    pub origin: Origin,
    /// The day on which it was used last.
    #[serde(default)]
    pub used: Option<Date>,
    /// The device that alone has shown it.
    #[serde(default)]
    pub device: Option<String>,
}

impl KnownClass {
    /// A class that somebody says is meant to be.
    #[must_use]
    pub fn accepted(class: Class) -> Self {
        Self {
            class,
            origin: Origin::Accepted,
            used: None,
            device: None,
        }
    }
}

/// Why a file of baselines cannot be used.
pub type BaselinesError = Faulty<Fault>;

/// What is wrong with a file of baselines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is no TOML, or names what is not known.
    #[error("{0}")]
    Syntax(String),
    /// A group is there twice.
    #[error("the group `{0}` is there already")]
    Twice(String),
    /// It has more than a state has room for.
    #[error("the group `{name}` has {given} {what}, at most {most} have room")]
    TooMany {
        /// The group.
        name: String,
        /// How many.
        given: usize,
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
}

impl Baselines {
    /// Reads baselines in TOML.
    ///
    /// # Errors
    /// [`BaselinesError`] says where the text is wrong.
    pub fn parse(text: &str) -> Result<Self, BaselinesError> {
        let at = |offset, fault| Faulty {
            problems: vec![Located::new(text, offset, fault)],
        };
        let reading = toml_file::read(text);
        let problems = reading.problems.into_iter();
        let problems = problems.map(|problem| problem.map(Fault::Syntax));
        let baselines: Self = Faulty::unless(reading.value, problems.collect())?;
        for (index, group) in baselines.groups.iter().enumerate() {
            let before = &baselines.groups[..index];
            if before.iter().any(|other| other.name == group.name) {
                return Err(at(0, Fault::Twice(group.name.clone())));
            }
            for (given, what, most) in [
                (group.classes.len(), "classes", MOST_CLASSES),
                (group.peers.len(), "peers", MOST_PEERS),
            ] {
                if given > most {
                    let name = group.name.clone();
                    return Err(at(
                        0,
                        Fault::TooMany {
                            name,
                            given,
                            what,
                            most,
                        },
                    ));
                }
            }
        }
        Ok(baselines)
    }

    /// The group of this name, which is made if there is none.
    pub fn group_mut(&mut self, name: &str) -> &mut GroupBaseline {
        let at = self.groups.iter().position(|group| group.name == name);
        let at = at.unwrap_or_else(|| {
            self.groups.push(GroupBaseline::new(name));
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}

impl GroupBaseline {
    /// A group of which nothing is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            learned: Duration::ZERO,
            devices: 0,
            busiest_day: 0,
            busiest_day_out: 0,
            busiest_second_out: 0,
            classes: Vec::new(),
            peers: Vec::new(),
        }
    }

    /// A person accepts a class. Returns whether it was not accepted before.
    pub fn accept(&mut self, class: Class) -> bool {
        match self.classes.iter_mut().find(|known| known.class == class) {
            Some(known) if known.origin == Origin::Accepted => false,
            Some(known) => {
                known.origin = Origin::Accepted;
                known.device = None;
                true
            }
            None => {
                self.classes.push(KnownClass::accepted(class));
                true
            }
        }
    }

    /// A class is known no more. Returns whether it was there.
    pub fn forget(&mut self, class: Class) -> bool {
        let before = self.classes.len();
        self.classes.retain(|known| known.class != class);
        self.classes.len() != before
    }

    /// The classes that have raised an alert, and that nobody has accepted.
    pub fn alerted(&self) -> impl Iterator<Item = Class> {
        let alerted = self.classes.iter();
        let alerted = alerted.filter(|known| known.origin == Origin::Alerted);
        alerted.map(|known| known.class)
    }

    /// Adds what devices have learned by themselves: how long, and how busy a day may be. What only one of several has had may be its
    /// fault.
    pub(crate) fn add_learned<'a>(&mut self, devices: impl Iterator<Item = &'a Baseline>) {
        let (mut longest, mut days): (u32, Vec<Busiest>) = (0, Vec::new());
        for baseline in devices.filter(|it| it.busiest().day > 0) {
            longest = longest.max(baseline.covered());
            days.push(baseline.busiest());
        }
        let second = |which: fn(&Busiest) -> u64| {
            let mut bytes: Vec<u64> = days.iter().map(which).collect();
            bytes.sort_unstable_by(|a, b| b.cmp(a));
            bytes.get(1).or(bytes.first()).copied().unwrap_or(0)
        };
        self.learned += Duration::from_secs(longest.into());
        self.busiest_day = self.busiest_day.max(second(|it| it.day));
        self.busiest_day_out = self.busiest_day_out.max(second(|it| it.day_out));
        let second_out = second(|it| it.second_out);
        self.busiest_second_out = self.busiest_second_out.max(second_out);
    }

    /// As a group's state.
    pub(crate) fn to_state(&self) -> Group {
        let mut group = Group {
            // What is given needs no learning, unless it says how little there was.
            learned: match seconds(self.learned) {
                0 => u32::MAX,
                learned => learned,
            },
            is_sole: self.devices == 1,
            busiest: Busiest {
                day: self.busiest_day,
                day_out: self.busiest_day_out,
                second_out: self.busiest_second_out,
            },
            ..Group::default()
        };
        let mark = |device: &Option<String>| device.as_deref().map_or(0, device_mark);
        group.classes = sorted(self.classes.iter().map(|known| Shared {
            what: known.class,
            origin: known.origin,
            first: mark(&known.device),
            day: day(known.used),
        }));
        group.peers = sorted(self.peers.iter().map(|known| Shared {
            what: network(known.network.to_canonical()),
            origin: known.origin,
            first: mark(&known.device),
            day: day(known.used),
        }));
        group
    }

    /// From a group's state. `name_of` knows devices by their marks.
    pub(crate) fn from_state(
        name: &str,
        group: &Group,
        name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Self {
        let device = |origin, first| match origin {
            Origin::Candidate | Origin::Alerted => name_of(first),
            Origin::Learned | Origin::Accepted => None,
        };
        let classes = group.classes.iter().map(|it| KnownClass {
            class: it.what,
            origin: it.origin,
            used: date(it.day),
            device: device(it.origin, it.first),
        });
        let peers = group.peers.iter().map(|it| KnownPeer {
            network: it.what,
            origin: it.origin,
            used: date(it.day),
            device: device(it.origin, it.first),
        });
        let learned = match group.learned {
            u32::MAX => 0,
            learned => learned,
        };
        let devices = match (group.is_sole, group.teachers.len()) {
            (true, _) => 1,
            (false, teachers) => u8::try_from(teachers).unwrap_or(2),
        };
        Self {
            learned: Duration::from_secs(learned.into()),
            devices,
            busiest_day: group.busiest.day,
            busiest_day_out: group.busiest.day_out,
            busiest_second_out: group.busiest.second_out,
            classes: classes.collect(),
            peers: peers.collect(),
            ..Self::new(name)
        }
    }
}

fn sorted<T: Ord>(all: impl Iterator<Item = Shared<T>>) -> Vec<Shared<T>> {
    let mut all: Vec<_> = all.collect();
    // Of what is there twice, what counts most stays.
    all.sort_by(|a, b| a.what.cmp(&b.what).then(b.origin.cmp(&a.origin)));
    all.dedup_by(|a, b| a.what == b.what);
    all
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

fn day(used: Option<Date>) -> u16 {
    let days = used.map_or(0, |used| EPOCH.duration_until(used).as_hours() / 24);
    u16::try_from(days).unwrap_or(0)
}

fn date(day: u16) -> Option<Date> {
    let days = jiff::Span::new().days(i64::from(day));
    EPOCH.checked_add(days).ok().filter(|_| day > 0)
}

/// TOML, a thing a line.
impl fmt::Display for Baselines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What is normal, as it was learned. `origin` says why a class or a network of peers is there:"
        )?;
        writeln!(
            f,
            "# learned: several devices have shown it; candidate: one has; alerted: it raised an alert, and is"
        )?;
        writeln!(f, "# not known before somebody writes accepted.")?;
        for group in &self.groups {
            writeln!(f, "\n[[group]]\nname = {}", Quoted(&group.name))?;
            if !group.learned.is_zero() {
                let learned = humantime::format_duration(group.learned);
                writeln!(f, "learned = \"{learned}\"")?;
            }
            writeln!(f, "devices = {}", group.devices)?;
            writeln!(f, "busiest-day = {}", group.busiest_day)?;
            writeln!(f, "busiest-day-out = {}", group.busiest_day_out)?;
            writeln!(f, "busiest-second-out = {}", group.busiest_second_out)?;
            f.write_str("classes = [\n")?;
            for known in &group.classes {
                write!(f, "    {{ class = \"{}\"", known.class)?;
                rest(f, known.origin, known.used, known.device.as_deref())?;
            }
            f.write_str("]\npeers = [\n")?;
            for known in &group.peers {
                write!(f, "    {{ network = \"{}\"", known.network)?;
                rest(f, known.origin, known.used, known.device.as_deref())?;
            }
            f.write_str("]\n")?;
        }
        Ok(())
    }
}

fn rest(
    f: &mut fmt::Formatter<'_>,
    origin: Origin,
    used: Option<Date>,
    device: Option<&str>,
) -> fmt::Result {
    let origin = match origin {
        Origin::Alerted => "alerted",
        Origin::Candidate => "candidate",
        Origin::Learned => "learned",
        Origin::Accepted => "accepted",
    };
    write!(f, ", origin = \"{origin}\"")?;
    if let Some(used) = used {
        write!(f, ", used = \"{used}\"")?;
    }
    if let Some(device) = device {
        write!(f, ", device = {}", Quoted(device))?;
    }
    f.write_str(" },\n")
}

/// A text as TOML has it.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                control if control.is_control() => write!(f, "\\u{:04X}", control as u32)?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}
