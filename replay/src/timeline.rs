//! The order in which things happen to a device while packets are replayed to it.
//!
//! Time goes from event to event: from one packet to the next, and between them to what the agent is to do, however long it has
//! to wait for that.

use defender_agent::Outlook;

use crate::{
    packet::{Packet, PacketSource},
    schedule::{HubEvent, HubSchedule},
};

/// How many seconds go by after the last packet when nothing is waited for.
pub const CUT: u64 = 11;

/// How long the time after the last packet is at most, in seconds: a collection comes 30 days after the one before at the latest,
/// and the first as long after the start.
const LONGEST_ENDING: u64 = 100 * 24 * 60 * 60;

/// How time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// The longest step, in seconds.
    pub step: u64,
    /// The longest time without packets that is lived through, in seconds. Of a longer one, what remains when all is reported is
    /// left out: nothing but heartbeats would come of it.
    pub longest_gap: u64,
    /// What happens after the last packet.
    pub ending: Ending,
}

/// What happens after the last packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// Time goes on until all that was counted is reported or, when no hub comes any more, collected.
    #[default]
    Report,
    /// It goes on for [`CUT`] seconds.
    Cut,
}

impl Pace {
    /// As fast as possible: ten minutes without packets are lived through.
    pub const FAST: Self = Self {
        step: u64::MAX,
        longest_gap: 10 * 60,
        ending: Ending::Report,
    };

    /// Second by second, for those who watch: a week without packets is lived through.
    pub const BY_SECOND: Self = Self {
        step: 1,
        longest_gap: 7 * 24 * 60 * 60,
        ending: Ending::Report,
    };

    /// The same with another ending.
    #[must_use]
    pub const fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }
}

/// When the agent is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Seconds from the last time on, at least 1.
    pub seconds: u64,
    /// When all that happens while no hub is there is that the agent looks for one: the seconds between two looks.
    pub look: Option<u64>,
    /// When all that happens while the hub refuses is that it gets the same message again: the seconds between two tries.
    pub retry: Option<u64>,
}

/// The agent is to be looked at a second later, as when it has been enabled.
pub const NEXT_SECOND: Wait = Wait {
    seconds: 1,
    look: None,
    retry: None,
};

impl From<Outlook> for Wait {
    fn from(outlook: Outlook) -> Self {
        Self {
            seconds: outlook.seconds.into(),
            look: outlook.look.map(Into::into),
            retry: outlook.retry.map(Into::into),
        }
    }
}

/// What packets are replayed to.
pub trait World {
    /// Why it cannot go on.
    type Error;

    /// The first packet comes at this Unix second, at which the agent is enabled. The hub is there.
    ///
    /// # Errors
    /// Those of the world.
    fn start(&mut self, unix_time: u64) -> Result<(), Self::Error>;

    /// Something happens to the hub.
    fn hub_event(&mut self, event: HubEvent);

    /// Time is `second` seconds after the first packet's: the agent's periodic event runs.
    ///
    /// # Errors
    /// Those of the world.
    fn second(&mut self, second: u64) -> Result<Wait, Self::Error>;

    /// The time from `second` up to `until` is left out: clocks are set, and nothing happens.
    ///
    /// # Errors
    /// Those of the world.
    fn leave_out(&mut self, second: u64, until: u64) -> Result<(), Self::Error>;

    /// A packet comes by in second `second`.
    ///
    /// # Errors
    /// Those of the world.
    fn packet(&mut self, second: u64, packet: &Packet<'_>) -> Result<(), Self::Error>;

    /// Whether a hub has taken all that was counted.
    fn is_reported(&mut self) -> bool;

    /// Whether the hub has gone for good, although no event says so. Asked again and again after the last packet.
    fn is_hub_lost(&mut self) -> bool {
        false
    }
}

/// How far a replay has come.
///
/// For each second, first its hub events take effect, then its periodic event runs, and then its packets come. Time never goes
/// back: a packet that is older than the one before comes right after it.
#[derive(Clone, Debug)]
pub struct Timeline {
    pace: Pace,
    schedule: HubSchedule,
    /// The Unix second of the first packet.
    start: Option<u64>,
    /// Seconds after that.
    now: u64,
    /// When the agent is to be looked at again.
    next: u64,
    wait: Wait,
    /// When the time after the last packet is over.
    end: Option<u64>,
    is_up: bool,
    passes: bool,
    left_out: LeftOut,
    refused: u64,
}

/// Time without packets that was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How often.
    pub times: u64,
    /// Seconds in all.
    pub seconds: u64,
}

