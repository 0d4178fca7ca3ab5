//! The hub itself: store, worker, sinks, API, endpoint and sources together, from start to stop.

mod certificates;
mod endpoint;
mod error;
mod sinks;
mod sources;
mod upkeep;

use std::{
    fs::File,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc as channel, oneshot, watch},
    task, time,
};

pub use self::error::{StartError, StopError};
use self::{
    certificates::Certificate,
    endpoint::{Doors, Endpoint},
    sources::{Running, Sources},
    upkeep::{Exchanging, delete_old, policy, tick, until},
};
use crate::{
    clock::Clock,
    config::HubConfig,
    endpoint::Control,
    health::Health,
    intake::{Delivery, Intake, What},
    metrics::Metrics,
    notice::Notices,
    store::{self, Keep, Store, StoreError},
    web::{self, Access, Api, Listening, TlsListener},
    worker::{Gather, Judge, Limits, Scribe, handover},
};

/// Devices between two commits when something concerns all of a fleet: less than a second's writing, also on a slow machine.
const PORTION: usize = 4096;

/// How long sources may take to end, and sinks to be told what is left, when the hub stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long what was acknowledged may take to have its effect then. The next start does the rest.
const LAST_EFFECT: Duration = Duration::from_secs(30);

/// A hub that runs.
pub struct Hub {
    web: SocketAddr,
    /// There until it is stopped.
    endpoint: Option<Endpoint>,
    intake: Intake,
    health: Arc<Health>,
    notices: Notices,
    reload: web::Reload,
    certificates: Vec<Certificate>,
    sources: Running,
    stop: watch::Sender<bool>,
    judge: task::JoinHandle<Result<(), StoreError>>,
    serving: task::JoinHandle<std::io::Result<()>>,
    /// Those of sinks: they end when the judge does.
    tellers: Vec<JoinHandle<()>>,
    /// Last: the folder is somebody else's when everything has ended.
    _store: Store,
    _lock: File,
}

