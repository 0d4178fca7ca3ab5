//! What is wrong with inputs: told one by one, and in sum when it is much.

use std::fmt::Display;

/// Problems of an input that are told one by one.
const TOLD: u32 = 10;

type Tell = Box<dyn FnMut(&dyn Display) + Send>;

/// Where it is told what is wrong with inputs.
pub struct Problems {
    count: u64,
    complain: Tell,
    note: Tell,
}

impl Problems {
    /// Problems go to `complain`, and what is merely worth knowing to `note`.
    pub fn new(
        complain: impl FnMut(&dyn Display) + Send + 'static,
        note: impl FnMut(&dyn Display) + Send + 'static,
    ) -> Self {
        Self {
            count: 0,
            complain: Box::new(complain),
            note: Box::new(note),
        }
    }

    /// Tells one.
    pub fn tell(&mut self, problem: impl Display) {
        self.count += 1;
        (self.complain)(&problem);
    }

    /// Tells what is no problem.
    pub(super) fn note(&mut self, text: impl Display) {
        (self.note)(&text);
    }

    /// How many problems there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// What is wrong with one input: told one by one, and in sum when it is much.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    count: u32,
}

impl Complaints {
    pub fn tell(&mut self, problems: &mut Problems, problem: impl Display) {
        self.count = self.count.saturating_add(1);
        if self.count <= TOLD {
            problems.tell(problem);
        }
    }

    /// So many more, of which no more is known.
    pub fn untold(&mut self, others: usize) {
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        self.count = self.count.saturating_add(others);
    }

    /// After the last one.
    pub fn sum_up(&mut self, problems: &mut Problems, input: impl Display) {
        let others = std::mem::take(&mut self.count).saturating_sub(TOLD);
        if others > 0 {
            problems.tell(format_args!("{input}: {others} more like this"));
        }
    }
}
