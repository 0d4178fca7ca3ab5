//! What ThreadX' port for Cortex-M asks of a board: its start, its tick, priorities of exceptions.

use core::ffi::c_void;

use cortex_m::peripheral::{NVIC, SCB, SYST};
use cortex_m_rt::exception;

use super::CLOCK;

/// As in `tx_user.h`.
const TICKS_PER_SECOND: u32 = 100;

/// Priorities: 0xFF is the lowest. SVC and PendSV change threads, which is what comes last.
const LOWEST: u8 = 0xFF;
const TICK: u8 = 0x40;

unsafe extern "C" {
    static mut _tx_thread_system_stack_ptr: *mut c_void;
    static mut _tx_initialize_unused_memory: *mut c_void;
    static mut __sheap: u32;
    fn _tx_timer_interrupt();
}

/// ThreadX begins. Interrupts stay off until the first thread runs.
// SAFETY: ThreadX calls it once, before there are threads.
#[unsafe(no_mangle)]
unsafe extern "C" fn _tx_initialize_low_level() {
    cortex_m::interrupt::disable();
    // SAFETY: these are registers of the core and variables of ThreadX, and nobody else is there yet. The first word of the vector table is
    // the end of the stack on which exceptions run.
    unsafe {
        let scb = &*SCB::PTR;
        _tx_thread_system_stack_ptr = *(scb.vtor.read() as *const *mut c_void);
        _tx_initialize_unused_memory = (&raw mut __sheap).cast();
        // Of the exceptions 4 to 15: SVC is 11, PendSV 14, SysTick 15.
        scb.shpr[11 - 4].write(LOWEST);
        scb.shpr[14 - 4].write(LOWEST);
        scb.shpr[15 - 4].write(TICK);
        let systick = &*SYST::PTR;
        systick.rvr.write(CLOCK / TICKS_PER_SECOND - 1);
        systick.cvr.write(0);
        // The core's clock, with an interrupt, on.
        systick.csr.write(0b111);
    }
}

#[exception]
fn SysTick() {
    // SAFETY: this is the tick.
    unsafe { _tx_timer_interrupt() };
}

/// Lets a device interrupt.
pub fn enable_interrupt(number: u16, priority: u8) {
    let at = usize::from(number);
    // SAFETY: registers of the core, whose bits of other interrupts are not touched.
    unsafe {
        let nvic = &*NVIC::PTR;
        nvic.ipr[at].write(priority);
        nvic.iser[at / 32].write(1 << (at % 32));
    }
}