impl Hub {
    /// Starts a hub that keeps what it knows in a folder, which is made if need be. Returns when everything that its journal had has had its
    /// effect and sources are open. Must be called within a runtime of several threads.
    ///
    /// # Errors
    /// [`StartError`] says what is wrong with the configuration, the folder, or an address.
    pub async fn start(
        config: HubConfig,
        folder: PathBuf,
        notices: Notices,
    ) -> Result<Self, StartError> {
        let access = access(&config)?;
        let listener = bind(config.listen.web, "web").await?;
        let web = listener.local_addr().map_err(StartError::Listen)?;
        let mut certificates = Vec::new();
        let listening = match (&config.web.certificate, &config.web.key) {
            (Some(certificate), Some(key)) => {
                let (certificate, key) = (certificate.clone(), key.clone());
                let read = move || Ok(web::server_config(&certificate, &key)?);
                let certificate = Certificate::read("web", read)?;
                let listener = TlsListener::new(listener, certificate.current());
                certificates.push(certificate);
                Listening::Tls(listener.map_err(StartError::Listen)?)
            }
            _ => Listening::Plain(listener),
        };
        let mut doors = Doors::bind(&config, &folder).await?;
        certificates.extend(doors.certificate.take());
        let lock = store::lock(&folder)?;
        let opened = folder.clone();
        let store = blocking(move || Store::open(&opened)).await?;
        let reader = Arc::new(store.reader()?);
        if access.is_closed() && !reader.has_users()? {
            notices.info("nobody can use the page or the API yet: `defender hub user add NAME` makes a user, and section [web] may name a token for programs");
        }
        let sinks = sinks::build(&config.sink)?;
        let names = sinks.iter().map(|(name, _)| name.clone()).collect();
        let writer = store.clone();
        blocking(move || writer.set_sinks(names)).await?;
        let in_force = policy(&config.detection, &reader, &notices).await?;
        let deciding = Arc::clone(&in_force.policy);
        let in_force = watch::Sender::new(Arc::new(in_force));

        let progress = reader.progress()?;
        let clock = Arc::new(Clock::not_before(progress.time));
        if clock.ahead() > Duration::from_secs(60) {
            notices.trouble(format_args!(
                "the clock of this machine is {} behind the time of what is stored: the hub's goes on slowly until it is not",
                humantime::format_duration(Duration::from_secs(clock.ahead().as_secs()))
            ));
        }
        let metrics = Arc::new(Metrics::new());
        let health = Arc::new(Health::default());
        let (intake, deliveries) = Intake::new(config.limits.waiting);
        let (reload, reloads) = channel::channel(1);
        let (stop, stopping) = watch::channel(false);
        let changes = watch::Sender::new(0);
        let people = blocking(web::People::new).await?;
        let api = Arc::new(Api {
            store: store.clone(),
            reader: Arc::clone(&reader),
            intake: intake.clone(),
            reload: reload.clone(),
            in_force: in_force.subscribe(),
            clock: Arc::clone(&clock),
            metrics: Arc::clone(&metrics),
            health: Arc::clone(&health),
            access,
            people,
            changes: changes.clone(),
            stopping: stopping.clone(),
            listeners: Arc::new(Semaphore::new(web::LISTENERS)),
        });
        let serving = task::spawn(web::serve(listening, web::router(api), until(&stopping)));

        let mut judge = Judge {
            gather: Gather::new(
                deciding,
                Limits {
                    devices: config.limits.devices,
                    forget_after: config.keep.devices,
                    portion: PORTION,
                },
            ),
            store: store.clone(),
            sinks: Vec::new(),
            changes,
            metrics: Arc::clone(&metrics),
            health: Arc::clone(&health),
            notices: notices.clone(),
            farewell: LAST_EFFECT,
        };
        let catching_up = Arc::clone(&reader);
        let (mut judge, next) = blocking(move || {
            judge.catch_up(&catching_up)?;
            Ok((judge, catching_up.last_batch()? + 1))
        })
        .await?;
        let mut tellers = Vec::new();
        for (name, sink) in sinks {
            let (wake, woken) = mpsc::sync_channel(1);
            judge.sinks.push(wake);
            let teller = crate::sink::Teller {
                name,
                sink,
                reader: store.reader()?,
                store: store.clone(),
                wake: woken,
                metrics: Arc::clone(&metrics),
                health: Arc::clone(&health),
                notices: notices.clone(),
            };
            tellers.push(thread("sink", move || teller.run())?);
        }
        let (orders, ordered) = handover(metrics.behind.clone());
        let journal = store.reader()?;
        let judge = task::spawn_blocking(move || judge.run(&ordered, &journal));
        let scribe = Scribe {
            deliveries,
            held: None,
            judge: orders.clone(),
            store: store.clone(),
            next,
            clock: Arc::clone(&clock),
            metrics: Arc::clone(&metrics),
            health: Arc::clone(&health),
            notices: notices.clone(),
        };
        thread("journal", move || scribe.run())?;
        let exchanging = Exchanging {
            files: config.detection.clone(),
            reader: Arc::clone(&reader),
            orders,
            in_force,
            notices: notices.clone(),
        };
        task::spawn(exchanging.run(reloads, stopping.clone()));
        task::spawn(tick(intake.clone(), Arc::clone(&clock), stopping.clone()));
        let keep = Keep {
            traffic: config.keep.traffic,
            alerts: config.keep.alerts,
        };
        task::spawn(delete_old(
            store.clone(),
            keep,
            clock,
            notices.clone(),
            stopping,
        ));
        let sources = Sources {
            intake: intake.clone(),
            store: store.clone(),
            health: Arc::clone(&health),
            notices: notices.clone(),
        };
        let sources = sources.start(&config.source)?;
        let endpoint = doors.open(&config, &store, &folder, intake.clone(), &notices)?;
        metrics.watch(endpoint.server.control());
        health.ready();
        Ok(Self {
            web,
            endpoint: Some(endpoint),
            intake,
            health,
            notices,
            reload,
            certificates,
            sources,
            stop,
            judge,
            serving,
            tellers,
            _store: store,
            _lock: lock,
        })
    }

    /// Where the API is.
    #[must_use]
    pub fn web_address(&self) -> SocketAddr {
        self.web
    }

    /// Where the MQTT endpoint listens without TLS, if it does.
    #[must_use]
    pub fn mqtt_address(&self) -> Option<SocketAddr> {
        self.endpoint.as_ref()?.plain
    }

    /// Where the MQTT endpoint listens with TLS, if it does.
    #[must_use]
    pub fn mqtts_address(&self) -> Option<SocketAddr> {
        self.endpoint.as_ref()?.tls
    }

