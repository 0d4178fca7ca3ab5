//! A connection, from its first byte to its last: reads, writes, and the clock. What to do is decided elsewhere.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use defender_detect::input::{SignalKind, Transport};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf},
    select,
    sync::OwnedSemaphorePermit,
    time::{sleep_until, timeout},
};

use super::{
    admission::{Access, Member},
    claim::Claim,
    codec::{self, ConnAck, ConnectReturnCode, Packet},
    conversation::{self, Step, Violation},
    hub::{Counters, Hub, JOURNAL_UNIT, unix_time},
    limits::{Pace, silence},
    outgoing::Again,
    registry::{Seat, lock},
};

mod introduction;
mod kept;
mod requests;

use self::kept::{Unkept, next_kept};
pub(super) use self::{
    introduction::{Origin, introduce},
    requests::MAX_TO_DEVICE,
};

/// How much is read at once of a client that has little to say, and of one that has more. Most are silent most of the time.
const READ: [usize; 2] = [2 << 10, 32 << 10];

/// How much may wait to be written before nothing more is read, and nothing more is put behind it.
const WRITE: usize = 128 << 10;

/// How long the last messages may take to be kept when the hub stops, and a refusal to be written.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A client that has said who it is, and is let in.
pub(super) struct Connection<S> {
    hub: Arc<Hub>,
    origin: Origin,
    member: Member,
    seat: Seat,
    /// What it wanted to be sent if it goes without a farewell.
    will: Option<(String, Bytes)>,
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    input: BytesMut,
    output: BytesMut,
    is_unflushed: bool,
    pace: Pace,
    /// What the client has sent and there was no time, or no room in the journal, for.
    held: Option<Step>,
    room: Option<OwnedSemaphorePermit>,
    unkept: VecDeque<Unkept>,
    unkept_bytes: usize,
    silence: Duration,
    /// When the client's token ends.
    until: Option<Instant>,
    is_farewell: bool,
    /// Whether it has told detection that the device is there.
    is_announced: bool,
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The client is gone, or said farewell.
    Gone,
    /// It has another connection.
    TakenOver,
    /// It does what it must not.
    Violation(Violation),
    /// It is silent for too long, or takes nothing, or its token has ended.
    Cut,
    /// A message could not be kept: the client sends it again.
    NotKept,
    /// The hub stops.
    Stopping,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<Violation> for End {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn new(
        hub: Arc<Hub>,
        origin: Origin,
        member: Member,
        claim: Claim,
        seat: Seat,
        stream: S,
        input: BytesMut,
    ) -> Self {
        let now = Instant::now();
        let mut output = BytesMut::new();
        let answer = ConnAck::new(ConnectReturnCode::Success, seat.is_present);
        codec::write(&Packet::ConnAck(answer), &mut output);
        let left = |until: u64| Duration::from_secs(until.saturating_sub(unix_time()));
        let (reader, writer) = tokio::io::split(stream);
        Self {
            pace: Pace::new(hub.limits.messages_per_second, hub.limits.burst, now),
            // A token that ends in a time that no clock here knows ends never.
            until: member.until.and_then(|until| now.checked_add(left(until))),
            silence: silence(claim.keep_alive),
            will: claim.will,
            hub,
            origin,
            member,
            seat,
            reader,
            writer,
            input,
            output,
            is_unflushed: false,
            held: None,
            room: None,
            unkept: VecDeque::new(),
            unkept_bytes: 0,
            is_farewell: false,
            is_announced: false,
        }
    }

    /// Serves the client until it goes, or has to.
    pub async fn serve(mut self) {
        if let Some(before) = self.seat.before.take() {
            self.hub.after(&self.member.id, &before).await;
        }
        if self.member.access == Access::Device {
            self.announce().await;
        }
        let end = match self.run().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        match end {
            End::Violation(violation) => self.violated(violation).await,
            End::Cut => Counters::add(&self.hub.counters.cut_off, 1),
            End::TakenOver if self.is_announced => {
                let source = Some(self.origin.source);
                let what = SignalKind::TakenOver { source };
                self.hub.signal(&self.member.id, what).await;
            }
            End::Gone | End::TakenOver | End::NotKept | End::Stopping => {}
        }
        if matches!(end, End::Stopping) {
            let _ = timeout(LAST_WORDS, self.last_words()).await;
        }
        if !self.is_farewell
            && let Some((topic, payload)) = self.will.take()
        {
            let what = requests::seen(&self.member.id, topic.as_bytes(), payload);
            let _ = self.hub.put(what, None).await;
        }
        if let Some(left) = self.hub.registry.leave(&self.seat) {
            self.hub.after(&self.member.id, &left).await;
        }
        let _ = timeout(LAST_WORDS, self.writer.shutdown()).await;
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        let mut stopping = self.hub.stopping.subscribe();
        let mut heard = Instant::now();
        let mut taken = Instant::now();
        let mut review = Instant::now() + self.hub.limits.reviewed_every;
        loop {
            if Instant::now() >= review {
                if !self.hub.is_enrolled(&self.member).await {
                    return Err(End::Cut);
                }
                review = Instant::now() + self.hub.limits.reviewed_every;
            }
            let is_hungry = self.work().await?;
            let now = Instant::now();
            let again_at = self.fill(now).await?;
            let is_writing = !self.output.is_empty() || self.is_unflushed;
            // Somebody who is not listened to cannot be heard, and somebody who is told nothing takes nothing.
            heard = if is_hungry { heard } else { now };
            taken = if is_writing { taken } else { now };
            let pause = self.held.is_some().then(|| now + self.pace.wait(now));
            let wants_room = self.held.as_ref().and_then(requests::journal_units);
            let wants_room = wants_room.filter(|_| self.room.is_none());
            let ends = [
                Some(heard + self.silence),
                Some(taken + self.hub.limits.taken_within),
                self.until,
            ];
            let end = ends.into_iter().flatten().min().unwrap_or(now);
            if end <= now {
                return Err(End::Cut);
            }
            let pause = pause.filter(|_| wants_room.is_none());
            let next = [Some(end), Some(review), again_at, pause];
            let next = next.into_iter().flatten().min().unwrap_or(end);
            self.input
                .reserve(READ[usize::from(!self.input.is_empty())]);
            select! {
                read = self.reader.read_buf(&mut self.input), if is_hungry => {
                    if read? == 0 {
                        return Err(End::Gone);
                    }
                    heard = Instant::now();
                }
                written = write(&mut self.writer, &mut self.output, &mut self.is_unflushed), if is_writing => {
                    written?;
                    taken = Instant::now();
                }
                kept = next_kept(&mut self.unkept), if !self.unkept.is_empty() => {
                    self.kept(kept)?;
                }
                room = Arc::clone(&self.hub.journal_room).acquire_many_owned(wants_room.unwrap_or(0)), if wants_room.is_some() => {
                    self.room = room.ok();
                }
                () = self.seat.wake.notified() => {}
                () = sleep_until(next.into()) => {}
                // It fails when the hub is gone.
                _ = stopping.wait_for(|is_stopping| *is_stopping) => return Err(End::Stopping),
            }
        }
    }

    /// Does what has come in. Says whether it takes more input to go on.
    async fn work(&mut self) -> Result<bool, End> {
        loop {
            if let Some(step) = self.held.take() {
                let now = Instant::now();
                let lacks_room = requests::journal_units(&step).is_some() && !self.has_room(&step);
                if lacks_room || !self.pace.take(now) {
                    self.held = Some(step);
                    return Ok(false);
                }
                self.apply(step).await?;
            }
            let limits = &self.hub.limits;
            let is_full = self.output.len() >= WRITE
                || self.unkept.len() >= limits.in_flight
                || self.unkept_bytes >= limits.in_flight_bytes;
            if is_full {
                return Ok(false);
            }
            match codec::read(&mut self.input, codec::MAX_PACKET) {
                Ok(None) => return Ok(true),
                Ok(Some(packet)) => {
                    let is_paced = matches!(
                        packet,
                        Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_)
                    );
                    let step = conversation::step(&self.member, packet)?;
                    match is_paced {
                        true => self.held = Some(step),
                        false => self.apply(step).await?,
                    }
                }
                Err(_) => return Err(Violation::Protocol.into()),
            }
        }
    }

