//! What a report costs from its bytes to what detection says of it: 17 flows each, ten rules, a million prefixes.
//!
//! ```sh
//! cargo bench -p defender-detect --bench detect
//! cargo bench -p defender-detect --bench detect -- --time   # without valgrind
//! ```
//!
//! Instructions a report are counted by callgrind, the same however busy the machine is; more than the budget is a failure. Reports a second
//! on one core are printed, by the time on the core.

#[path = "../../../benches/support/callgrind.rs"]
mod callgrind;
mod fleet;
mod instructions;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use defender_detect::{Detector, Input, Report};
use defender_message::SecurityMessage;

use fleet::{Fleet, Received};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let has = |argument: &str| arguments.iter().any(|it| it == argument);
    let result = match &arguments[..] {
        [_, once, fleet] if once == "--once" => run(fleet),
        _ => time().and_then(|()| match has("--time") {
            true => Ok(()),
            false => instructions::check(),
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What callgrind looks at: a small fleet, so that most of the run is not its making.
fn run(fleet: &str) -> Result<(), Box<dyn Error>> {
    let fleet = Fleet::named(fleet)?;
    let mut detector = Detector::new(fleet.policy()?);
    // Devices that are known, with windows that have something in them.
    let (before, measured) = fleet.reports(20, 20)?;
    detect(&mut detector, &before)?;
    measure(&mut detector, &measured)
}

/// Reports that callgrind counts, by this function's name.
#[inline(never)]
fn measure(detector: &mut Detector, reports: &[Received]) -> Result<(), Box<dyn Error>> {
    detect(detector, reports)
}

fn detect(detector: &mut Detector, reports: &[Received]) -> Result<(), Box<dyn Error>> {
    for (device, received, bytes) in reports {
        let message = SecurityMessage::decode(bytes)?;
        let report = Report {
            device,
            received: Some(*received),
            message: &message,
        };
        std::hint::black_box(detector.feed(Input::Report(report)));
    }
    Ok(())
}

fn time() -> Result<(), Box<dyn Error>> {
    for fleet in Fleet::ALL {
        let (before, measured) = fleet.reports(2_000, 20)?;
        let policy = fleet.policy()?;
        let (mut decoding, mut all) = (f64::MAX, f64::MAX);
        for _ in 0..5 {
            let began = on_core()?;
            for (_, _, bytes) in &measured {
                std::hint::black_box(SecurityMessage::decode(bytes)?);
            }
            decoding = decoding.min((on_core()? - began).as_secs_f64());

            let mut detector = Detector::new(policy.clone());
            detect(&mut detector, &before)?;
            let began = on_core()?;
            detect(&mut detector, &measured)?;
            all = all.min((on_core()? - began).as_secs_f64());
        }
        let rate = |seconds: f64| measured.len() as f64 / seconds;
        println!(
            "{:<12} {:>7.0} reports/s decoded and looked at on one core; {:.0}/s decoded alone",
            fleet.name(),
            rate(all),
            rate(decoding)
        );
    }
    Ok(())
}

/// How long this program has run on a core: where the system does not say it, how long it has run.
fn on_core() -> Result<Duration, Box<dyn Error>> {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    match std::fs::read_to_string("/proc/self/schedstat") {
        Ok(text) => {
            let nanoseconds = text.split(' ').next().unwrap_or_default();
            Ok(Duration::from_nanos(nanoseconds.parse()?))
        }
        Err(_) => Ok(began.elapsed()),
    }
}