    /// What the service's side of the MQTT endpoint may do.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        Some(self.endpoint.as_ref()?.server.control())
    }

    /// Where a source of one's own puts what it has seen.
    #[must_use]
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// Reads again what decides: settings, groups, rules, exceptions, threat lists. If a file is of no use all stays as it was, which is
    /// told. Certificates, likewise, each on its own: connections that are there keep theirs.
    pub async fn reload(&self) {
        for certificate in &self.certificates {
            certificate.renew(&self.notices);
        }
        let (done, result) = oneshot::channel();
        if self.reload.send(done).await.is_ok()
            && let Ok(result) = result.await
        {
            match result {
                Ok(()) => self
                    .notices
                    .info("rules, lists, exceptions and settings were read again"),
                Err(reason) => self.notices.trouble(format_args!(
                    "{reason}\nrules, lists, exceptions and settings stay as they were"
                )),
            }
        }
    }

    /// Waits until the hub can do no more, which does not happen while all is well.
    ///
    /// # Errors
    /// [`StopError`] says why.
    pub async fn failed(&mut self) -> StopError {
        match (&mut self.judge).await {
            Ok(Err(error)) => StopError::Store(error),
            _ => StopError::Stopped,
        }
    }

    /// Stops: what was acknowledged has its effect, at the next start if that takes longer than half a minute, and sinks are told as far as they listen.
    ///
    /// # Errors
    /// [`StopError`] when the store does not take what is left. The next start finds it in the journal.
    pub async fn stop(mut self) -> Result<(), StopError> {
        self.health.stop();
        for following in &self.sources.following {
            following.end_with_the_file();
        }
        let threads = std::mem::take(&mut self.sources.threads);
        let endpoint = self.endpoint.take();
        let stopped = async {
            if let Some(endpoint) = endpoint {
                endpoint.server.stop().await;
            }
        };
        // What they have acknowledged until then is before the last tick.
        tokio::join!(wait_for(threads), stopped);
        self.close();
        let judged = if self.judge.is_finished() {
            Ok(())
        } else {
            match (&mut self.judge).await {
                Ok(result) => result.map_err(StopError::Store),
                Err(_) => Err(StopError::Stopped),
            }
        };
        wait_for(std::mem::take(&mut self.tellers)).await;
        // A connection that is kept open must not hold it up.
        let _ = time::timeout(Duration::from_secs(1), &mut self.serving).await;
        judged
    }

    /// Whatever comes from here on is not taken any more.
    fn close(&self) {
        self.health.close();
        // Nobody listens any more when all have ended by themselves.
        let _ = self.stop.send(true);
        let last = Delivery {
            received: 0,
            what: What::Tick,
            kept: None,
        };
        // Wakes the scribe. If there is no room it is awake.
        self.intake.try_put(last);
    }
}

/// One that is not stopped must end all the same: a runtime waits for its threads.
impl Drop for Hub {
    fn drop(&mut self) {
        self.health.stop();
        self.close();
    }
}

/// Waits for threads to end, but not for long.
async fn wait_for(threads: Vec<JoinHandle<()>>) {
    let begun = Instant::now();
    while begun.elapsed() < FAREWELL && threads.iter().any(|thread| !thread.is_finished()) {
        time::sleep(Duration::from_millis(5)).await;
    }
}

/// Who may use the API, if that can be.
fn access(config: &HubConfig) -> Result<Access, StartError> {
    let address = config.listen.web;
    let is_loopback = address.ip().is_loopback();
    let web = &config.web;
    if web.certificate.is_some() != web.key.is_some() {
        return Err(StartError::HalfCertificate("web"));
    }
    if !is_loopback && web.certificate.is_none() && web.proxies.is_empty() {
        return Err(StartError::Open(address));
    }
    let token = web.token.as_ref();
    Ok(Access {
        is_loopback,
        proxies: web.proxies.iter().map(IpAddr::to_canonical).collect(),
        token: token.map(|token| token.read()).transpose()?,
    })
}

async fn bind(address: SocketAddr, name: &'static str) -> Result<TcpListener, StartError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| StartError::Bind {
        address,
        name,
        error,
    })
}

/// Does what takes long beside everything else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    task::spawn_blocking(work)
        .await
        .map_err(|_| StoreError::Gone)?
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map_err(StartError::Thread)
}
