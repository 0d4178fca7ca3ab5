//! `defender demo`: a device, a broker and a watcher in one program.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use defender_replay::{
    capture::{Capture, Name, Tolerance},
    local::LocalAddress,
    schedule::HubSchedule,
    timeline,
};

use super::{watch, watched::Watched};
use crate::{
    args::DemoArgs,
    error::{self, CliError},
    hub::{
        DeviceId, Endpoint, HubError, LocalServer, Publisher, PublisherOptions, Subscription,
        SubscriptionOptions, Update,
    },
    output::{self, Format, Output},
    progress::Progress,
    simulation::{self, Observer, Simulation},
};

/// The traffic of an office device over three minutes.
static OFFICE: &[u8] = include_bytes!("../../data/office.pcap");

/// The device's addresses in it.
const DEVICE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(10, 77, 0, 2)),
    IpAddr::V6(Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, 2)),
];

/// How long the last messages may be on their way.
const ARRIVED_WITHIN: Duration = Duration::from_secs(5);

/// Shows the whole way of a message once.
pub fn run(args: &DemoArgs) -> Result<(), CliError> {
    let capture = Capture::in_memory(Name::Bundled, OFFICE);
    let local = DEVICE.map(LocalAddress::from).to_vec();
    let opened = capture.open(local, Tolerance::Strict)?;
    let hub = Endpoint::loopback(LocalServer::start()?.port());
    let watcher = Watcher {
        arrivals: subscribe(&hub)?,
        hub: hub.clone(),
        output: Output::stdout(Format::from_json_flag(args.json)),
        report: Watched::default(),
    };
    let id = DeviceId::fixed("demo-device");
    let publisher = Arc::new(Publisher::connect(&hub, &id, PublisherOptions::default())?);
    error::note(format_args!(
        "{id} replays {} of office traffic and reports to the broker at {hub}; a watcher there sees:",
        simulation::packets(&opened),
    ));
    error::note("");
    let simulation = Simulation {
        opened,
        id,
        settings: simulation::settings(None, 0)?,
        schedule: HubSchedule::always_up(),
        pace: timeline::Pace::BY_SECOND,
        speed: args.speed,
        is_repeatable: false,
    };
    let (outcome, mut watcher) = simulation.run(publisher, watcher)?;
    watcher.wait_for(outcome.summary.messages)?;
    let report = format!(
        "\n{}\n{}",
        output::fill(&outcome.to_string()),
        watcher.report
    );
    match watcher.output.format() {
        Format::Text => watcher.output.write_text(report)?,
        Format::Json => report.lines().for_each(error::note),
    }
    watcher.output.flush()?;
    Ok(())
}

/// Watches on a thread of its own.
fn subscribe(hub: &Endpoint) -> Result<Receiver<Update>, CliError> {
    let mut subscription = Subscription::open(hub, &SubscriptionOptions::default())?;
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("watcher".into())
        .spawn(move || {
            while let Ok(update) = subscription.next_update() {
                if sender.send(update).is_err() {
                    break;
                }
            }
        })
        .map_err(|error| HubError::Stopped(error.to_string()))?;
    Ok(receiver)
}

/// Shows what arrives while the device runs.
struct Watcher {
    arrivals: Receiver<Update>,
    hub: Endpoint,
    output: Output,
    report: Watched,
}

impl Observer for Watcher {
    fn step(&mut self, progress: &Progress) -> Result<(), CliError> {
        while let Ok(update) = self.arrivals.try_recv() {
            progress.while_printing(|| self.show(&update))?;
        }
        Ok(self.output.flush()?)
    }
}

impl Watcher {
    fn show(&mut self, update: &Update) -> Result<(), CliError> {
        let Update::Message(arrival) = update else {
            watch::tell(&self.hub, update);
            return Ok(());
        };
        let payload = &arrival.payload;
        let message = watch::show(&arrival.sender, payload, arrival.received, &mut self.output)?;
        if let Some(message) = message {
            self.report.add(payload.len(), &message);
        }
        Ok(())
    }

    /// Waits until as many messages have arrived as were sent.
    fn wait_for(&mut self, sent: u64) -> Result<(), CliError> {
        let begun = Instant::now();
        while self.report.messages() < sent {
            let left = ARRIVED_WITHIN.saturating_sub(begun.elapsed());
            match self.arrivals.recv_timeout(left) {
                Ok(update) => self.show(&update)?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(HubError::Stopped("its thread ended".into()).into());
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(CliError::Incomplete {
                        watched: self.report.messages(),
                        sent,
                        seconds: ARRIVED_WITHIN.as_secs(),
                    });
                }
            }
        }
        Ok(())
    }
}
