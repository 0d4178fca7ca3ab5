//! Lays an image out for the board that stands for its target.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let board = match env::var("TARGET")?.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" => "mps2-an385",
        "thumbv7em-none-eabihf" => "mps2-an386",
        "thumbv8m.main-none-eabihf" => "mps2-an505",
        "riscv32imac-unknown-none-elf" | "riscv64gc-unknown-none-elf" => "virt",
        // With an operating system nothing is to be laid out.
        _ => return Ok(()),
    };
    let layout = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("boards/{board}.x"));
    let out = env::var("OUT_DIR")?;
    fs::copy(&layout, Path::new(&out).join("memory.x"))?;
    println!("cargo::rerun-if-changed={}", layout.display());
    println!("cargo::rustc-link-search={out}");
    if board == "virt" {
        // Cortex-M's start-up includes it.
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    Ok(())
}
