//! How an agent begins and ends, whoever does what when: the decisions, apart from what they are about.
//!
//! It ends on the thread that disables it, or, where that may not wait or finds something in use, with the next second. Whatever
//! goes on at the same time, it ends once, with all its hooks taken out, and nothing of it runs afterwards: a test goes through the
//! interleavings (`tests/interleavings.rs`).

/// What the one agent of a device is doing.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Phase {
    /// There is none.
    Free,
    /// Somebody enables one.
    Starting,
    /// It watches and sends.
    Running,
    /// It was disabled, and is not gone yet.
    Ending,
}

/// Where the agent is in its life: in one word its [`Phase`], and which agent it is of all that there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Life(pub u32);

impl Life {
    const PHASES: u32 = 0b11;

    fn is(self, phase: Phase) -> bool {
        self.0 & Self::PHASES == phase as u32
    }

    fn enter(&mut self, phase: Phase) {
        self.0 = self.0 & !Self::PHASES | phase as u32;
    }
}

/// What an agent is made of, for these decisions.
pub(super) trait Parts {
    /// What is had by whoever is alone with the agent.
    type Alone<'a>
    where
        Self: 'a;
    /// Why nobody is.
    type Refusal;

    /// Looks at the life, and changes it, in one step.
    fn life<R>(&self, change: impl FnOnce(&mut Life) -> R) -> R;

    /// The life as it is.
    fn now(&self) -> Life;

    /// From now on packets go to nobody, and no hooks are placed.
    fn close(&self);

    /// Places the hooks that are not in place yet, unless it was closed.
    fn place(&self);

    /// Takes the hooks out, as far as that can be done at once. Returns whether all are out.
    fn take_out(&self) -> bool;

    /// Nobody else works with the agent until the result is dropped. An error if that takes a wait and `wait` says no, or if the
    /// caller does already, further up its stack.
    fn alone(&self, wait: bool) -> Result<Self::Alone<'_>, Self::Refusal>;

    /// Ends the agent: seconds come no more.
    fn finish(&self, alone: &mut Self::Alone<'_>);

    /// Lets go of what it is enabled on.
    fn release(&self);
}

/// Claims the place of the agent. Returns whether it was free.
pub(super) fn claim(parts: &impl Parts) -> bool {
    parts.life(|life| {
        let free = life.is(Phase::Free);
        if free {
            life.0 = life.0.wrapping_add(Life::PHASES + 1);
            life.enter(Phase::Starting);
        }
        free
    })
}

/// Sets up what was claimed with `prepare`, which lets packets and seconds in, or undoes what it did; then hooks are placed.
pub(super) fn start<P: Parts, E: From<P::Refusal>>(
    parts: &P,
    wait: bool,
    prepare: impl FnOnce(&mut P::Alone<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let started = parts.alone(wait).map_err(E::from).and_then(|mut alone| {
        prepare(&mut alone)?;
        parts.place();
        parts.life(|life| life.enter(Phase::Running));
        Ok(())
    });
    started.inspect_err(|_| free(parts))
}

/// Does a second's `work`, and ends what was disabled meanwhile.
pub(super) fn second<P: Parts>(parts: &P, work: impl FnOnce(&mut P::Alone<'_>)) {
    // Where it cannot be had there is none any more.
    if let Ok(mut alone) = parts.alone(true) {
        if is_running(parts) {
            parts.place();
            work(&mut alone);
        }
        end(parts, &mut alone, parts.now());
    }
}

/// Disables it, and ends it if that can be done now. `wait`: `None` where no thread is.
pub(super) fn stop<P: Parts>(parts: &P, wait: Option<bool>) {
    let life = parts.life(|life| {
        life.enter(Phase::Ending);
        *life
    });
    parts.close();
    parts.take_out();
    // What cannot be done now is done with the next second.
    if let Some(wait) = wait
        && let Ok(mut alone) = parts.alone(wait)
    {
        end(parts, &mut alone, life);
    }
}

/// Whether it is enabled, and nobody has disabled it.
pub(super) fn is_running(parts: &impl Parts) -> bool {
    parts.now().is(Phase::Running)
}

/// Ends the agent if it is still that one, and it has been disabled.
fn end<P: Parts>(parts: &P, alone: &mut P::Alone<'_>, disabled: Life) {
    if disabled.is(Phase::Ending) && parts.now() == disabled && parts.take_out() {
        parts.finish(alone);
        free(parts);
    }
}

fn free(parts: &impl Parts) {
    parts.release();
    parts.life(|life| life.enter(Phase::Free));
}
