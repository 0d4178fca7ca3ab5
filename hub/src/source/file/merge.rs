//! Several inputs as one, in the order of their times.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use defender_detect::{Input, Report, Signal, SignalKind};
use defender_message::SecurityMessage;

use super::{Problems, Source};

/// A piece of an input.
#[derive(Debug)]
pub struct Piece {
    /// Its place in the order, in seconds of Unix time.
    pub time: u32,
    /// The device, or the hub itself when it is empty.
    pub device: Arc<str>,
    /// What it is.
    pub what: What,
}

/// What a piece of an input is.
#[derive(Debug)]
pub enum What {
    /// A security message, and when it was received if that is known.
    Report(Option<u32>, Box<SecurityMessage>),
    /// Something that a log tells.
    Signal(SignalKind),
}

impl Piece {
    /// As the detector takes it.
    #[must_use]
    pub fn input(&self) -> Input<'_> {
        match &self.what {
            What::Report(received, message) => Input::Report(Report {
                device: &self.device,
                received: *received,
                message,
            }),
            What::Signal(what) => Input::Signal(Signal {
                device: &self.device,
                received: self.time,
                what: *what,
            }),
        }
    }
}

/// All inputs as one. An input whose time goes back keeps its own order: what is too early comes right after what was before it.
pub struct Stream {
    sources: Vec<Lane>,
    /// Whose piece is next, by its time and then by the order of the inputs.
    turns: BinaryHeap<Reverse<(u32, usize)>>,
}

struct Lane {
    source: Box<dyn Source>,
    next: Option<Piece>,
}

impl Stream {
    /// Begins to read the inputs.
    pub fn new(
        sources: impl IntoIterator<Item = Box<dyn Source>>,
        problems: &mut Problems,
    ) -> Self {
        let mut stream = Self {
            sources: Vec::new(),
            turns: BinaryHeap::new(),
        };
        for (lane, source) in sources.into_iter().enumerate() {
            stream.sources.push(Lane { source, next: None });
            stream.read(lane, 0, problems);
        }
        stream
    }

    /// The next piece of all.
    pub fn next(&mut self, problems: &mut Problems) -> Option<Piece> {
        let Reverse((time, lane)) = self.turns.pop()?;
        let piece = self.sources.get_mut(lane)?.next.take();
        self.read(lane, time, problems);
        piece
    }

    fn read(&mut self, lane: usize, not_before: u32, problems: &mut Problems) {
        if let Some(place) = self.sources.get_mut(lane)
            && let Some(piece) = place.source.next(problems)
        {
            self.turns.push(Reverse((piece.time.max(not_before), lane)));
            place.next = Some(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Times(Vec<u32>);

    impl Source for Times {
        fn next(&mut self, _: &mut Problems) -> Option<Piece> {
            let time = self.0.pop()?;
            Some(Piece {
                time,
                device: "device".into(),
                what: What::Signal(SignalKind::Disconnected),
            })
        }
    }

    #[test]
    fn inputs_become_one_in_the_order_of_their_times() {
        let source = |times: &[u32]| -> Box<dyn Source> {
            Box::new(Times(times.iter().rev().copied().collect()))
        };
        let mut problems = Problems::new(|_| (), |_| ());
        let sources = [source(&[1, 5, 9]), source(&[]), source(&[2, 5, 3, 20])];
        let mut stream = Stream::new(sources, &mut problems);
        let mut times = Vec::new();
        while let Some(piece) = stream.next(&mut problems) {
            times.push(piece.time);
        }
        assert_eq!(times, [1, 2, 5, 5, 3, 9, 20]);
    }
}
