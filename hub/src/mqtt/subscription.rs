//! The watcher's side: what devices send, as it comes.

use std::{
    process,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use tokio::{sync::oneshot, time};

use super::{
    ANSWERS_WITHIN, Endpoint, Failure, HubError, MAX_MESSAGE, MessageKind, Sender,
    backoff::Backoff,
    client::{self, Connection, Event, Handle, Identity, Incoming, Receipt},
    queue::{Gone, Taker, Teller, queue},
    topic,
};

/// Messages that may wait for whoever watches. After that the hub waits.
const QUEUE: usize = 256;

/// Messages of an earlier session that may come before the hub's answer to the subscription.
const EARLY: usize = 4 * QUEUE;

/// What a subscription asks of its hub. Without a session the hub forgets it with every connection.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionOptions {
    session: Option<String>,
    is_of_all: bool,
}

impl SubscriptionOptions {
    /// The hub is to keep the session of this name while the subscription is away, and what devices send meanwhile. The name
    /// is the MQTT client id. Messages are acknowledged by [`Subscription::acknowledge`] then.
    #[must_use]
    pub fn session(mut self, name: impl Into<String>) -> Self {
        self.session = Some(name.into());
        self
    }

    /// All messages of devices, and those to devices, come, not security messages alone.
    #[must_use]
    pub fn of_all_messages(mut self) -> Self {
        self.is_of_all = true;
        self
    }
}

/// A subscription to the messages of all devices.
///
/// A thread of its own keeps its connection. When that is lost it is tried again, after a pause that grows until connections
/// last. Dropped, it says farewell to the hub.
pub struct Subscription {
    handle: Arc<Handle>,
    opened: Opened,
    // Both are there until it is dropped.
    news: Option<Taker<News>>,
    driver: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// What a subscription tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum Update {
    /// A security message, or another one if [they are asked for](SubscriptionOptions::of_all_messages).
    Message(Arrival),
    /// A message, of whatever kind, that is larger than [`MAX_MESSAGE`] and was left out.
    Skipped {
        /// Its topic.
        topic: String,
        /// Its size in bytes.
        size: usize,
    },
    /// There is no connection, or no subscription.
    Lost {
        /// Why not.
        failure: Failure,
        /// How long it waits before it tries again.
        pause: Duration,
    },
    /// The connection is back, and subscribed.
    Back {
        /// How long it was not.
        away: Duration,
        /// What has become of the messages in between.
        session: Session,
    },
}

/// A message that came in, not decoded yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Arrival {
    /// Who sent it, or is to get it.
    pub sender: Sender,
    /// What it is.
    pub kind: MessageKind,
    /// The message.
    pub payload: Vec<u8>,
    /// When it came in, in seconds of Unix time.
    pub received: u64,
    receipt: Receipt,
}

/// What a hub keeps of a subscription that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Session {
    /// Nothing: it was not asked to.
    Unkept,
    /// It had a session of the name, and goes on with it.
    Resumed,
    /// It had none, or no longer.
    New,
}

/// How a connection began.
#[derive(Debug)]
struct Opened {
    session: Session,
    refused: Vec<String>,
}

/// What the thread that drives the connection tells.
enum News {
    Opened(Opened),
    NotOpened(Failure),
    Update(Update),
}

impl Subscription {
    /// Connects and subscribes.
    ///
    /// # Errors
    /// [`HubError`] when the first try does not succeed. A hub that refuses some of the topics is not an error; see
    /// [`refused`](Self::refused).
    pub fn open(hub: &Endpoint, options: &SubscriptionOptions) -> Result<Self, HubError> {
        let client_id = options.session.clone().unwrap_or_else(client_id);
        let identity = Identity {
            client_id: &client_id,
            keeps_session: options.session.is_some(),
        };
        let (handle, connection) = client::new(hub, &identity);
        let handle = Arc::new(handle);
        let (told, news) = queue(QUEUE);
        let watch = Watch {
            connection,
            handle: Arc::clone(&handle),
            keeps_session: identity.keeps_session,
            is_of_all: options.is_of_all,
            told,
        };
        let (stop, stopped) = oneshot::channel();
        let driver = super::on_a_thread(async move {
            tokio::select! {
                _ = watch.run() => {}
                _ = stopped => {}
            }
        })?;
        let mut subscription = Self {
            handle,
            opened: Opened {
                session: Session::Unkept,
                refused: Vec::new(),
            },
            news: Some(news),
            driver: Some((stop, driver)),
        };
        match subscription.next_news()? {
            News::Opened(opened) => subscription.opened = opened,
            News::NotOpened(failure) => {
                let url = hub.to_string();
                return Err(HubError::Connecting { url, failure });
            }
            News::Update(_) => return Err(stopped_early()),
        }
        Ok(subscription)
    }

    /// Whether the hub had kept something for it when it was opened.
    #[must_use]
    pub fn session(&self) -> Session {
        self.opened.session
    }

    /// The topics that the hub does not let us see.
    #[must_use]
    pub fn refused(&self) -> &[String] {
        &self.opened.refused
    }

    /// The next update; waits for it.
    ///
    /// # Errors
    /// [`HubError::Stopped`] when there will be none.
    pub fn next_update(&mut self) -> Result<Update, HubError> {
        match self.next_news()? {
            News::Update(update) => Ok(update),
            News::Opened(_) | News::NotOpened(_) => Err(stopped_early()),
        }
    }

    /// The next update, if there is one already.
    ///
    /// # Errors
    /// [`HubError::Stopped`] when there will be none.
    pub fn try_update(&mut self) -> Result<Option<Update>, HubError> {
        match self.news.as_mut().map(Taker::try_take) {
            Some(Ok(Some(News::Update(update)))) => Ok(Some(update)),
            Some(Ok(None)) => Ok(None),
            _ => Err(stopped_early()),
        }
    }

