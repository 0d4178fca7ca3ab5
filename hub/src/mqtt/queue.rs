//! What one thread tells another, in order.
//!
//! Whoever takes gets all that there is at once, and whoever tells waits only where much is untaken: a flood of messages costs a
//! switch of threads for hundreds of them, not for each.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

/// The end that tells.
pub(super) struct Teller<T>(Arc<Shared<T>>);

/// The end that takes.
pub(super) struct Taker<T> {
    shared: Arc<Shared<T>>,
    taken: VecDeque<T>,
}

/// Nobody is at the other end any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone;

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    room: usize,
}

struct State<T> {
    told: VecDeque<T>,
    teller_is_there: bool,
    taker_is_there: bool,
}

/// A queue in which about `room` may wait.
pub(super) fn queue<T>(room: usize) -> (Teller<T>, Taker<T>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            told: VecDeque::new(),
            teller_is_there: true,
            taker_is_there: true,
        }),
        changed: Condvar::new(),
        room,
    });
    let taker = Taker {
        shared: Arc::clone(&shared),
        taken: VecDeque::new(),
    };
    (Teller(shared), taker)
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, waits: impl Fn(&State<T>) -> bool) -> MutexGuard<'_, State<T>> {
        self.changed
            .wait_while(self.lock(), |state| waits(state))
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Teller<T> {
    /// Tells something. Waits while too much is untaken.
    pub fn tell(&self, news: T) -> Result<(), Gone> {
        let room = self.0.room;
        let mut state = self
            .0
            .wait(|state| state.taker_is_there && state.told.len() >= room);
        if !state.taker_is_there {
            return Err(Gone);
        }
        let was_empty = state.told.is_empty();
        state.told.push_back(news);
        drop(state);
        if was_empty {
            self.0.changed.notify_one();
        }
        Ok(())
    }
}

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        self.0.lock().teller_is_there = false;
        self.0.changed.notify_one();
    }
}

impl<T> Taker<T> {
    /// The next that was told; waits for it.
    pub fn take(&mut self) -> Result<T, Gone> {
        if self.taken.is_empty() {
            let waits = |state: &State<T>| state.teller_is_there && state.told.is_empty();
            take_over(&self.shared, &mut self.taken, self.shared.wait(waits));
        }
        self.taken.pop_front().ok_or(Gone)
    }

    /// The next that was told, if there is something.
    pub fn try_take(&mut self) -> Result<Option<T>, Gone> {
        if self.taken.is_empty() {
            let state = self.shared.lock();
            if state.told.is_empty() && !state.teller_is_there {
                return Err(Gone);
            }
            take_over(&self.shared, &mut self.taken, state);
        }
        Ok(self.taken.pop_front())
    }
}

/// Takes all that there is, in place of what is empty.
fn take_over<T>(shared: &Shared<T>, taken: &mut VecDeque<T>, mut state: MutexGuard<'_, State<T>>) {
    let was_full = state.told.len() >= shared.room;
    std::mem::swap(&mut state.told, taken);
    drop(state);
    if was_full {
        shared.changed.notify_one();
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.shared.lock().taker_is_there = false;
        self.shared.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::*;

    #[test]
    fn all_that_is_told_is_taken_in_order_and_no_more_waits_than_has_room() {
        let (teller, mut taker) = queue(3);
        let telling = thread::spawn(move || {
            for number in 0..1000 {
                teller.tell(number).unwrap();
                assert!(teller.0.lock().told.len() <= 3);
            }
        });
        for number in 0..1000 {
            assert_eq!(taker.take(), Ok(number));
        }
        telling.join().unwrap();
        assert_eq!(taker.take(), Err(Gone));
        assert_eq!(taker.try_take(), Err(Gone));
    }

    #[test]
    fn what_was_told_before_the_end_is_taken() {
        let (teller, mut taker) = queue(3);
        assert_eq!(taker.try_take(), Ok(None));
        teller.tell(1).unwrap();
        teller.tell(2).unwrap();
        drop(teller);
        assert_eq!(taker.try_take(), Ok(Some(1)));
        assert_eq!(taker.take(), Ok(2));
        assert_eq!(taker.take(), Err(Gone));
    }

    #[test]
    fn nobody_waits_for_who_is_gone() {
        let (teller, taker) = queue(1);
        teller.tell(1).unwrap();
        let waiting = thread::spawn(move || teller.tell(2));
        thread::sleep(Duration::from_millis(20));
        drop(taker);
        assert_eq!(waiting.join().unwrap(), Err(Gone));
        let (teller, mut taker) = queue::<u8>(1);
        let waiting = thread::spawn(move || taker.take());
        thread::sleep(Duration::from_millis(20));
        drop(teller);
        assert_eq!(waiting.join().unwrap(), Err(Gone));
    }
}
