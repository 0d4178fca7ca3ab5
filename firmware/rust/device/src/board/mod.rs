//! What belongs to the board: here QEMU's mps2-an385 and mps2-an386, a Cortex-M3 and an M4F at 25 MHz with 4 MB of each memory.

mod threadx;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m_rt::{ExceptionFrame, exception};
use semihosting::{eprintln, process};
use threadx_defender::agent::EntropyUnavailable;

use crate::ETHERNET;

/// The core's clock, in Hz.
const CLOCK: u32 = 25_000_000;

/// Where the LAN9118 is.
pub const ETHERNET_ADDRESS: usize = 0x4020_0000;

/// The LAN9118's interrupt.
pub const ETHERNET_INTERRUPT: u16 = 13;

/// Ends QEMU: all went well.
pub fn end() -> ! {
    process::exit(0)
}

/// Ends QEMU, after a fault. A device would restart.
pub fn stop() -> ! {
    process::exit(1)
}

/// Lets the Ethernet controller interrupt, below the tick.
pub fn enable_ethernet_interrupt() {
    threadx::enable_interrupt(ETHERNET_INTERRUPT, 0x60);
}

/// Random bytes. **The boards of QEMU have no source of them**: these are the same after every start but for what the time of packets adds,
/// which is nothing for a product.
pub fn entropy(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    for byte in bytes {
        *byte = (random() >> 8) as u8;
    }
    Ok(())
}

fn random() -> u32 {
    static STATE: AtomicU32 = AtomicU32::new(0x2545_F491);
    let mut state = STATE.load(Ordering::Relaxed) ^ cortex_m::peripheral::SYST::get_current();
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    STATE.store(state | 1, Ordering::Relaxed);
    state
}

/// NetX Duo's random numbers: `NX_RAND` in this repository's `nx_user.h`.
// SAFETY: nobody else defines it, as a link without it says.
#[unsafe(no_mangle)]
extern "C" fn netxduo_sys_random() -> i32 {
    (random() >> 1) as i32
}

/// All interrupts of devices.
// SAFETY: it does what an interrupt of ThreadX may: it sets event flags, by way of NetX Duo.
#[exception]
unsafe fn DefaultHandler(interrupt: i16) {
    if interrupt == ETHERNET_INTERRUPT as i16 {
        ETHERNET.interrupt();
    } else {
        panic!("interrupt {interrupt} is nobody's");
    }
}

// SAFETY: it does not return.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    eprintln!("hard fault: {frame:?}");
    stop()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    eprintln!("{info}");
    stop()
}
