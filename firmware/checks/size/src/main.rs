//! The smallest firmware with the agent: it enables the agent on an instance of the middleware that C made, and disables it
//! again. `.ci/size` looks at the image; nobody runs it.

#![no_std]
#![no_main]

use core::panic::PanicInfo;
use core::time::Duration;

use threadx_defender::agent::EntropyUnavailable;
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::kernel::{Kernel, ThreadStorage};

static MAIN: ThreadStorage<4096> = ThreadStorage::new();
static DEFENDER: DefenderStorage = DefenderStorage::new();

#[cortex_m_rt::entry]
fn main() -> ! {
    let _ = Kernel::enter(|kernel| {
        let _ = kernel.spawn(&MAIN, c"main", 16, run);
    });
    halt()
}

fn run(kernel: Kernel) {
    // SAFETY: the stand-in's instance is static, and has what the agent looks at.
    let azure = unsafe { AzureIot::from_raw(stand_in::azure()) };
    let defender = Defender::builder()
        .entropy(entropy)
        .unix_time(unix_time)
        .enable(&DEFENDER, &azure);
    let _ = kernel.sleep(Duration::from_secs(10));
    drop(defender);
}

fn entropy(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    stand_in::random(bytes);
    Ok(())
}

fn unix_time() -> Option<u32> {
    Some(stand_in::unix_time())
}

fn halt() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    halt()
}
