//! Threat lists of a million prefixes, IPv4 and IPv6: how long reading takes and a look-up, and how much memory they hold.
//!
//! ```sh
//! cargo bench -p defender-detect --bench threat_lists
//! cargo bench -p defender-detect --bench threat_lists -- look-up   # one list, and the look-ups
//! ```

use std::{
    fmt::Write,
    hint::black_box,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use defender_detect::threats::{Format, ThreatLists};

const PREFIXES: u32 = 1_000_000;
const LOOK_UPS: u32 = 5_000_000;

/// Time of the processor: other programs' does not count, where the system tells it apart.
struct Stopwatch(Instant, Option<Duration>);

impl Stopwatch {
    fn start() -> Self {
        Self(Instant::now(), processor_time())
    }

    fn elapsed(&self) -> Duration {
        let processor = processor_time().zip(self.1);
        processor.map_or_else(|| self.0.elapsed(), |(now, start)| now - start)
    }
}

fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Public addresses, so that nothing is refused.
    fn ipv4(&mut self) -> Ipv4Addr {
        let [_, b, c, d] = (self.next() as u32).to_be_bytes();
        Ipv4Addr::new(20 + (self.next() % 80) as u8, b, c, d)
    }

    fn ipv6(&mut self) -> Ipv6Addr {
        let low = u128::from(self.next()) << 64 | u128::from(self.next());
        Ipv6Addr::from(0x2a00 << 112 | low >> 16)
    }
}

/// A list of a format; of ten prefixes `ipv6` are IPv6's.
fn list(format: Format, ipv6: u32) -> String {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut text = String::from(match format {
        Format::ZeekIntel => "#fields\tindicator\tindicator_type\tmeta.source\n",
        Format::Csv => "first_seen,ip,malware\n",
        Format::Stix => "{\"type\":\"bundle\",\"objects\":[{\"type\":\"x\"}\n",
        _ => "",
    });
    for number in 0..PREFIXES {
        // Single addresses for the most part, as in feeds.
        let network = number % 5 == 0;
        let (prefix, length): (IpAddr, u32) = if number % 10 < ipv6 {
            let length = if network { 48 } else { 128 };
            (numbers.ipv6().into(), length)
        } else {
            let length = if network { 24 } else { 32 };
            (numbers.ipv4().into(), length)
        };
        let category = number % 60 + 1;
        let written = match format {
            Format::Iprep => writeln!(text, "{prefix}/{length},{category},{}", number % 127 + 1),
            Format::ZeekIntel => {
                writeln!(text, "{prefix}/{length}\tIntel::SUBNET\tsource {category}")
            }
            Format::Csv => writeln!(text, "2026-01-01,\"{prefix}/{length}\",family {category}"),
            Format::Stix => {
                let kind = if prefix.is_ipv4() {
                    "ipv4-addr"
                } else {
                    "ipv6-addr"
                };
                writeln!(
                    text,
                    ",{{\"type\":\"indicator\",\"id\":\"indicator--{number}\",\"pattern_type\":\"stix\",\"pattern\":\"[{kind}:value ISSUBSET '{prefix}/{length}']\"}}"
                )
            }
            _ if network => writeln!(text, "{prefix}/{length}"),
            _ => writeln!(text, "{prefix}"),
        };
        written.expect("a string takes everything");
    }
    if format == Format::Stix {
        text.push_str("]}");
    }
    text
}

fn read(format: Format, ipv6: u32) -> ThreatLists {
    let text = list(format, ipv6);
    let start = Stopwatch::start();
    let mut lists = ThreatLists::builder();
    let reading = lists.read("list", text.as_bytes());
    let lists = lists.build();
    let took = start.elapsed();
    assert_eq!(
        (reading.format, reading.acting),
        (format, PREFIXES as usize)
    );
    println!(
        "{:<26} {}0 % IPv6: read in {:>4} ms, {:>5.1} MB",
        format.to_string(),
        ipv6,
        took.as_millis(),
        lists.size() as f64 / 1e6
    );
    lists
}

fn look_up(lists: &ThreatLists, what: &str, mut address: impl FnMut() -> IpAddr) {
    let addresses: Vec<_> = (0..LOOK_UPS).map(|_| address()).collect();
    let start = Stopwatch::start();
    let found = addresses
        .iter()
        .filter(|address| lists.find(**address).is_some());
    let found = black_box(found.count());
    let each = start.elapsed().as_nanos() / u128::from(LOOK_UPS);
    println!("{what:<26} {each:>4} ns a look-up, {found} of {LOOK_UPS} listed");
}

fn main() {
    if !std::env::args().any(|argument| argument == "look-up") {
        for format in [
            Format::Plain,
            Format::Iprep,
            Format::ZeekIntel,
            Format::Csv,
            Format::Stix,
        ] {
            read(format, 3);
        }
        read(Format::Plain, 0);
    }
    let lists = read(Format::Plain, 5);
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    look_up(&lists, "IPv4, as in the list", || numbers.ipv4().into());
    look_up(&lists, "IPv6, as in the list", || numbers.ipv6().into());
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    look_up(&lists, "IPv4, any", || {
        Ipv4Addr::from(numbers.next() as u32).into()
    });
}
