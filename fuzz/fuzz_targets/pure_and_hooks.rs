//! Captures of any packets through the pure agent and through the packet hooks of the host port: the same messages, byte for byte.
//!
//! There is one kernel in a process, and it cannot be left; and threads that it ends stay. So one device on a thread of its own goes
//! through all inputs, each with an agent of its own.

#![no_main]

#[path = "../../cli/src/device/mod.rs"]
#[allow(dead_code, reason = "the command uses more of it")]
mod device;

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, OnceLock,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use arbitrary::Arbitrary;
use defender_replay::{
    Link, Packet, PacketSource, Plan, Replay,
    device::{Summary, Traffic, default_settings},
    local::{Identity, LocalAddress},
    schedule::{HubEvent, HubSchedule},
    timeline::{Ending, Pace, Timeline, Wait, World},
};
use device::{Device, DeviceError, Hub, Message, Refused};
use libfuzzer_sys::fuzz_target;
use threadx_defender::{
    agent::Settings,
    kernel::{self, Kernel},
};

const NAME: &str = "fuzz";

/// The second of the first packet.
const START: u64 = 1_600_000_000;

/// Addresses that packets go to and come from: the device's, others', groups'.
const V4: [[u8; 4]; 8] = [
    [10, 0, 0, 2],
    [10, 0, 0, 3],
    [0; 4],
    [255; 4],
    [10, 0, 0, 255],
    [224, 0, 0, 1],
    [127, 0, 0, 1],
    [192, 0, 2, 1],
];
const V6: [[u8; 16]; 5] = [
    [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
    [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
    [0; 16],
    [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2],
];

#[derive(Arbitrary, Clone, Debug)]
struct Input {
    packets: Vec<(u8, Ip)>,
    events: Vec<(u8, Change)>,
    unicast_only: bool,
    is_cut: bool,
    flows: u8,
}

#[derive(Arbitrary, Clone, Debug)]
enum Change {
    Up,
    Down,
    Fail,
    Pass,
}

/// A packet that is plausible but for what the input says.
#[derive(Arbitrary, Clone, Debug)]
enum Ip {
    V4 {
        ends: [u8; 2],
        words: u8,
        wrong: i8,
        fragment: u16,
        protocol: u8,
        body: Vec<u8>,
    },
    V6 {
        ends: [u8; 2],
        wrong: i8,
        next: u8,
        body: Vec<u8>,
    },
    Bytes(Vec<u8>),
}

impl Ip {
    fn bytes(&self) -> Vec<u8> {
        let length = |length: usize, wrong: i8| (length as i64 + i64::from(wrong)).max(0) as u16;
        match self {
            Self::V4 {
                ends,
                words,
                wrong,
                fragment,
                protocol,
                body,
            } => {
                let words = 5 + words % 11;
                let header = usize::from(words) * 4;
                let mut packet = vec![0x40 | words, 0];
                packet.extend(length(header + body.len(), *wrong).to_be_bytes());
                packet.extend([0, 0]);
                packet.extend(fragment.to_be_bytes());
                packet.extend([64, *protocol, 0, 0]);
                packet.extend(ends.map(|end| V4[usize::from(end) % V4.len()]).concat());
                packet.resize(header, 0);
                packet.extend(body);
                packet
            }
            Self::V6 {
                ends,
                wrong,
                next,
                body,
            } => {
                let mut packet = vec![0x60, 0, 0, 0];
                packet.extend(length(body.len(), *wrong).to_be_bytes());
                packet.extend([*next, 64]);
                packet.extend(ends.map(|end| V6[usize::from(end) % V6.len()]).concat());
                packet.extend(body);
                packet
            }
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// Packets with the seconds between them.
struct Packets {
    packets: std::vec::IntoIter<(u8, Ip)>,
    second: u64,
    current: Vec<u8>,
}

impl PacketSource for Packets {
    type Error = Infallible;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
        Ok(self.packets.next().map(|(gap, ip)| {
            // Mostly close to each other, and now and then hours later.
            self.second += match gap {
                0..250 => u64::from(gap / 25),
                _ => u64::from(gap - 249) * 3600,
            };
            self.current = ip.bytes();
            Packet {
                link: Link::UNKNOWN,
                ..Packet::new(Duration::from_secs(self.second), &self.current)
            }
        }))
    }
}

impl Input {
    fn packets(&self) -> Packets {
        Packets {
            packets: self.packets.clone().into_iter(),
            second: START,
            current: Vec::new(),
        }
    }

    fn settings(&self) -> Settings {
        let mut settings = default_settings();
        let flows = usize::from(self.flows).clamp(1, 64);
        settings.set_flow_limits(flows, flows).unwrap();
        settings.set_unicast_only(self.unicast_only);
        settings
    }

    fn schedule(&self) -> HubSchedule {
        let mut second = 0;
        let events = self.events.iter().map(|(gap, change)| {
            second += u64::from(*gap);
            let what = match change {
                Change::Up => "up",
                Change::Down => "down",
                Change::Fail => "fail",
                Change::Pass => "ok",
            };
            format!("{what}@{second}")
        });
        let events: Vec<_> = events.collect();
        if events.is_empty() {
            return HubSchedule::always_up();
        }
        events.join(",").parse().unwrap()
    }

    fn ending(&self) -> Ending {
        if self.is_cut {
            Ending::Cut
        } else {
            Ending::Report
        }
    }
}

/// What has come of a device: messages and their times, what no hub took, and numbers.
type Outcome = (Vec<(u64, Vec<u8>)>, Traffic, Summary);

fn pure(input: &Input) -> Outcome {
    let plan = Plan::new(NAME, identity())
        .settings(input.settings())
        .schedule(input.schedule())
        .ending(input.ending());
    let mut replay = Replay::new(input.packets(), plan);
    let mut messages = Vec::new();
    while let Some(message) = replay.next_message().unwrap() {
        messages.push((message.time, message.bytes));
    }
    (messages, replay.unreported(), replay.summary())
}

#[derive(Default)]
struct Inbox(Mutex<Vec<(u64, Vec<u8>)>>);

impl Hub for Inbox {
    fn take(&self, message: &Message<'_>) -> Result<(), Refused> {
        let mut messages = self.0.lock().unwrap();
        messages.push((message.sent, message.payload.to_vec()));
        Ok(())
    }
}

/// Where packets are replayed.
struct Stage<'a>(&'a mut Device, Settings);

impl World for Stage<'_> {
    type Error = Failed;

    fn start(&mut self, unix_time: u64) -> Result<(), Failed> {
        self.0.set_hub_connected(true)?;
        Ok(self.0.enable(self.1, unix_time)?)
    }

    fn hub_event(&mut self, event: HubEvent) {
        match event {
            HubEvent::Up => self.0.set_hub_connected(true).unwrap(),
            HubEvent::Down => self.0.set_hub_connected(false).unwrap(),
            HubEvent::Fail => self.0.set_hub_refusing(true),
            HubEvent::Pass => self.0.set_hub_refusing(false),
        }
    }

    fn second(&mut self, second: u64) -> Result<Wait, Failed> {
        Ok(self.0.advance_to(second)?)
    }

    fn leave_out(&mut self, second: u64, until: u64) -> Result<(), Failed> {
        self.0.leave_out(second, until);
        Ok(())
    }

    fn packet(&mut self, _: u64, packet: &Packet<'_>) -> Result<(), Failed> {
        self.0.packet(packet);
        Ok(())
    }

    fn is_reported(&mut self) -> bool {
        self.0.is_reported()
    }
}

#[derive(Debug)]
struct Failed(#[allow(dead_code, reason = "it is shown")] DeviceError);

impl From<DeviceError> for Failed {
    fn from(error: DeviceError) -> Self {
        Self(error)
    }
}

impl From<Infallible> for Failed {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn identity() -> Identity {
    let own = ["10.0.0.2/24", "fd00::2"].map(|own| own.parse::<LocalAddress>().unwrap());
    Identity::new(own.to_vec(), Vec::new())
}

fn hooks(device: &mut Device, inbox: &Inbox, input: &Input) -> Outcome {
    let mut packets = input.packets();
    let mut timeline = Timeline::new(Pace::FAST.ending(input.ending()), input.schedule());
    let mut stage = Stage(device, input.settings());
    while timeline.step(&mut packets, &mut stage).unwrap() {}
    let unreported = match device.is_reported() {
        true => Traffic::default(),
        false => device.unreported().unwrap(),
    };
    let messages = std::mem::take(&mut *inbox.0.lock().unwrap());
    let mut summary = device.summary();
    summary.retries += timeline.refused();
    (messages, unreported, summary)
}

/// Answers each input, until nobody asks.
fn serve(kernel: Kernel, asked: &Receiver<Input>, answer: &Sender<Outcome>) {
    let plan = device::Plan {
        id: NAME,
        identity: identity(),
        is_repeatable: true,
    };
    let inbox = Arc::new(Inbox::default());
    device::with(kernel, plan, inbox.clone(), |device| {
        while let Ok(input) = asked.recv() {
            let _ = answer.send(hooks(device, &inbox, &input));
        }
    })
    .unwrap();
}

/// The thread of the kernel, and what it is asked and answers.
fn with_kernel(input: Input) -> Outcome {
    type Ends = Mutex<(Sender<Input>, Receiver<Outcome>)>;
    static KERNEL: OnceLock<Ends> = OnceLock::new();

    let ends = KERNEL.get_or_init(|| {
        let (ask, asked) = channel::<Input>();
        let (answer, answered) = channel();
        std::thread::spawn(move || kernel::run(move |kernel| serve(kernel, &asked, &answer)));
        Mutex::new((ask, answered))
    });
    let ends = ends.lock().unwrap();
    ends.0.send(input).unwrap();
    ends.1.recv().expect("the kernel's thread goes on")
}

fuzz_target!(|input: Input| {
    let expected = pure(&input);
    if input.packets.is_empty() {
        return;
    }
    assert_eq!(with_kernel(input), expected);
});
