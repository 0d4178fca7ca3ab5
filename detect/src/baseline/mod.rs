//! Baselines: what is normal for a device, in two tiers, pooled over its security group.
//!
//! A [`Class`] of traffic that is new to the group is an alert; a network of peers that is new is information. A device learns for a day of
//! its own reports, and what it alone has shown it alone is known for: the group knows what two devices have shown, or a person has
//! accepted. What raised an alert is never learned. [`Baselines`] are what a person reads, accepts and gives back.
//!
//! ```
//! use defender_detect::{Detector, Policy, baseline::Baselines};
//!
//! let baselines = Baselines::parse(r#"
//!     [[group]]
//!     name = "cameras"
//!     learned = "1day"
//!     classes = [{ class = "TCP 8883 out to the Internet", origin = "accepted" }]
//! "#)?;
//! let mut detector = Detector::new(Policy::default());
//! detector.give(&baselines);
//! assert_eq!(detector.baselines().groups[0].classes.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod beacon;
mod class;
mod familiar;
mod file;
mod group;
mod habits;
mod volume;

use core::net::IpAddr;

use defender_message::flow::Protocol;
use serde::{Deserialize, Serialize};

use self::beacon::Beacons;
pub(crate) use self::class::FIRST_EPHEMERAL;
use self::class::Way;
pub use self::class::{Class, ClassError, Direction, Port, Scope};
use self::familiar::Familiar;
pub use self::file::{Baselines, BaselinesError, Fault, GroupBaseline, KnownClass, KnownPeer};
pub use self::group::Origin;
pub(crate) use self::group::{Group, Lesson, MOST_CLASSES as MOST_GROUP_CLASSES};
use self::habits::Habits;
use self::volume::{Busiest, DAY, Moved, Volume};
use crate::alert::{Finding, Kind, Service, Severity};
use crate::config::Config;
use crate::network::network;
use crate::roles::{PeerKind, Traffic};
use crate::seconds;
use crate::time::Span;

/// The most that a device has of each.
const MOST_CLASSES: usize = 64;
const MOST_TRIED: usize = 8;
const MOST_PEERS: usize = 64;
const MOST_TOLD: usize = 32;

/// The number of no service.
const NONE: u64 = u64::MAX;

/// What is normal for a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// A mark of the group that it is of.
    group: u32,
    /// For how many seconds it has learned.
    covered: u32,
    /// The end of the latest event.
    latest: u32,
    /// The latest day.
    day: u16,
    classes: Habits<Class>,
    /// Classes of which every flow failed so far.
    tried: Habits<Class>,
    peers: Habits<IpAddr>,
    /// It has shown more classes than have room while it learned: a new one says little of it.
    is_varied: bool,
    /// Classes and peers that are not known, and were told of.
    told: Habits<Class>,
    met: Habits<IpAddr>,
    volume: Volume,
    beacons: Beacons,
    /// Pairs of a host and a service that need no look today.
    familiar: Familiar,
}

/// Who it is about, and by what it is judged.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub config: &'a Config,
    pub group: &'a Group,
    /// Marks of the group and of the device.
    pub group_mark: u32,
    pub span: Span,
}

impl Setting<'_> {
    /// For how long a device learns, in seconds: what was learned before it was given is done.
    fn learning(&self) -> u32 {
        let learning = seconds(self.config.baseline.learning);
        match self.group.learned {
            u32::MAX => learning,
            learned => learning.saturating_sub(learned),
        }
    }

    /// Whether its group's classes were given, and are all that there are.
    fn is_given(&self) -> bool {
        let learned = self.group.learned;
        learned > 0 && learned >= seconds(self.config.baseline.learning)
    }

    fn is_frozen(&self) -> bool {
        self.config.baseline.frozen
    }

    fn day(&self) -> u16 {
        u16::try_from(self.span.end / DAY).unwrap_or(u16::MAX)
    }
}

impl Baseline {
    /// An event of any kind covers a time, which counts as learned.
    pub fn cover(&mut self, setting: &Setting<'_>) {
        let Span { end, interval, .. } = setting.span;
        if self.group != setting.group_mark {
            self.join(setting.group_mark);
        }
        let day = setting.day();
        if day > self.day {
            self.begin_day(day, setting);
        }
        let learning = setting.learning();
        if self.covered < learning && self.latest > 0 && !setting.is_frozen() {
            let passed = end.saturating_sub(self.latest).min(interval);
            self.covered = self.covered.saturating_add(passed);
            if self.covered >= learning {
                self.familiar.clear();
                self.volume.begin_day(end);
            }
        }
        self.latest = self.latest.max(end);
    }

