//! Long courses of traffic in which flows displace flows all the time, each step against a list that is searched from end to
//! end. No two flows of the list weigh the same, so that it is always certain which one gave way.

use defender_agent::flow::Cursor;
use defender_agent::packet::Direction;
use defender_agent::{Entropy, FlowSource, FlowTable, Protocol, Settings};

use crate::support::entropy::TestEntropy;
use crate::support::flow_model::{Key, key};
use crate::support::samples::{AnyFlow, Sample, any_version, is_aggregate, sent_to};

/// Steps of one course; the long ones are for release builds.
const STEPS: usize = if cfg!(miri) {
    100
} else if cfg!(debug_assertions) {
    20_000
} else {
    1_000_000
};

/// Bytes received and sent.
type Bytes = (u64, u64);

/// As a table compares flows.
fn weight((received, sent): Bytes) -> u64 {
    (received + sent).min(u64::from(u32::MAX))
}

/// A table and what should be in it.
struct Course<const N: usize> {
    table: FlowTable<N, N>,
    /// In the order in which they came.
    flows: Vec<(Sample, Bytes)>,
    /// The flow that came last and the one before it, while they are there.
    newest: Option<Key>,
    candidate: Option<Key>,
    limit: usize,
    /// Bytes in the aggregates.
    aggregated: u64,
    random: TestEntropy,
}

impl<const N: usize> Course<N> {
    fn new(seed: u32) -> Self {
        let mut table = FlowTable::new();
        table.set_seed(seed);
        Self {
            table,
            flows: Vec::new(),
            newest: None,
            candidate: None,
            limit: N,
            aggregated: 0,
            random: TestEntropy {
                state: u64::from(seed),
                broken: false,
            },
        }
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % end
    }

    fn step(&mut self) {
        match self.below(1000) {
            0..=2 => self.collect(),
            3..=5 => self.change_limit(),
            6..=499 => self.count_known(),
            _ => self.count_new(),
        }
        assert_eq!(self.table.len(), self.flows.len());
    }

    /// A packet's direction and its bytes: few as in a flood, or any number, or so many that a counter soon overflows.
    fn any_bytes(&mut self) -> (Direction, u32) {
        let end = match self.below(100) {
            0 => 1 << 32,
            1..=60 => 200,
            _ => 60_000,
        };
        let directions = [Direction::In, Direction::Out];
        (directions[self.below(2) as usize], self.below(end) as u32)
    }

    fn is_unique(&self, weighs: u64, but: Option<usize>) -> bool {
        let mut flows = self.flows.iter().enumerate();
        flows.all(|(at, &(_, bytes))| Some(at) == but || weight(bytes) != weighs)
    }

    /// A packet of a flow that is there, in half of the cases one of the last.
    fn count_known(&mut self) {
        let count = self.flows.len() as u64;
        if count == 0 {
            return;
        }
        let among = if self.below(2) == 0 {
            count
        } else {
            count.min(3)
        };
        let at = (count - 1 - self.below(among)) as usize;
        let (direction, bytes) = self.any_bytes();
        let (sample, had) = self.flows[at];
        let added = match direction {
            Direction::Out => (0, u64::from(bytes)),
            _ => (u64::from(bytes), 0),
        };
        let sum = (had.0 + added.0, had.1 + added.1);
        // Nor does it become more than a table can count.
        if !self.is_unique(weight(sum), Some(at)) || sum.0.max(sum.1) >> 39 != 0 {
            return;
        }
        self.flows[at].1 = sum;
        let sample = Sample {
            direction,
            bytes,
            ..sample
        };
        assert_eq!(self.observe(sample), (0, 0));
    }