impl Timeline {
    /// The time before the first packet.
    pub fn new(pace: Pace, schedule: HubSchedule) -> Self {
        Self {
            pace,
            is_up: schedule.starts_up(),
            schedule,
            start: None,
            now: 0,
            next: 0,
            wait: NEXT_SECOND,
            end: None,
            passes: true,
            left_out: LeftOut::default(),
            refused: 0,
        }
    }

    /// Time without packets that was left out.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Tries to send that were left out: the hub would have refused the same message again. Those of the agent come on top.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Replays the next packet of `source` and what comes before it, or a part of what comes after the last one. False when
    /// nothing is left.
    ///
    /// # Errors
    /// Those of the source and of the world.
    pub fn step<S, W>(&mut self, source: &mut S, world: &mut W) -> Result<bool, W::Error>
    where
        S: PacketSource,
        W: World<Error: From<S::Error>>,
    {
        if let Some(end) = self.end {
            return self.go_on(world, end);
        }
        let Some(packet) = source.next_packet()? else {
            self.end = Some(self.now.saturating_add(match self.pace.ending {
                Ending::Cut => CUT,
                Ending::Report => LONGEST_ENDING,
            }));
            return Ok(self.start.is_some());
        };
        let second = packet.time.as_secs();
        let start = match self.start {
            Some(start) => start,
            None => {
                self.start = Some(second);
                world.start(second)?;
                if !self.is_up {
                    world.hub_event(HubEvent::Down);
                }
                self.begin(world, 0)?;
                second
            }
        };
        self.advance(world, second.saturating_sub(start))?;
        world.packet(self.now, &packet)?;
        Ok(true)
    }

    /// Lives through the time up to `target`, or leaves out what nothing comes of.
    fn advance<W: World>(&mut self, world: &mut W, target: u64) -> Result<(), W::Error> {
        while self.now < target {
            if target - self.now > self.pace.longest_gap && world.is_reported() {
                return self.leave_out(world, target);
            }
            if !self.go_to_next_look(world, target)? {
                self.now = target;
            }
        }
        Ok(())
    }

    fn leave_out<W: World>(&mut self, world: &mut W, target: u64) -> Result<(), W::Error> {
        let until = target - 1;
        world.leave_out(self.now, until)?;
        self.left_out.times += 1;
        self.left_out.seconds += until - self.now;
        self.begin(world, target)
    }

    /// Goes on to when something is to be done again. False when that is after `limit`.
    ///
    /// Looks for a hub that is not there and messages for one that refuses them do nothing until that changes: the last one
    /// before is enough.
    fn go_to_next_look<W: World>(&mut self, world: &mut W, limit: u64) -> Result<bool, W::Error> {
        let longest = self.now.saturating_add(self.pace.step);
        let mut next = self.next;
        let (every, is_refused) = match (self.is_up, self.passes) {
            (false, _) => (self.wait.look, false),
            (true, false) => (self.wait.retry, true),
            (true, true) => (None, false),
        };
        if let Some(every) = every.filter(|every| *every > 0) {
            let until = self.schedule.next().unwrap_or(u64::MAX);
            let times = until.min(limit).min(longest).saturating_sub(next) / every;
            next += times * every;
            self.refused += if is_refused { times } else { 0 };
        }
        let next = next.min(longest);
        if next <= limit {
            self.begin(world, next)?;
        }
        Ok(next <= limit)
    }

    fn begin<W: World>(&mut self, world: &mut W, second: u64) -> Result<(), W::Error> {
        for event in self.schedule.due(second) {
            match event {
                HubEvent::Up => self.is_up = true,
                HubEvent::Down => self.is_up = false,
                HubEvent::Fail => self.passes = false,
                HubEvent::Pass => self.passes = true,
            }
            world.hub_event(event);
        }
        self.wait = world.second(second)?;
        self.now = second;
        self.next = second.saturating_add(self.wait.seconds.max(1));
        Ok(())
    }

    /// Goes on after the last packet. False when that is over.
    fn go_on<W: World>(&mut self, world: &mut W, end: u64) -> Result<bool, W::Error> {
        if self.now >= end || (self.pace.ending == Ending::Report && self.is_over(world)) {
            return Ok(false);
        }
        // What is due after the end is beyond; the world's clock need not come so far.
        self.go_to_next_look(world, end)
    }