    /// Looks at the flows of an event: learns from them, or says what is new. Nothing is learned of what was flagged.
    pub fn look(
        &mut self,
        flows: &[Traffic<'_>],
        setting: &Setting<'_>,
        is_flagged: bool,
        findings: &mut Vec<Finding>,
        lessons: &mut Vec<Lesson>,
    ) {
        let is_young = self.covered < setting.learning();
        let is_given = setting.is_given();
        let mut judging = Judging {
            learns_classes: is_young && !is_given,
            learns_peers: is_young && (!is_given || setting.group.peers.is_empty()),
            may_learn: !is_flagged && !setting.is_frozen(),
            setting,
            findings,
            lessons,
        };
        let mut moved = Moved {
            within: setting.span.interval,
            ..Moved::default()
        };
        for traffic in flows {
            if traffic.peer == PeerKind::Group {
                continue;
            }
            let bytes_out = u64::from(traffic.flow.bytes_out);
            moved.all += u64::from(traffic.flow.bytes_in) + bytes_out;
            moved.out += bytes_out;
            // Most of all flows by far end here.
            let service = traffic.service.map_or(NONE, Service::number);
            let name = traffic.host.number(service).finish32();
            if self.familiar.has(name) {
                continue;
            }
            let Some(class) = Class::of(traffic) else {
                continue;
            };
            match self.judge(class, traffic, &mut judging) {
                Judged::Known => self.familiar.add(name),
                Judged::Stranger => moved.to_strangers += bytes_out,
                Judged::Open => {}
            }
        }
        let learns_volume = judging.learns_peers && judging.may_learn;
        self.volume.add(moved, setting.span.end, learns_volume);
        if !judging.learns_peers {
            let busiest = self.volume.busiest.max(setting.group.busiest);
            if busiest.day > 0 && moved.all > 0 {
                let found = self.volume.look(moved, busiest, &setting.config.volume);
                judging.findings.extend(found);
            }
        }
    }

    /// A class is known no more, and is told when it is seen again. Returns whether it was known.
    pub fn forget(&mut self, class: Class) -> bool {
        self.familiar.clear();
        self.told.remove(&class);
        let was_tried = self.tried.remove(&class);
        self.classes.remove(&class) || was_tried
    }

    /// What its group knows has been exchanged: nothing is familiar any more.
    pub fn look_anew(&mut self) {
        self.familiar.clear();
    }

    /// The latest day, in days since 1970.
    pub fn day(&self) -> u16 {
        self.day
    }

    /// For how long it has learned, in seconds.
    pub fn covered(&self) -> u32 {
        self.covered
    }

    /// The most that it has moved while it learned.
    pub fn busiest(&self) -> Busiest {
        self.volume.busiest
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.classes.is_valid(MOST_CLASSES)
            && self.tried.is_valid(MOST_TRIED)
            && self.peers.is_valid(MOST_PEERS)
            && self.told.is_valid(MOST_TOLD)
            && self.met.is_valid(MOST_PEERS)
            && self.beacons.is_valid()
    }

    fn judge(&mut self, class: Class, traffic: &Traffic<'_>, judging: &mut Judging<'_>) -> Judged {
        let setting = judging.setting;
        // What comes late is used today, too.
        let (group, day) = (setting.group, self.day);
        let peer = network(traffic.flow.remote_address);
        let is_class_own = self.uses_class(class, traffic.failed, day);
        let is_class_known = is_class_own || group.knows_class(class);
        let is_peer_own = self.peers.uses(&peer, day);
        let is_peer_known = is_peer_own || group.knows_peer(peer);
        let mut is_known = true;
        if is_class_known {
            judging.teach(Lesson::Class(class), traffic.failed);
        } else if judging.learns_classes {
            is_known = judging.may_learn && self.learn_class(class, traffic.failed, day);
            if is_known {
                judging.teach(Lesson::Class(class), traffic.failed);
            }
        } else {
            is_known = false;
            if !may_be_an_answer(traffic) {
                self.tell_class(class, traffic, judging);
            }
        }
        if is_peer_known {
            judging.teach(Lesson::Peer(peer), traffic.failed);
        } else if judging.learns_peers {
            if !is_known || !judging.may_learn {
                return Judged::Open;
            }
            self.peers.add(peer, day, MOST_PEERS);
            judging.teach(Lesson::Peer(peer), traffic.failed);
        } else {
            self.tell_peer(peer, class, is_class_known, traffic, judging);
            return Judged::Stranger;
        }
        // What failed may succeed, and what was flagged may teach the group another time.
        let is_settled = judging.may_learn || setting.is_frozen();
        match is_known && is_settled && !traffic.failed {
            true => Judged::Known,
            false => Judged::Open,
        }
    }

    fn uses_class(&mut self, class: Class, failed: bool, day: u16) -> bool {
        self.classes.uses(&class, day) || failed && self.tried.uses(&class, day)
    }

    /// Whether there was room for it.
    fn learn_class(&mut self, class: Class, failed: bool, day: u16) -> bool {
        let (habits, most) = match failed {
            // Who tries many things in vain is not to be known for it.
            true => (&mut self.tried, MOST_TRIED),
            false => (&mut self.classes, MOST_CLASSES),
        };
        let has_room = habits.len() < most;
        if has_room {
            habits.add(class, day, most);
        }
        self.is_varied |= !has_room && !failed;
        has_room
    }

    /// Each class is told once, and not again as long as it goes on being used.
    fn tell_class(&mut self, class: Class, traffic: &Traffic<'_>, judging: &mut Judging<'_>) {
        if self.told.uses(&class, self.day) {
            return;
        }
        self.told.add(class, self.day, MOST_TOLD);
        judging.lessons.push(Lesson::Alerted(class));
        let severity = match self.is_varied {
            true => Severity::Informational,
            false => Kind::NewTrafficClass.severity(),
        };
        let finding = Finding::new(Kind::NewTrafficClass)
            .with_severity(severity)
            .with_peer(traffic.flow.remote_address)
            .with_service(traffic.service)
            .with_detail(Way(class.direction, class.scope).to_string())
            .with_evidence([*traffic.flow]);
        judging.findings.push(finding);
    }

    fn tell_peer(
        &mut self,
        peer: IpAddr,
        class: Class,
        is_class_known: bool,
        traffic: &Traffic<'_>,
        judging: &mut Judging<'_>,
    ) {
        if traffic.failed {
            return;
        }
        let Setting { config, span, .. } = *judging.setting;
        if is_class_known && !self.met.uses(&peer, self.day) {
            self.met.add(peer, self.day, MOST_PEERS);
            let finding = Finding::new(Kind::NewPeer)
                .with_peer(traffic.flow.remote_address)
                .with_service(traffic.service)
                .with_evidence([*traffic.flow]);
            judging.findings.push(finding);
        }
        let is_regular_by_nature = |port| config.beacon.regular_services.contains(&port);
        let Some(service) = traffic
            .service
            .filter(|_| class.direction == Direction::Out)
        else {
            return;
        };
        if is_class_known && is_regular_by_nature(service.port) {
            return;
        }
        let found = self
            .beacons
            .add(traffic, service, span.end, span.interval, &config.beacon);
        if let Some(found) = found {
            let finding = Finding::new(Kind::Beacon)
                .counted(
                    found.count.into(),
                    config.beacon.connections.into(),
                    found.over,
                )
                .with_peer(found.peer)
                .with_service(Some(found.service))
                .with_evidence([*traffic.flow]);
            judging.findings.push(finding);
        }
    }

    /// Its group is this one from now on: what another group was used to says nothing of it here.
    fn join(&mut self, group: u32) {
        if self.group != 0 {
            self.classes.clear();
            self.tried.clear();
            self.peers.clear();
            self.told.clear();
            self.met.clear();
            self.beacons.clear();
            self.familiar.clear();
        }
        self.group = group;
    }

    fn begin_day(&mut self, day: u16, setting: &Setting<'_>) {
        self.day = day;
        self.familiar.clear();
        self.beacons
            .forget(|peer| setting.group.knows_peer(network(peer)));
        if !setting.is_frozen() {
            let days = setting.config.baseline.decay_days();
            self.classes.decay(day, days);
            self.tried.decay(day, days);
            self.peers.decay(day, days);
            self.told.decay(day, days);
            self.met.decay(day, days);
        }
    }
}

/// Whether a device need not have begun it: whoever pings it is answered with as much. Who pings is learned for it, too, so that a ping that
/// is lost one day is nothing new.
fn may_be_an_answer(traffic: &Traffic<'_>) -> bool {
    traffic.flow.protocol == Protocol::Icmp && traffic.flow.bytes_out <= traffic.flow.bytes_in
}

/// What a flow is judged by, and where it goes what is found.
struct Judging<'a> {
    learns_classes: bool,
    learns_peers: bool,
    may_learn: bool,
    setting: &'a Setting<'a>,
    findings: &'a mut Vec<Finding>,
    lessons: &'a mut Vec<Lesson>,
}

impl Judging<'_> {
    /// What is of use to the group: what fails is not.
    fn teach(&mut self, lesson: Lesson, failed: bool) {
        if self.may_learn && !failed && !self.lessons.contains(&lesson) {
            self.lessons.push(lesson);
        }
    }
}

enum Judged {
    /// Class and peer are known.
    Known,
    /// The peer is not known.
    Stranger,
    /// It must be looked at again.
    Open,
}