    fn count_new(&mut self) {
        let (direction, bytes) = self.any_bytes();
        let host = self.below(256) as u8;
        let sample = Sample {
            protocol: [Protocol::Tcp, Protocol::Udp][self.below(2) as usize],
            direction,
            remote: (host, self.below(1 << 16) as u16),
            ..sent_to(host, bytes)
        };
        if self.find(&key(&sample.flow())).is_some() || !self.is_unique(u64::from(bytes), None) {
            return;
        }
        let displaced = self.observe(sample);
        assert!(
            displaced.0 == 0 || self.flows.len() >= self.limit,
            "there was room"
        );
        if self.flows.len() >= self.limit {
            // Below a limit that was lowered, none may be found.
            assert!(displaced.0 == 1 || self.limit < N, "no flow gave way");
        }
        if displaced.0 > 0 {
            let same = |&(_, bytes): &(Sample, Bytes)| bytes.0 + bytes.1 == displaced.1;
            let (gone, _) = self.flows.remove(self.flows.iter().position(same).unwrap());
            let gone = key(&gone.flow());
            assert!(
                Some(gone) != self.newest || self.flows.is_empty(),
                "the newest gave way"
            );
            if let Some(at) = self.candidate.and_then(|candidate| self.find(&candidate)) {
                let candidate = weight(self.flows[at].1);
                assert!(
                    weight((displaced.1, 0)) < candidate,
                    "heavier than the candidate"
                );
            }
            self.aggregated += displaced.1;
        }
        let bytes = match direction {
            Direction::Out => (0, u64::from(bytes)),
            _ => (u64::from(bytes), 0),
        };
        self.flows.push((sample, bytes));
        self.candidate = self.newest;
        self.newest = Some(key(&sample.flow()));
    }

    /// Gives a packet to the table; says how many flows gave way to it, and how many bytes they had.
    fn observe(&mut self, sample: Sample) -> (u64, u64) {
        let before = self.table.statistics();
        self.table.observe(sample.direction, &sample.packet());
        let after = self.table.statistics();
        (
            after.flows_aggregated - before.flows_aggregated,
            after.bytes_aggregated - before.bytes_aggregated,
        )
    }

    fn find(&self, wanted: &Key) -> Option<usize> {
        let mut flows = self.flows.iter();
        flows.position(|(sample, _)| key(&sample.flow()) == *wanted)
    }

    fn change_limit(&mut self) {
        let limit = 1 + self.below(N as u64 + 1) as usize;
        let mut settings = Settings::new();
        settings.set_flow_limits(limit, limit).unwrap();
        self.table.apply(&settings);
        self.limit = limit.min(N);
    }

    /// A collection that takes everything, or some of it.
    fn collect(&mut self) {
        let most = match self.below(2) {
            0 => usize::MAX,
            _ => self.below(N as u64 + 2) as usize,
        };
        let mut cursor = Cursor::START;
        for _ in 0..most {
            let Some(flow) = self.table.take(&mut cursor) else {
                assert_eq!((self.flows.len(), self.aggregated), (0, 0));
                return;
            };
            self.check_taken(any_version(flow));
        }
    }

    fn check_taken(&mut self, flow: AnyFlow) {
        let bytes = (u64::from(flow.bytes_in), u64::from(flow.bytes_out));
        if is_aggregate(&flow) {
            self.aggregated -= bytes.0 + bytes.1;
            return;
        }
        let at = self.find(&key(&flow));
        let at = at.unwrap_or_else(|| panic!("{flow:?} should not be there"));
        let has = &mut self.flows[at].1;
        *has = (has.0 - bytes.0, has.1 - bytes.1);
        if *has != (0, 0) {
            // What no flow of a message can state comes in parts.
            assert!(bytes.0.max(bytes.1) == u64::from(u32::MAX), "{flow:?}");
            return;
        }
        self.flows.remove(at);
        for recent in [&mut self.newest, &mut self.candidate] {
            *recent = recent.filter(|recent| *recent != key(&flow));
        }
    }
}

fn run<const N: usize>() {
    let seeds: &[u32] = if cfg!(miri) { &[1] } else { &[1, 0x1234_5678] };
    for &seed in seeds {
        let mut course = Course::<N>::new(seed);
        for _ in 0..STEPS {
            course.step();
        }
        let statistics = course.table.statistics();
        assert!(
            statistics.flows_aggregated > STEPS as u64 / 20,
            "{statistics:?}"
        );
    }
}

#[test]
fn tables_of_one_and_two_slots() {
    run::<1>();
    run::<2>();
}

#[test]
fn tables_of_few_slots() {
    run::<3>();
    run::<5>();
}

#[test]
fn tables_of_many_slots() {
    run::<17>();
    if !cfg!(miri) {
        run::<64>();
    }
}
