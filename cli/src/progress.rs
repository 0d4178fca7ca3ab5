//! Progress of long work, shown on a terminal.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows on standard error how far some work is, once it takes long enough and if that is a terminal.
pub struct Progress {
    total: u64,
    begun: Instant,
    bar: Option<ProgressBar>,
    is_terminal: bool,
    /// Whether standard output goes to the terminal that the bar is on.
    shares_terminal: bool,
}

impl Progress {
    /// The time from the first to the last packet, as far as it is known.
    pub fn new(span: Option<(Duration, Duration)>) -> Self {
        let total = span.map_or(Duration::ZERO, |(start, end)| end.saturating_sub(start));
        Self {
            total: total.as_secs(),
            begun: Instant::now(),
            bar: None,
            is_terminal: io::stderr().is_terminal(),
            shares_terminal: io::stdout().is_terminal(),
        }
    }

    /// Notes that the work is at `position`.
    pub fn at(&mut self, position: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
        } else if self.is_terminal && self.begun.elapsed() > PATIENCE {
            let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr())
                .with_style(style())
                .with_elapsed(self.begun.elapsed());
            bar.set_position(position);
            self.bar = Some(bar);
        }
    }

    /// Does what writes to standard output, without the bar in its way when that is a terminal, too.
    pub fn while_printing<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) if self.shares_terminal => bar.suspend(write),
            _ => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{wide_bar} {percent}% of {len} s, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
