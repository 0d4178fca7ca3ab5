//! The interrupt lockout, which notes how long interrupts stay off, and the counter of instructions.

use core::arch::global_asm;

/// Timer 0 of the board: control, value that counts down, value that it starts from again.
const TIMER: *mut u32 = 0x4000_0000 as *mut u32;

/// QEMU's `-icount shift=7`: 128 ns an instruction, and 40 ns a tick of the timer.
const NANOSECONDS_AN_INSTRUCTION: u64 = 128;
const NANOSECONDS_A_TICK: u64 = 40;

// As upstream's port has it, with the recording in between. A section that begins inside another one is part of that.
global_asm!(
    ".pushsection .text._tx_thread_interrupt_disable,\"ax\",%progbits",
    ".globl _tx_thread_interrupt_disable",
    ".type _tx_thread_interrupt_disable,%function",
    ".thumb_func",
    "_tx_thread_interrupt_disable:",
    "mrs r0, primask",
    "cpsid i",
    "ldr r1, =0x40000000",
    "ldr r1, [r1, #4]",
    "ldr r2, =stand_in_sections",
    "cmp r0, #0",
    "it eq",
    "streq r1, [r2]",
    "bx lr",
    ".ltorg",
    ".popsection",
    ".pushsection .text._tx_thread_interrupt_restore,\"ax\",%progbits",
    ".globl _tx_thread_interrupt_restore",
    ".type _tx_thread_interrupt_restore,%function",
    ".thumb_func",
    "_tx_thread_interrupt_restore:",
    "ldr r1, =0x40000000",
    "ldr r1, [r1, #4]",
    "cmp r0, #0",
    "bne 1f",
    "ldr r2, =stand_in_sections",
    "ldr r3, [r2]",
    "subs r1, r3, r1",
    "ldr r3, [r2, #4]",
    "cmp r1, r3",
    "it hi",
    "strhi r1, [r2, #4]",
    "ldr r3, [r2, #8]",
    "adds r3, r3, #1",
    "str r3, [r2, #8]",
    "1:",
    "msr primask, r0",
    "bx lr",
    ".ltorg",
    ".popsection",
    ".pushsection .bss.stand_in_sections,\"aw\",%nobits",
    ".balign 4",
    ".globl stand_in_sections",
    "stand_in_sections: .skip 12",
    ".popsection",
);

#[repr(C)]
struct Recorded {
    began: u32,
    longest: u32,
    count: u32,
}

unsafe extern "C" {
    static mut stand_in_sections: Recorded;
}

/// Instructions of the two functions above, and of upstream's, which are `mrs`, `cpsid`, `bx`, and `msr`, `bx`.
const RECORDING: u32 = (9 + 16) - (3 + 2);

/// Instructions between the two looks at the timer that upstream's functions would not have there.
const BETWEEN: u32 = 7 - 2;

/// Sections with interrupts off.
#[derive(Clone, Copy, Debug)]
pub struct Sections {
    /// Instructions of the longest, from behind the one that turns interrupts off to the one that turns them on again.
    pub longest: u32,
    /// How many there were.
    pub count: u32,
}

/// Lets the timer run.
pub fn start_timer() {
    // SAFETY: the board's timer, which this crate alone uses.
    unsafe {
        TIMER.add(2).write_volatile(u32::MAX);
        TIMER.add(1).write_volatile(u32::MAX);
        TIMER.write_volatile(1);
    }
}

/// Instructions of `work`, without those of recording, and the sections in it.
#[inline(always)]
pub fn measure(work: impl FnOnce()) -> (u32, Sections) {
    let recorded = &raw mut stand_in_sections;
    // SAFETY: only this thread and the two functions above, which it calls, use it.
    unsafe {
        recorded.write_volatile(Recorded {
            began: 0,
            longest: 0,
            count: 0,
        });
    }
    let began = now();
    work();
    let ticks = began.wrapping_sub(now());
    // SAFETY: likewise.
    let recorded = unsafe { recorded.read_volatile() };
    let sections = Sections {
        longest: to_instructions(recorded.longest).saturating_sub(BETWEEN),
        count: recorded.count,
    };
    // The second look at the timer is one, too.
    let all = to_instructions(ticks) - 1;
    (all - recorded.count * RECORDING, sections)
}

#[inline(always)]
fn now() -> u32 {
    // SAFETY: the board's timer.
    unsafe { TIMER.add(1).read_volatile() }
}

/// Rounded: a tick is a third of an instruction.
fn to_instructions(ticks: u32) -> u32 {
    let nanoseconds = u64::from(ticks) * NANOSECONDS_A_TICK;
    ((nanoseconds + NANOSECONDS_AN_INSTRUCTION / 2) / NANOSECONDS_AN_INSTRUCTION) as u32
}
