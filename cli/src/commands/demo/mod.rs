//! `defender demo`: a hub, a fleet and an attack, in one program.

mod devices;
mod show;
mod time;

use std::{env, net::Ipv4Addr, time::Duration};

use defender_detect::{Alert, ChangeEvent};
use defender_hub::{
    Hub,
    config::HubConfig,
    intake::{Delivery, Intake, What},
    notice::{Notice, Notices},
    source::fleet::Fleet,
};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::{Instant, sleep, timeout_at},
};

use self::{
    show::Sums,
    time::{FleetTime, SHOWN},
};
use super::hub::runtime;
use crate::{
    args::DemoArgs,
    error::{self, CliError},
    output::{Format, Output},
    signals::{Signal, Signals},
};

/// How long what the hub finds may be on its way.
const FOUND_WITHIN: Duration = Duration::from_secs(10);

/// Shows all of it once.
pub fn run(args: &DemoArgs) -> Result<(), CliError> {
    let folder = tempfile::Builder::new()
        .prefix("defender-demo-")
        .tempdir()
        .map_err(|error| CliError::Folder {
            path: env::temp_dir(),
            error,
        })?;
    let mut config = HubConfig::default();
    config.listen.web = args.web;
    config.listen.mqtt = Some((Ipv4Addr::LOCALHOST, 0).into());
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let (events, happening) = mpsc::unbounded_channel();
        let telling = events.clone();
        // Who is told nothing any more has ended.
        let notices = Notices::new(move |notice| drop(telling.send(Event::Notice(notice))));
        let hub = Hub::start(config, folder.path().to_owned(), notices).await?;
        let shown = {
            let mut stage = Stage {
                page: format!("http://{}", hub.web_address()),
                hub: &hub,
                happening,
                alerts: Vec::new(),
                output: Output::stdout(Format::Text),
            };
            tokio::select! {
                shown = stage.show(args, events) => shown,
                () = stopped(&mut signals) => Ok(()),
            }
        };
        let ended = hub.stop().await;
        shown?;
        Ok(ended?)
    })
}

/// Somebody has seen enough.
async fn stopped(signals: &mut Signals) {
    while let Signal::Reload = signals.next().await {}
}

/// What happens while it is shown.
enum Event {
    /// The fleet has come this far.
    Minute(u32, Sums),
    /// All that is to be shown fast was put in.
    Shown(Sums),
    /// The hub says something.
    Notice(Notice),
}

/// Where it is shown.
struct Stage<'a> {
    hub: &'a Hub,
    /// The address of the hub's page.
    page: String,
    happening: UnboundedReceiver<Event>,
    /// Those that the hub has told of.
    alerts: Vec<Alert>,
    output: Output,
}

impl Stage<'_> {
    async fn show(
        &mut self,
        args: &DemoArgs,
        events: UnboundedSender<Event>,
    ) -> Result<(), CliError> {
        self.say(show::beginning(&self.page, args.speed))?;
        let time = FleetTime::begin(args.speed);
        let fleet = devices::fleet(time.start())?;
        tokio::spawn(play(fleet, time, self.hub.intake().clone(), events));
        let sums = loop {
            match self.happening.recv().await {
                Some(Event::Minute(time, sums)) => self.say(show::minute(time, sums))?,
                Some(Event::Shown(sums)) => break sums,
                Some(Event::Notice(notice)) => self.tell(notice)?,
                None => return Ok(()),
            }
        };
        self.wait_for_the_bot().await?;
        if let Some(ending) = show::ending(sums, &self.alerts) {
            self.say(ending)?;
        }
        if !args.stay {
            return self.say(show::next());
        }
        let endpoint = self.hub.mqtt_address();
        let endpoint = endpoint.map(|address| format!("mqtt://{address}"));
        self.say(show::staying(&self.page, endpoint.as_deref()))?;
        while let Some(event) = self.happening.recv().await {
            if let Event::Notice(notice) = event {
                self.tell(notice)?;
            }
        }
        Ok(())
    }

    /// What was put in last may not have had its effect yet.
    async fn wait_for_the_bot(&mut self) -> Result<(), CliError> {
        let until = Instant::now() + FOUND_WITHIN;
        while !self.alerts.iter().any(|alert| alert.device == devices::BOT) {
            match timeout_at(until, self.happening.recv()).await {
                Ok(Some(Event::Notice(notice))) => self.tell(notice)?,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => {
                    return Err(CliError::Unnoticed {
                        seconds: FOUND_WITHIN.as_secs(),
                    });
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self, notice: Notice) -> Result<(), CliError> {
        match notice {
            Notice::Alert(change) if change.event == ChangeEvent::Raised => {
                self.say(show::alert(&change.alert, &self.page))?;
                self.alerts.push(change.alert);
            }
            Notice::Trouble(text) => text.lines().for_each(error::complain),
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, text: String) -> Result<(), CliError> {
        self.output.write_text(text)?;
        Ok(self.output.flush()?)
    }
}

/// Lets the fleet report, each message at its time, until nobody listens any more.
async fn play(fleet: Fleet, time: FleetTime, intake: Intake, events: UnboundedSender<Event>) {
    const MINUTE: u32 = 60;
    let mut sums = Sums::default();
    let mut is_minute_told = false;
    let mut is_shown = false;
    for delivery in fleet {
        let second = delivery.received;
        if second > time.start() + MINUTE && !std::mem::replace(&mut is_minute_told, true) {
            let _ = events.send(Event::Minute(time.start() + MINUTE, sums));
        }
        if second > time.start() + SHOWN && !std::mem::replace(&mut is_shown, true) {
            sleep(time.until(time.end())).await;
            let _ = events.send(Event::Shown(sums));
        }
        sleep(time.until(second)).await;
        sums.add(&delivery);
        if events.is_closed() || intake.put(delivery).await.is_err() {
            break;
        }
    }
}

impl Sums {
    fn add(&mut self, delivery: &Delivery) {
        let What::Report { payload, .. } = &delivery.what else {
            return;
        };
        self.messages += 1;
        self.traffic.add_message(payload);
    }
}
