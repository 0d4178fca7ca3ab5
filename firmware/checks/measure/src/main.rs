//! Counts the agent's instructions on a Cortex-M4F in QEMU, and fails where a budget is exceeded.
//!
//! `cargo run --release` in the folder above, with `--target thumbv7em-none-eabihf -p measure`. Every figure is exact and the
//! same in every run: QEMU's clock goes with the instructions, and the timer tells single ones apart.

#![no_std]
#![no_main]

mod alike;
mod collections;
mod hooks;
mod packets;
mod sections;
mod stack;
mod table;

use core::arch::asm;

use semihosting::process::ExitCode;
use threadx_defender::agent::{EntropyUnavailable, Settings};
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::kernel::{Kernel, ThreadStorage};

use crate::table::Table;

static MAIN: ThreadStorage<4096> = ThreadStorage::new();
static SMALL: DefenderStorage<64, 64> = DefenderStorage::new();
static LARGE: DefenderStorage<1024, 1024> = DefenderStorage::new();

/// Random bytes, which are known, so that flows can be found that look alike. With these, none of the known flows
/// shares a chain with another one; those that do are measured apart.
const RANDOM: u8 = 0xA7;

#[cortex_m_rt::entry]
fn main() -> ! {
    stand_in::start_timer();
    // The agent is enabled on threads only.
    let entered = Kernel::enter(|kernel| {
        if let Err(error) = kernel.spawn(&MAIN, c"main", 16, run) {
            panic!("there is no thread: {error}");
        }
    });
    // The stand-in returns when the thread has ended, and `run` does not let it.
    panic!("the kernel was not entered: {entered:?}")
}

fn run(_: Kernel) {
    check_counter();
    let mut table = Table::new();
    hooks::known_flows(&mut table, &SMALL);
    collections::seconds(&mut table, &SMALL);
    sections::worst(&mut table, &SMALL);
    sections::worst(&mut table, &LARGE);
    alike::chains(&mut table, &SMALL);
    alike::chains(&mut table, &LARGE);
    if table.is_within_budgets() {
        ExitCode::SUCCESS.exit_process()
    }
    semihosting::eprintln!("a budget is exceeded");
    ExitCode::FAILURE.exit_process()
}

/// Instructions are counted one by one, whatever QEMU does: a few that are known by their code.
fn check_counter() {
    // SAFETY: they do nothing.
    let (all, _) =
        stand_in::measure(|| unsafe { asm!("nop", "nop", "nop", options(nomem, nostack)) });
    assert_eq!(all, 3, "instructions of three nops");
    // SAFETY: allowed in every context. The return, the second call, and what turns interrupts on again.
    let (_, empty) = stand_in::measure(|| unsafe {
        asm!(
            "bl _tx_thread_interrupt_disable",
            "bl _tx_thread_interrupt_restore",
            out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r12") _, out("lr") _,
        );
    });
    assert_eq!((empty.longest, empty.count), (3, 1), "an empty section");
}

/// Enables the agent, with its first collection after 30 seconds.
fn enable<const V4: usize, const V6: usize>(storage: &'static DefenderStorage<V4, V6>) -> Defender {
    // SAFETY: the stand-in's instance is static, and has what the agent looks at.
    let azure = unsafe { AzureIot::from_raw(stand_in::azure()) };
    let mut settings = Settings::new();
    let no_jitter = settings.set_first_collection_jitter(core::time::Duration::ZERO);
    assert!(
        no_jitter.is_ok(),
        "a first collection without jitter is refused"
    );
    let defender = Defender::builder()
        .settings(settings)
        .entropy(|bytes| -> Result<(), EntropyUnavailable> {
            bytes.fill(RANDOM);
            Ok(())
        })
        .unix_time(|| Some(stand_in::unix_time()))
        .enable(storage, &azure);
    match defender {
        Ok(defender) => {
            // Hooks are placed with the first second.
            stand_in::pass_second();
            defender
        }
        Err(error) => panic!("the agent cannot be enabled: {error}"),
    }
}
