//! How an agent begins and ends, whoever does what when: the decisions, apart from what they are about.
//!
//! It ends on the thread that disables it, or, where that may not wait or finds something in use, with the next second. Whatever
//! goes on at the same time, it ends once, with all its hooks taken out, and nothing of it runs afterwards: a test goes through the
//! interleavings (`tests/interleavings.rs`).

/// What the one agent of a device is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is none.
    #[default]
    Free,
    /// Somebody enables one.
    Starting,
    /// It watches and sends.
    Running,
    /// It was disabled, and is not gone yet.
    Ending,
}

/// Where the agent is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Life {
    phase: Phase,
    /// Which agent it is, of all that there were.
    number: u32,
}

impl Life {
    /// All zero, as a static wants it.
    pub const NONE: Self = Self {
        phase: Phase::Free,
        number: 0,
    };
}

/// What an agent is made of, for these decisions.
pub(super) trait Parts {
    /// What is had by whoever is alone with the agent.
    type Alone<'a>;
    type Error;

    /// Looks at the life, and changes it, in one step.
    fn life<R>(&self, change: impl FnOnce(&mut Life) -> R) -> R;

    /// From now on packets go to nobody, and no hooks are placed.
    fn close(&self);

    /// Places the hooks that are not in place yet, unless it was closed.
    fn place(&self);

    /// Takes the hooks out, as far as that can be done at once. Returns whether all are out.
    fn take_out(&self) -> bool;

    /// Works with the agent while nobody else does. An error if that takes a wait and `wait` says no, or if the caller does
    /// already, further up its stack.
    fn alone<R>(
        &self,
        wait: bool,
        work: impl FnOnce(&mut Self::Alone<'_>) -> Result<R, Self::Error>,
    ) -> Result<R, Self::Error>;

    /// Ends the agent: seconds come no more.
    fn finish(&self, alone: &mut Self::Alone<'_>);

    /// Lets go of what it is enabled on.
    fn release(&self);
}

/// Claims the place of the agent. Returns whether it was free.
pub(super) fn claim(parts: &impl Parts) -> bool {
    parts.life(|life| {
        let free = life.phase == Phase::Free;
        if free {
            life.phase = Phase::Starting;
            life.number = life.number.wrapping_add(1);
        }
        free
    })
}

/// Sets up what was claimed with `prepare`, which lets packets and seconds in, or undoes what it did; then hooks are placed.
pub(super) fn start<P: Parts>(
    parts: &P,
    wait: bool,
    prepare: impl FnOnce(&mut P::Alone<'_>) -> Result<(), P::Error>,
) -> Result<(), P::Error> {
    let started = parts.alone(wait, |alone| {
        prepare(alone)?;
        parts.place();
        parts.life(|life| life.phase = Phase::Running);
        Ok(())
    });
    started.inspect_err(|_| free(parts))
}

/// Does a second's `work`, and ends what was disabled meanwhile.
pub(super) fn second<P: Parts>(parts: &P, work: impl FnOnce(&mut P::Alone<'_>)) {
    // Where it cannot be had there is none any more.
    let _: Result<(), P::Error> = parts.alone(true, |alone| {
        if is_running(parts) {
            parts.place();
            work(alone);
        }
        let life = parts.life(|life| *life);
        end(parts, alone, life);
        Ok(())
    });
}

/// Disables it, and ends it if that can be done now. `wait`: `None` where no thread is.
pub(super) fn stop<P: Parts>(parts: &P, wait: Option<bool>) {
    let life = parts.life(|life| {
        life.phase = Phase::Ending;
        *life
    });
    parts.close();
    parts.take_out();
    if let Some(wait) = wait {
        // What cannot be done now is done with the next second.
        let _: Result<(), P::Error> = parts.alone(wait, |alone| {
            end(parts, alone, life);
            Ok(())
        });
    }
}

/// Whether it is enabled, and nobody has disabled it.
pub(super) fn is_running(parts: &impl Parts) -> bool {
    parts.life(|life| life.phase == Phase::Running)
}

/// Ends the agent if it is still that one, and it has been disabled.
fn end<P: Parts>(parts: &P, alone: &mut P::Alone<'_>, disabled: Life) {
    let is_it = || parts.life(|life| *life == disabled);
    if disabled.phase == Phase::Ending && is_it() && parts.take_out() {
        parts.finish(alone);
        free(parts);
    }
}

fn free(parts: &impl Parts) {
    parts.release();
    parts.life(|life| life.phase = Phase::Free);
}