    /// Whether there is room for a message on the way to the journal.
    fn has_room(&mut self, step: &Step) -> bool {
        if self.room.is_none() {
            let units = requests::journal_units(step).unwrap_or(0);
            self.room = Arc::clone(&self.hub.journal_room)
                .try_acquire_many_owned(units)
                .ok();
        }
        self.room.is_some()
    }

    /// Puts what waits for the client behind what goes out, and says when there is something to send again.
    async fn fill(&mut self, now: Instant) -> Result<Option<Instant>, End> {
        let mut rejected = 0;
        let again_at = {
            let mut session = lock(&self.seat.session);
            if !session.is_of(self.seat.number) {
                return Err(End::TakenOver);
            }
            if session.is_overrun() {
                return Err(End::Cut);
            }
            while self.output.len() < WRITE {
                let publish = match session.again(now) {
                    Some(Again::Rejected) => {
                        rejected += 1;
                        continue;
                    }
                    Some(Again::Send(publish)) => Some(publish),
                    None => session.next(now),
                };
                let Some(publish) = publish else {
                    break;
                };
                codec::write(&Packet::Publish(publish), &mut self.output);
            }
            session.again_at()
        };
        self.hub.rejected(&self.member.id, rejected).await;
        Ok(again_at)
    }

    async fn violated(&mut self, violation: Violation) {
        Counters::add(&self.hub.counters.violations, 1);
        let is_of_device = violation == Violation::Topic && self.member.access != Access::Service;
        if is_of_device && self.announce().await {
            let source = Some(self.origin.source);
            let what = SignalKind::UnauthorizedOperation { source };
            self.hub.signal_refusal(&self.member.id, what).await;
        }
    }
}

impl<S> Drop for Connection<S> {
    /// Whatever ends it, also a panic or the end of the runtime: the client is not there any more.
    fn drop(&mut self) {
        self.hub.registry.leave(&self.seat);
    }
}

impl Hub {
    /// Tells detection what follows from the end of a connection.
    async fn after(&self, device: &str, left: &super::session::Left) {
        self.rejected(device, left.rejected).await;
        if left.was_announced {
            self.signal(device, SignalKind::Disconnected).await;
        }
    }

    async fn rejected(&self, device: &str, count: usize) {
        let transport = Transport::Mqtt;
        for _ in 0..count {
            let what = SignalKind::CloudToDeviceRejected { transport };
            self.signal(device, what).await;
        }
    }
}

/// Writes a part of what goes out, and sees to it that nothing stays behind in TLS. It may be dropped at any time.
async fn write<W: AsyncWrite + Unpin>(
    writer: &mut W,
    output: &mut BytesMut,
    is_unflushed: &mut bool,
) -> io::Result<()> {
    if !output.is_empty() {
        *is_unflushed = true;
        if writer.write_buf(output).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    if output.is_empty() {
        writer.flush().await?;
        *is_unflushed = false;
    }
    Ok(())
}
