//! What passes from the thread that journals to the one that judges.
//!
//! The first is not to wait for the second: something that concerns all of a fleet takes minutes, and devices wait for their acknowledgements.
//! So only a few batches pass in memory. Others pass as their numbers, and are read from the journal when their turn comes.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use defender_detect::Policy;
use prometheus_client::metrics::gauge::Gauge;

use crate::store::Batch;

/// The most batches in memory.
const IN_MEMORY: usize = 4;

/// The most bytes of batches that may wait for their effect; the last batch may go beyond. A start has to feed as many.
const MOST_BYTES: usize = 256 << 20;

/// What the thread that judges is told, in order.
pub(crate) enum Order {
    /// A batch that is in the journal.
    Batch(Batch),
    /// The same, which is to be read there.
    Journaled(i64),
    /// What decides from now on.
    Exchange(Arc<Policy>),
}

/// Nobody judges any more. What is in the journal waits there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gone;

/// Where orders are given. Clones give to the same thread.
#[derive(Clone)]
pub(crate) struct Giver {
    orders: Sender<(Order, usize)>,
    waiting: Arc<Waiting>,
}

/// Where they are taken.
pub(crate) struct Taker {
    orders: Receiver<(Order, usize)>,
    waiting: Arc<Waiting>,
}

struct Waiting {
    sums: Mutex<Sums>,
    /// There is less of it.
    less: Condvar,
    most_bytes: usize,
    /// Shows how many bytes there are.
    shown: Gauge,
}

#[derive(Default)]
struct Sums {
    in_memory: usize,
    bytes: usize,
    is_gone: bool,
}

/// Where orders are given and where they are taken; the metric shows how many bytes of batches wait.
pub(crate) fn handover(shown: Gauge) -> (Giver, Taker) {
    bounded(shown, MOST_BYTES)
}

fn bounded(shown: Gauge, most_bytes: usize) -> (Giver, Taker) {
    let (give, take) = mpsc::channel();
    let waiting = Arc::new(Waiting {
        sums: Mutex::default(),
        less: Condvar::new(),
        most_bytes,
        shown,
    });
    let giver = Giver {
        orders: give,
        waiting: Arc::clone(&waiting),
    };
    let taker = Taker {
        orders: take,
        waiting,
    };
    (giver, taker)
}

impl Waiting {
    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, sums: &Sums) {
        self.shown
            .set(i64::try_from(sums.bytes).unwrap_or(i64::MAX));
    }
}

impl Giver {
    /// Hands over a batch that has so many bytes in the journal. Waits while very much of it has had no effect yet.
    pub fn batch(&self, batch: Batch, bytes: usize) -> Result<(), Gone> {
        let sums = self.waiting.sums();
        let is_too_much = |sums: &mut Sums| sums.bytes >= self.waiting.most_bytes && !sums.is_gone;
        let waited = self.waiting.less.wait_while(sums, is_too_much);
        let mut sums = waited.unwrap_or_else(PoisonError::into_inner);
        sums.bytes += bytes;
        let order = if sums.in_memory < IN_MEMORY {
            sums.in_memory += 1;
            Order::Batch(batch)
        } else {
            Order::Journaled(batch.number)
        };
        self.waiting.show(&sums);
        self.orders.send((order, bytes)).map_err(|_| Gone)
    }

    /// Hands over what is to decide.
    pub fn exchange(&self, policy: Arc<Policy>) -> Result<(), Gone> {
        let order = (Order::Exchange(policy), 0);
        self.orders.send(order).map_err(|_| Gone)
    }
}

impl Taker {
    /// The next order, for which it waits so long.
    pub fn next(&self, wait: Duration) -> Result<Order, RecvTimeoutError> {
        let (order, bytes) = self.orders.recv_timeout(wait)?;
        let mut sums = self.waiting.sums();
        sums.bytes -= bytes;
        sums.in_memory -= usize::from(matches!(order, Order::Batch(_)));
        self.waiting.show(&sums);
        self.waiting.less.notify_one();
        Ok(order)
    }

    /// Whether no batch waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.sums().bytes == 0
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.waiting.sums().is_gone = true;
        self.waiting.less.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn batch(number: i64) -> Batch {
        Batch {
            number,
            entries: Vec::new(),
        }
    }

    #[test]
    fn what_finds_no_room_in_memory_passes_as_its_number_and_in_order() {
        let shown = Gauge::default();
        let (giver, taker) = handover(shown.clone());
        for number in 1..=7 {
            giver.batch(batch(number), 100).unwrap();
        }
        giver.exchange(Arc::default()).unwrap();
        assert_eq!(shown.get(), 700);
        let next = || match taker.next(Duration::ZERO) {
            Ok(Order::Batch(batch)) => ("batch", batch.number),
            Ok(Order::Journaled(number)) => ("journaled", number),
            Ok(Order::Exchange(_)) => ("exchange", 0),
            Err(_) => ("nothing", 0),
        };
        let first = [next(), next(), next()];
        assert_eq!(first, [("batch", 1), ("batch", 2), ("batch", 3)]);
        // There is room again.
        giver.batch(batch(8), 100).unwrap();
        let others = [next(), next(), next(), next(), next(), next(), next()];
        assert_eq!(
            others,
            [
                ("batch", 4),
                ("journaled", 5),
                ("journaled", 6),
                ("journaled", 7),
                ("exchange", 0),
                ("batch", 8),
                ("nothing", 0)
            ]
        );
        assert_eq!(shown.get(), 0);
    }

    #[test]
    fn who_is_very_far_ahead_waits_until_that_is_less_or_nobody_judges() {
        let (giver, taker) = bounded(Gauge::default(), 1000);
        giver.batch(batch(1), 999).unwrap();
        giver.batch(batch(2), 999).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| giver.batch(batch(3), 999));
            thread::sleep(Duration::from_millis(50));
            assert!(!waiting.is_finished());
            taker.next(Duration::ZERO).unwrap();
            assert_eq!(waiting.join().unwrap(), Ok(()));

            let waiting = scope.spawn(|| giver.batch(batch(4), 999));
            thread::sleep(Duration::from_millis(50));
            assert!(!waiting.is_finished());
            drop(taker);
            assert_eq!(waiting.join().unwrap(), Err(Gone));
        });
        assert_eq!(giver.exchange(Arc::default()), Err(Gone));
    }
}
