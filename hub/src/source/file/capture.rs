//! A capture as an input: it is played through an agent of its own.

use std::sync::Arc;

use defender_detect::SignalKind;
use defender_message::{SecurityMessage, decode::Payload};
use defender_replay::{
    Plan, Replay,
    capture::{Capture, CaptureError, Opened, Packets, Tolerance},
};

use super::{Piece, Problems, Said, Source, What};

/// A week: so long a time without packets is lived through, with all heartbeats. A longer one was not captured.
const LONGEST_GAP: u64 = 7 * 24 * 60 * 60;

/// A capture on its way through an agent.
struct Played {
    device: Arc<str>,
    replay: Replay<Packets>,
    system: String,
    state: State,
    waiting: Option<Piece>,
}

enum State {
    Beginning,
    Going,
    Over,
}

/// Gets ready to play a capture for `device`, whose addresses are guessed when `local` names none.
pub(super) fn open(
    capture: Result<Capture, CaptureError>,
    device: String,
    said: Said<'_>,
    problems: &mut Problems,
) -> Option<Box<dyn Source>> {
    let opened = capture.and_then(|capture| capture.open(said.local.to_vec(), Tolerance::Lenient));
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            problems.tell(error);
            return None;
        }
    };
    let addresses = || {
        let addresses: Vec<_> = opened
            .device
            .addresses()
            .iter()
            .map(|own| own.to_string())
            .collect();
        addresses.join(", ")
    };
    if opened.is_guess {
        problems.note(format_args!(
            "{device}: taken to be {}{}",
            addresses(),
            doubt(&opened)
        ));
    } else if opened
        .absent()
        .is_some_and(|absent| absent.addresses.len() == said.local.len())
    {
        problems.tell(format_args!(
            "{device}: none of {} is in the capture; leave --local out and the device is guessed",
            addresses()
        ));
    }
    let mut plan = Plan::new(&*device, opened.device);
    plan.pace.longest_gap = LONGEST_GAP;
    Some(Box::new(Played {
        device: device.into(),
        replay: Replay::new(opened.packets, plan),
        system: said.system.unwrap_or_default().to_owned(),
        state: State::Beginning,
        waiting: None,
    }))
}

impl Source for Played {
    fn next(&mut self, problems: &mut Problems) -> Option<Piece> {
        if let Some(waiting) = self.waiting.take() {
            return Some(waiting);
        }
        let piece = self.read(problems)?;
        if matches!(self.state, State::Beginning) {
            self.state = State::Going;
            // The agent is ours, and its silence is nobody's: a capture ends when somebody stops it.
            let first = Piece {
                time: piece.time,
                device: Arc::clone(&self.device),
                what: What::Signal(SignalKind::Disconnected),
            };
            self.waiting = Some(piece);
            return Some(first);
        }
        Some(piece)
    }
}

impl Played {
    fn read(&mut self, problems: &mut Problems) -> Option<Piece> {
        if matches!(self.state, State::Over) {
            return None;
        }
        let decoded = match self.replay.next_message() {
            Ok(None) => {
                self.state = State::Over;
                let reader = self.replay.source().reader();
                for sentence in reader.faults().sentences(reader.name()) {
                    problems.note(sentence);
                }
                return None;
            }
            Ok(Some(message)) => SecurityMessage::decode(&message.bytes)
                .map(|decoded| (message.time, decoded))
                .map_err(|error| format!("{}: the agent's own message: {error}", self.device)),
            Err(error) => Err(error.to_string()),
        };
        match decoded {
            Ok((time, mut message)) => {
                self.state_system(&mut message);
                Some(Piece {
                    time: u32::try_from(time).unwrap_or(u32::MAX),
                    device: Arc::clone(&self.device),
                    what: What::Report(None, Box::new(message)),
                })
            }
            Err(problem) => {
                self.state = State::Over;
                problems.tell(problem);
                None
            }
        }
    }
}

impl Played {
    /// System information says what was said of the device, and nothing if nothing was: a capture does not tell.
    fn state_system(&self, message: &mut SecurityMessage) {
        for event in &mut message.events {
            if let Payload::SystemInformation {
                os_info,
                kernel_info,
                ..
            } = &mut event.payload
            {
                self.system.clone_into(os_info);
                kernel_info.clear();
            }
        }
    }
}

/// What a sentence about a guess goes on with: which others the device may be, and what to do if it is one of them.
#[must_use]
pub fn doubt(opened: &Opened) -> String {
    let others: Vec<_> = opened.others.iter().map(ToString::to_string).collect();
    match others.as_slice() {
        [] => "; --local says otherwise".to_owned(),
        [texts @ .., last] => {
            let and = if texts.is_empty() { "" } else { " and " };
            format!(
                "; the device may be {}{and}{last} as well: --local says which it is",
                texts.join(", ")
            )
        }
    }
}
