//! How much stack something takes.

use core::arch::asm;

const PAINT: u32 = 0xA5A5_A5A5;
const WORDS: usize = 2048;

/// Bytes of stack that `work` takes below the frame of its caller.
#[inline(never)]
pub fn depth(work: impl FnOnce()) -> u32 {
    let top: *mut u32;
    // SAFETY: it only reads the stack pointer.
    unsafe { asm!("mov {}, sp", out(reg) top, options(nomem, nostack, preserves_flags)) };
    for word in 1..WORDS {
        // SAFETY: the stack below is free: there are no interrupts, and this loop calls nobody.
        unsafe { top.sub(word).write_volatile(PAINT) };
    }
    work();
    let mut word = WORDS - 1;
    // SAFETY: likewise.
    while word > 0 && unsafe { top.sub(word).read_volatile() } == PAINT {
        word -= 1;
    }
    4 * word as u32
}