    /// Whether nothing more will be reported.
    fn is_over<W: World>(&self, world: &mut W) -> bool {
        if world.is_reported() {
            return true;
        }
        if self.is_up && self.passes {
            world.is_hub_lost()
        } else {
            self.schedule.next().is_none()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Seen {
        Start(u64),
        Hub(HubEvent),
        Second(u64),
        LeftOut(u64, u64),
        Packet(u8),
    }

    /// Packets of one byte, and their seconds.
    struct Packets(std::vec::IntoIter<(u64, [u8; 1])>, (u64, [u8; 1]));

    impl PacketSource for Packets {
        type Error = Infallible;

        fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
            Ok(self.0.next().map(|next| {
                self.1 = next;
                Packet::new(Duration::from_secs(self.1.0), &self.1.1)
            }))
        }
    }

    /// A world that wants to be looked at every so many seconds.
    struct Recorder {
        seen: Vec<Seen>,
        wait: Wait,
        /// Looks after the last packet that it takes until all is reported.
        unreported: u32,
    }

    impl World for Recorder {
        type Error = Infallible;

        fn start(&mut self, unix_time: u64) -> Result<(), Infallible> {
            self.seen.push(Seen::Start(unix_time));
            Ok(())
        }

        fn hub_event(&mut self, event: HubEvent) {
            self.seen.push(Seen::Hub(event));
        }

        fn second(&mut self, second: u64) -> Result<Wait, Infallible> {
            self.seen.push(Seen::Second(second));
            self.unreported = self.unreported.saturating_sub(1);
            Ok(self.wait)
        }

        fn leave_out(&mut self, second: u64, until: u64) -> Result<(), Infallible> {
            self.seen.push(Seen::LeftOut(second, until));
            Ok(())
        }

        fn packet(&mut self, _: u64, packet: &Packet<'_>) -> Result<(), Infallible> {
            self.seen.push(Seen::Packet(packet.ip.unwrap()[0]));
            Ok(())
        }

        fn is_reported(&mut self) -> bool {
            self.unreported == 0
        }
    }

    fn seen(
        pace: Pace,
        wait: Wait,
        unreported: u32,
        packets: &[(u64, u8)],
        hub: &str,
    ) -> Vec<Seen> {
        seen_and_refused(pace, wait, unreported, packets, hub).0
    }

    /// What is seen, and of each step in which tries were left out how many.
    fn seen_and_refused(
        pace: Pace,
        wait: Wait,
        unreported: u32,
        packets: &[(u64, u8)],
        hub: &str,
    ) -> (Vec<Seen>, Vec<u64>) {
        let packets: Vec<_> = packets
            .iter()
            .map(|(time, byte)| (*time, [*byte]))
            .collect();
        let mut packets = Packets(packets.into_iter(), (0, [0]));
        let mut world = Recorder {
            seen: Vec::new(),
            wait,
            unreported,
        };
        let mut timeline = Timeline::new(pace, hub.parse().unwrap());
        let mut refused = Vec::new();
        let mut before = 0;
        while timeline.step(&mut packets, &mut world).unwrap() {
            if timeline.refused() != before {
                refused.push(timeline.refused() - before);
                before = timeline.refused();
            }
        }
        (world.seen, refused)
    }

    const fn every(seconds: u64) -> Wait {
        Wait {
            seconds,
            look: None,
            retry: None,
        }
    }

    #[test]
    fn each_second_hub_events_come_first_and_packets_last() {
        use HubEvent::{Down, Fail, Pass, Up};
        use Seen::{Hub, Packet, Second, Start};

        // The fourth packet is older than the third.
        let packets = [(50, 1), (50, 2), (52, 3), (51, 4), (53, 5)];
        let pace = Pace::BY_SECOND.ending(Ending::Cut);
        let seen = seen(
            pace,
            every(1),
            0,
            &packets,
            "up@0,fail@2,down@3,ok@14,up@15",
        );
        let mut expected = vec![
            Start(50),
            Hub(Up),
            Second(0),
            Packet(1),
            Packet(2),
            Second(1),
            Hub(Fail),
            Second(2),
            Packet(3),
            Packet(4),
            Hub(Down),
            Second(3),
            Packet(5),
        ];
        expected.extend((4..14).map(Second));
        expected.extend([Hub(Pass), Second(14)]);
        assert_eq!(seen, expected);
    }

    #[test]
    fn time_jumps_to_what_is_to_be_done_and_to_packets() {
        use Seen::{Packet, Second, Start};

        let packets = [(50, 1), (75, 2), (95, 3)];
        let seen = seen(Pace::FAST, every(10), 0, &packets, "up@0");
        let seconds: Vec<_> = [0, 10, 20, 30, 40].map(Second).into();
        let mut seconds = seconds.into_iter();
        let mut expected = vec![Start(50), Seen::Hub(HubEvent::Up)];
        expected.extend(seconds.by_ref().take(1));
        expected.push(Packet(1));
        expected.extend(seconds.by_ref().take(2));
        expected.push(Packet(2));
        expected.extend(seconds);
        expected.push(Packet(3));
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_long_time_is_left_out_only_when_all_is_reported() {
        use Seen::{LeftOut, Packet, Second, Start};

        let late = 1_000_000;
        let packets = [(50, 1), (50 + late, 2)];
        let hub = Seen::Hub(HubEvent::Up);
        let begin = vec![Start(50), hub, Second(0), Packet(1)];
        let mut expected = begin;
        expected.extend([Second(10), Second(20)]);
        expected.extend([LeftOut(20, late - 1), Second(late), Packet(2)]);
        assert_eq!(seen(Pace::FAST, every(10), 3, &packets, "up@0"), expected);
    }

    #[test]
    fn looks_for_a_hub_that_is_not_there_are_left_out() {
        use Seen::{Hub, Packet, Second, Start};

        let wait = Wait {
            seconds: 3,
            look: Some(3),
            retry: None,
        };
        let packets = [(50, 1), (50 + 10_000, 2)];
        let seen = seen(Pace::FAST, wait, 5, &packets, "up@5000");
        let expected = [
            Start(50),
            Hub(HubEvent::Down),
            Second(0),
            Packet(1),
            // The last look before the hub comes, and the one after.
            Second(4998),
            Hub(HubEvent::Up),
            Second(5001),
        ];
        assert_eq!(seen[..expected.len()], expected);
    }

    #[test]
    fn messages_for_a_hub_that_refuses_them_are_counted_and_left_out() {
        use Seen::{Hub, Packet, Second, Start};

        let wait = Wait {
            seconds: 3,
            look: None,
            retry: Some(3),
        };
        let packets = [(50, 1), (50 + 100, 2), (50 + 10_000, 3)];
        let hub = "up@0,fail@0,ok@5000";
        let (seen, refused) = seen_and_refused(Pace::FAST, wait, 9, &packets, hub);
        let expected = [
            Start(50),
            Hub(HubEvent::Up),
            Hub(HubEvent::Fail),
            Second(0),
            Packet(1),
            // The last try before a packet, and the next three seconds after it, as if nothing had been left out.
            Second(99),
            Packet(2),
            Second(4998),
            Hub(HubEvent::Pass),
            Second(5001),
        ];
        assert_eq!(seen[..expected.len()], expected);
        assert_eq!(refused, [32, 1632]);
    }

    #[test]
    fn a_hub_that_comes_and_refuses_is_found() {
        use Seen::{Hub, Packet, Second, Start};

        let wait = Wait {
            seconds: 3,
            look: Some(3),
            retry: None,
        };
        let packets = [(50, 1), (50 + 10_000, 2)];
        let seen = seen(Pace::FAST, wait, 9, &packets, "fail@0,up@5000");
        let expected = [
            Start(50),
            Hub(HubEvent::Down),
            Hub(HubEvent::Fail),
            Second(0),
            Packet(1),
            Second(4998),
            Hub(HubEvent::Up),
            Second(5001),
            Second(5004),
        ];
        assert_eq!(seen[..expected.len()], expected);
    }

    #[test]
    fn after_the_last_packet_time_goes_on_until_all_is_reported() {
        use Seen::{Packet, Second, Start};

        let begin = |hub| vec![Start(50), Seen::Hub(hub), Second(0), Packet(1)];
        let mut expected = begin(HubEvent::Up);
        expected.extend([10, 20, 30].map(Second));
        assert_eq!(seen(Pace::FAST, every(10), 4, &[(50, 1)], "up@0"), expected);
        // No hub will ever come.
        let never = seen(Pace::FAST, every(10), 4, &[(50, 1)], "down@0");
        assert_eq!(never, begin(HubEvent::Down));
        // One comes, and goes again before all is reported.
        let gone = seen(Pace::FAST, every(10), 9, &[(50, 1)], "down@0,up@15,down@25");
        assert_eq!(gone.last(), Some(&Second(30)));
        assert_eq!(seen(Pace::FAST, every(10), 9, &[], "up@0"), []);
    }
}
