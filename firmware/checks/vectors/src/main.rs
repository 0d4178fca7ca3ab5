//! Runs the agent on the captures `office`, `exotic` and `scan`, and writes the messages into files: one program for every
//! processor, and for this machine, so that the files can be compared.
//!
//! Reads `NAME.pcap`, and writes `NAME.messages`: each message behind its length, both in the folder in which it is started.
//! On a microcontroller that is the folder of QEMU, by semihosting.

#![cfg_attr(target_os = "none", no_std, no_main)]

mod capture;
mod device;
#[cfg_attr(target_os = "none", path = "files/semihosting.rs")]
#[cfg_attr(not(target_os = "none"), path = "files/operating_system.rs")]
mod files;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use capture::Capture;
use files::{Input, Output};

/// A capture, and the device's addresses: `10.N.0.2` and `fdN::2`.
struct Case {
    name: &'static str,
    number: u8,
}

const CASES: [Case; 3] = [
    Case {
        name: "office",
        number: 77,
    },
    Case {
        name: "exotic",
        number: 79,
    },
    Case {
        name: "scan",
        number: 78,
    },
];

fn run() {
    for Case { name, number } in CASES {
        let v6 = 0xFD00 | u16::from(number / 10 * 16 + number % 10);
        let local: [IpAddr; 2] = [
            Ipv4Addr::new(10, number, 0, 2).into(),
            Ipv6Addr::new(v6, 0, 0, 0, 0, 0, 0, 2).into(),
        ];
        let Some(mut capture) = Input::open(name).and_then(Capture::new) else {
            panic!("{name}.pcap is missing, or no capture");
        };
        let mut output = Output::create(name);
        device::device().replay(&mut capture, &local, |message| {
            output.write(&(message.len() as u32).to_le_bytes());
            output.write(message);
        });
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    run();
}

#[cfg(all(target_os = "none", target_arch = "arm"))]
#[cortex_m_rt::entry]
fn main() -> ! {
    run();
    semihosting::process::exit(0)
}

#[cfg(all(
    target_os = "none",
    any(target_arch = "riscv32", target_arch = "riscv64")
))]
#[riscv_rt::entry]
fn main() -> ! {
    run();
    semihosting::process::exit(0)
}
