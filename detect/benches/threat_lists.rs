//! Threat lists of a million prefixes, IPv4 and IPv6: how long reading takes and a look-up, and how much memory they hold.
//!
//! ```sh
//! cargo bench -p defender-detect --bench threat_lists
//! cargo bench -p defender-detect --bench threat_lists -- --time   # without valgrind
//! ```
//!
//! Instructions of a tenth of each list, and of look-ups in it, are counted by callgrind, the same however busy the machine is; more than the
//! budget is a failure, and so is more memory than 16 MB. Times are printed, by the time on the core.

#[path = "../../benches/support/callgrind.rs"]
mod callgrind;

use std::{
    env,
    error::Error,
    fmt::Write,
    hint::black_box,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    process::ExitCode,
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
fn list(format: Format, ipv6: u32, prefixes: u32) -> String {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut text = String::from(match format {
        Format::ZeekIntel => "#fields\tindicator\tindicator_type\tmeta.source\n",
        Format::Csv => "first_seen,ip,malware\n",
        Format::Stix => "{\"type\":\"bundle\",\"objects\":[{\"type\":\"x\"}\n",
        _ => "",
    });
    for number in 0..prefixes {
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

/// The formats, and how many instructions a prefix may take in each: what it takes, and a little for another compiler.
const FORMATS: [(Format, &str, u64); 5] = [
    (Format::Plain, "plain", 3_050),
    (Format::Iprep, "suricata", 4_550),
    (Format::ZeekIntel, "zeek", 5_750),
    (Format::Csv, "csv", 7_150),
    (Format::Stix, "stix", 5_650),
];

/// How many instructions a look-up may take.
const LOOK_UP_BUDGET: u64 = 240;

/// Bytes that the lists may hold.
const MEMORY: usize = 16_000_000;

#[inline(never)]
fn measure_reading(format: Format, text: &str) -> ThreatLists {
    let mut lists = ThreatLists::builder();
    let reading = lists.read("list", text.as_bytes());
    assert_eq!(reading.format, format);
    assert_eq!(reading.refused + reading.inactive, 0, "{reading}");
    lists.build()
}

#[inline(never)]
fn measure_looking_up(lists: &ThreatLists, addresses: &[IpAddr]) -> usize {
    let found = addresses
        .iter()
        .filter(|address| lists.find(**address).is_some());
    black_box(found.count())
}

fn read(format: Format, ipv6: u32) -> Result<ThreatLists, Box<dyn Error>> {
    let text = list(format, ipv6, PREFIXES);
    let start = Stopwatch::start();
    let lists = measure_reading(format, &text);
    let took = start.elapsed();
    println!(
        "{:<26} {}0 % IPv6: read in {:>4} ms, {:>5.1} MB",
        format.to_string(),
        ipv6,
        took.as_millis(),
        lists.size() as f64 / 1e6
    );
    match lists.size() <= MEMORY {
        true => Ok(lists),
        false => Err("a million prefixes take more than 16 MB".into()),
    }
}

fn look_up(lists: &ThreatLists, what: &str, address: impl FnMut() -> IpAddr) {
    let addresses: Vec<_> = std::iter::repeat_with(address)
        .take(LOOK_UPS as usize)
        .collect();
    let start = Stopwatch::start();
    let found = measure_looking_up(lists, &addresses);
    let each = start.elapsed().as_nanos() / u128::from(LOOK_UPS);
    println!("{what:<26} {each:>4} ns a look-up, {found} of {LOOK_UPS} listed");
}

fn time() -> Result<(), Box<dyn Error>> {
    for (format, ..) in FORMATS {
        read(format, 3)?;
    }
    read(Format::Plain, 0)?;
    let lists = read(Format::Plain, 5)?;
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    look_up(&lists, "IPv4, as in the list", || numbers.ipv4().into());
    look_up(&lists, "IPv6, as in the list", || numbers.ipv6().into());
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    look_up(&lists, "IPv4, any", || {
        Ipv4Addr::from(numbers.next() as u32).into()
    });
    Ok(())
}

/// A tenth of the list, for callgrind.
fn tenth(format: Format) -> String {
    list(format, 3, PREFIXES / 10)
}

/// What callgrind looks at.
fn run(what: &str) -> Result<(), Box<dyn Error>> {
    if let Some((format, ..)) = FORMATS.iter().find(|(_, name, _)| *name == what) {
        let text = tenth(*format);
        black_box(measure_reading(*format, &text));
        return Ok(());
    }
    let lists = measure_reading(Format::Plain, &tenth(Format::Plain));
    // Half of them are listed.
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let addresses = std::iter::repeat_with(|| [numbers.ipv4().into(), numbers.ipv6().into()]);
    let addresses: Vec<IpAddr> = addresses.take(50_000).flatten().collect();
    measure_looking_up(&lists, &addresses);
    Ok(())
}

fn instructions() -> Result<(), Box<dyn Error>> {
    if !callgrind::is_there()? {
        return Ok(());
    }
    let reading = FORMATS.map(|(_, name, budget)| (name, "*measure_reading*", budget));
    let looking_up = ("look-up", "*measure_looking_up*", LOOK_UP_BUDGET);
    let mut exceeded = false;
    for (what, function, budget) in reading.into_iter().chain([looking_up]) {
        let each = callgrind::count(&["--once", what], Some(function))? / u64::from(PREFIXES / 10);
        let verdict = if each <= budget { "" } else { "  OVER BUDGET" };
        println!("{what:<12} {each:>6} instructions a prefix (budget {budget}){verdict}");
        exceeded |= each > budget;
    }
    match exceeded {
        true => Err("a prefix takes more instructions than its budget".into()),
        false => Ok(()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let result = match &arguments[..] {
        [_, once, what] if once == "--once" => run(what),
        _ if arguments.iter().any(|it| it == "--time") => time(),
        _ => time().and_then(|()| instructions()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