    fn next_news(&mut self) -> Result<News, HubError> {
        let news = self.news.as_mut().and_then(|news| news.take().ok());
        news.ok_or_else(stopped_early)
    }

    /// Tells the hub that a message is dealt with. Only then does a hub that keeps the session forget it; without a session this
    /// does nothing.
    pub fn acknowledge(&self, arrival: Arrival) {
        // Without a connection the hub sends it again.
        let _ = self.handle.acknowledge(arrival.receipt);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Whoever waits to tell us something need not.
        self.news = None;
        let said = self.handle.end();
        if let Some((stop, driver)) = self.driver.take() {
            super::leave(said, stop, driver);
        }
    }
}

fn stopped_early() -> HubError {
    HubError::Stopped("its thread ended; this is a bug, please report it".into())
}

/// A name that no other watcher has: a broker drops the older of two clients with the same name.
fn client_id() -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("defender-watch-{}-{:x}", process::id(), now.as_nanos())
}

/// Nobody wants to know any more.
struct Unwatched;

/// What drives a subscription.
struct Watch {
    connection: Connection,
    handle: Arc<Handle>,
    keeps_session: bool,
    is_of_all: bool,
    told: Teller<News>,
}

impl Watch {
    fn tell(&self, news: News) -> Result<(), Unwatched> {
        self.told.tell(news).map_err(|Gone| Unwatched)
    }

    async fn run(mut self) -> Result<(), Unwatched> {
        let mut backoff = Backoff::new();
        let mut lost: Option<Instant> = None;
        loop {
            let failure = match self.subscribe(&mut backoff).await {
                Ok((opened, early)) => {
                    self.tell(match lost.take() {
                        None => News::Opened(opened),
                        Some(lost) => News::Update(Update::Back {
                            away: lost.elapsed(),
                            session: opened.session,
                        }),
                    })?;
                    early
                        .into_iter()
                        .try_for_each(|message| self.message(message))?;
                    self.pass_on().await?
                }
                Err(failure) if lost.is_none() => return self.tell(News::NotOpened(failure)),
                Err(failure) => failure,
            };
            lost.get_or_insert_with(Instant::now);
            self.connection.leave();
            let pause = backoff.failed(Instant::now());
            self.tell(News::Update(Update::Lost { failure, pause }))?;
            time::sleep(pause).await;
        }
    }

    /// Makes a connection, and subscribes. Messages of a session may come before the hub's answer.
    async fn subscribe(
        &mut self,
        backoff: &mut Backoff,
    ) -> Result<(Opened, Vec<Incoming>), Failure> {
        let session = loop {
            if let Event::Connected { session_present } = self.connection.next().await? {
                break match (self.keeps_session, session_present) {
                    (false, _) => Session::Unkept,
                    (true, true) => Session::Resumed,
                    (true, false) => Session::New,
                };
            }
        };
        backoff.connected(Instant::now());
        let filters = topic::filters(self.is_of_all);
        self.handle.subscribe(filters).map_err(|_| Failure::Ended)?;
        let mut early = Vec::new();
        let answered = time::timeout(ANSWERS_WITHIN, self.answer(&mut early));
        let accepted = match answered.await {
            Err(_) => return Err(Failure::NoAnswer),
            Ok(Err(Failure::Closed)) => return Err(Failure::ClosedInstead),
            Ok(answer) => answer?,
        };
        let refused: Vec<_> = filters
            .iter()
            .zip(accepted)
            .filter(|(_, is_accepted)| !is_accepted)
            .map(|(filter, _)| (*filter).to_owned())
            .collect();
        if refused.len() == filters.len() {
            return Err(Failure::NotSubscribed(refused));
        }
        Ok((Opened { session, refused }, early))
    }

    /// Waits for the answer to a subscription.
    async fn answer(&mut self, early: &mut Vec<Incoming>) -> Result<Vec<bool>, Failure> {
        loop {
            match self.connection.next().await? {
                Event::Subscribed(accepted) => return Ok(accepted),
                Event::Message(_) if early.len() == EARLY => return Err(Failure::NoAnswer),
                Event::Message(message) => early.push(message),
                _ => {}
            }
        }
    }

    /// Passes on what comes, until the connection is lost.
    async fn pass_on(&mut self) -> Result<Failure, Unwatched> {
        loop {
            match self.connection.next().await {
                Ok(Event::Message(message)) => self.message(message)?,
                Ok(Event::Ended) => return Err(Unwatched),
                Ok(_) => {}
                Err(failure) => return Ok(failure),
            }
        }
    }

    fn message(&self, message: Incoming) -> Result<(), Unwatched> {
        let seen = str::from_utf8(&message.topic).ok().and_then(topic::message);
        let update = match seen {
            _ if message.size > MAX_MESSAGE => Update::Skipped {
                topic: String::from_utf8_lossy(&message.topic).into_owned(),
                size: message.size,
            },
            Some((sender, kind)) if self.wants(kind, message.is_retained) => {
                let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
                return self.tell(News::Update(Update::Message(Arrival {
                    sender,
                    kind,
                    payload: message.payload,
                    received: now.as_secs(),
                    receipt: message.receipt,
                })));
            }
            _ => {
                let _ = self.handle.acknowledge(message.receipt);
                return Ok(());
            }
        };
        let _ = self.handle.acknowledge(message.receipt);
        self.tell(News::Update(update))
    }

    /// Whether a message matters to who watches. One that the hub has retained is sent with each connection, and nothing that happens; a
    /// security message tells by its ids that it is repeated.
    fn wants(&self, kind: MessageKind, is_retained: bool) -> bool {
        kind == MessageKind::Security || self.is_of_all && !is_retained
    }
}
