//! The order in which things happen to a device while a capture is replayed.

use crate::{
    capture::{CaptureError, Packet, Reader},
    schedule::{HubEvent, HubSchedule},
};

/// How many seconds go by after the last packet.
pub const LINGER: u32 = 11;

/// The longest time without packets that is lived through, in seconds: a week. Longer ones mean that the clock was set,
/// or that captures were joined, and would take hours.
const LONGEST_GAP: u32 = 7 * 24 * 60 * 60;

/// How much of a longer time is lived through, in seconds, so that everything before it is reported.
const BEFORE_SKIP: u32 = 60 * 60;

/// What a capture is replayed to.
pub trait World {
    /// Why it cannot go on.
    type Error: From<CaptureError>;

    /// Something happens to the hub.
    fn hub_event(&mut self, event: HubEvent) -> Result<(), Self::Error>;

    /// The second begins that is `elapsed` seconds after the first: its periodic event runs.
    fn second(&mut self, elapsed: u32) -> Result<(), Self::Error>;

    /// Time jumps to `elapsed` seconds after the first one. Nothing happens on the way.
    fn skip_to(&mut self, elapsed: u32) -> Result<(), Self::Error>;

    /// A packet of this second comes by.
    fn packet(&mut self, packet: Packet<'_>) -> Result<(), Self::Error>;
}

/// Replays a whole capture that begins at the Unix second `start` to `world`.
///
/// For each second, first its hub events take effect, then its periodic event runs, and then its packets come.
/// Time never goes back: a packet that is older than the one before comes right after it. Of a week or more without
/// packets only the first hour goes by.
pub fn replay<W: World>(
    reader: &mut Reader,
    start: u32,
    mut schedule: HubSchedule,
    world: &mut W,
) -> Result<(), W::Error> {
    let mut begin = |world: &mut W, second| {
        for event in schedule.due(second) {
            world.hub_event(event)?;
        }
        world.second(second)
    };
    let mut now = 0;
    begin(world, now)?;
    while let Some(packet) = reader.next_packet()? {
        let due = packet.time.saturating_sub(start);
        let is_skipped = due.saturating_sub(now) > LONGEST_GAP;
        let until = if is_skipped { now + BEFORE_SKIP } else { due };
        while now < until {
            now += 1;
            begin(world, now)?;
        }
        if is_skipped {
            now = due;
            world.skip_to(now - 1)?;
            begin(world, now)?;
        }
        world.packet(packet)?;
    }
    for second in 1..=LINGER {
        begin(world, now.saturating_add(second))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::capture::Source;

    #[derive(Debug, PartialEq)]
    enum Seen {
        Hub(HubEvent),
        Second(u32),
        Skip(u32),
        Packet(u8),
    }

    struct Recorder(Vec<Seen>);

    impl World for Recorder {
        type Error = CaptureError;

        fn hub_event(&mut self, event: HubEvent) -> Result<(), CaptureError> {
            self.0.push(Seen::Hub(event));
            Ok(())
        }

        fn second(&mut self, elapsed: u32) -> Result<(), CaptureError> {
            self.0.push(Seen::Second(elapsed));
            Ok(())
        }

        fn skip_to(&mut self, elapsed: u32) -> Result<(), CaptureError> {
            self.0.push(Seen::Skip(elapsed));
            Ok(())
        }

        fn packet(&mut self, packet: Packet<'_>) -> Result<(), CaptureError> {
            self.0.push(Seen::Packet(packet.ip.unwrap()[0]));
            Ok(())
        }
    }

    /// A raw IP capture of packets of one byte.
    fn capture(packets: &[(u32, u8)]) -> Vec<u8> {
        let mut file = vec![0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4];
        file.extend([0; 8]);
        file.extend([0, 0, 0xff, 0xff, 0, 0, 0, 101]);
        for (time, byte) in packets {
            file.extend(time.to_be_bytes());
            file.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, *byte]);
        }
        file
    }

    /// Everything that a world sees of these packets of a raw IP capture.
    fn seen(packets: &[(u32, u8)], schedule: &str) -> Vec<Seen> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&capture(packets)).unwrap();
        let mut reader = Source::new(file.path()).unwrap().open().unwrap();
        let mut world = Recorder(Vec::new());
        let schedule = schedule.parse().unwrap();
        replay(&mut reader, packets[0].0, schedule, &mut world).unwrap();
        world.0
    }

    #[test]
    fn a_week_without_packets_goes_by_and_a_longer_time_is_skipped() {
        use Seen::{Hub, Packet, Second, Skip};

        let week = LONGEST_GAP;
        let lived = seen(&[(50, 1), (50 + week, 2)], "up@0");
        assert!(lived.contains(&Second(week / 2)));

        let late = 40 * 365 * 24 * 60 * 60;
        let skipped = seen(&[(50, 1), (50 + late, 2)], "up@0,down@100000");
        let mut expected = vec![Hub(HubEvent::Up), Second(0), Packet(1)];
        expected.extend((1..=3600).map(Second));
        expected.extend([Skip(late - 1), Hub(HubEvent::Down), Second(late), Packet(2)]);
        expected.extend((late + 1..=late + LINGER).map(Second));
        assert_eq!(skipped, expected);
    }

    #[test]
    fn each_second_hub_events_come_first_and_packets_last() {
        use HubEvent::{Down, Fail, Pass, Up};
        use Seen::{Hub, Packet, Second};

        // The fourth packet is older than the third.
        let packets = [(50, 1), (50, 2), (52, 3), (51, 4), (53, 5)];
        let seen = seen(&packets, "up@0,fail@2,down@3,ok@14,up@15");
        let mut expected = vec![
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
}
