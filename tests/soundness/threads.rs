//! Threads: what they are given, and their memory, which the next one uses.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::kernel::{Kernel, ThreadStorage};

use crate::kernel::in_kernel;

type Given = (Arc<AtomicU32>, u32);

static THREAD: ThreadStorage<65_536, Given> = ThreadStorage::new();
static GO: AtomicBool = AtomicBool::new(false);

const IN_USE: Result<(), Error> = Err(Error::StorageInUse { what: "thread" });

/// Adds what it was given, once it may.
fn add(kernel: Kernel, (sum, number): Given) {
    while !GO.load(Ordering::Acquire) {
        kernel.sleep(Duration::from_millis(10)).unwrap();
    }
    sum.fetch_add(number, Ordering::AcqRel);
}

/// Starts a thread as soon as the one before has ended.
fn start_when_free(kernel: Kernel, sum: &Arc<AtomicU32>, number: u32) {
    for _ in 0..500 {
        let given = (Arc::clone(sum), number);
        match kernel.spawn_with(&THREAD, c"add", 9, given, add) {
            IN_USE => kernel.sleep(Duration::from_millis(10)).unwrap(),
            started => return started.unwrap(),
        }
    }
    panic!("the thread before has not ended");
}

#[test]
fn the_memory_of_a_thread_that_has_ended_is_the_next_ones() {
    in_kernel(|kernel| {
        let sum = Arc::new(AtomicU32::new(0));
        start_when_free(kernel, &sum, 1);
        // Not before it has ended, and what would have been given is dropped.
        for _ in 0..3 {
            let given = (Arc::clone(&sum), 1000);
            assert_eq!(kernel.spawn_with(&THREAD, c"add", 9, given, add), IN_USE);
        }
        assert_eq!(Arc::strong_count(&sum), 2);
        GO.store(true, Ordering::Release);
        for number in 2..=20 {
            start_when_free(kernel, &sum, number);
        }
        while Arc::strong_count(&sum) > 1 {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
        assert_eq!(sum.load(Ordering::Acquire), (1..=20).sum());
    });
}

#[test]
fn what_a_thread_is_given_is_dropped_when_it_is_refused() {
    in_kernel(|kernel| {
        GO.store(true, Ordering::Release);
        let sum = Arc::new(AtomicU32::new(0));
        let given = || (Arc::clone(&sum), 1);
        assert!(
            kernel
                .spawn_with(&THREAD, c"add", 32, given(), add)
                .is_err()
        );
        // A thread that is not ThreadX' has the rights of an interrupt.
        thread::scope(|scope| {
            let refused = || kernel.spawn_with(&THREAD, c"add", 9, given(), add).is_err();
            assert!(scope.spawn(refused).join().unwrap());
        });
        assert_eq!(Arc::strong_count(&sum), 1);
        start_when_free(kernel, &sum, 1);
    });
}

#[test]
fn threads_that_want_the_same_memory_at_once_get_it_one_after_another() {
    static STARTERS: [ThreadStorage<65_536, Arc<AtomicU32>>; 4] =
        [const { ThreadStorage::new() }; 4];
    in_kernel(|kernel| {
        GO.store(true, Ordering::Release);
        let sum = Arc::new(AtomicU32::new(0));
        for starter in &STARTERS {
            let start = |kernel, sum| {
                for _ in 0..25 {
                    start_when_free(kernel, &sum, 1);
                }
            };
            kernel
                .spawn_with(starter, c"starter", 10, Arc::clone(&sum), start)
                .unwrap();
        }
        while Arc::strong_count(&sum) > 1 {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
        assert_eq!(sum.load(Ordering::Acquire), 100);
    });
}
