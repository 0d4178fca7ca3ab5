//! Lays out the image, and puts into it what the device knows from its manufacturing: its hub, whom to trust, who it is.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    fs::copy("memory.x", Path::new(&out).join("memory.x"))?;
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rustc-link-search={out}");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    for (name, default) in [
        ("DEVICE_HUB", "hub.example"),
        ("DEVICE_ID", "device-1"),
        ("DEVICE_KEY", "c2VjcmV0"),
        ("DEVICE_MESSAGES", "0"),
    ] {
        println!("cargo::rerun-if-env-changed={name}");
        let value = env::var(name).unwrap_or_else(|_| default.to_owned());
        println!("cargo::rustc-env={name}={value}");
    }
    println!("cargo::rerun-if-env-changed=DEVICE_CA");
    let ca = env::var("DEVICE_CA").map_err(
        |_| "DEVICE_CA must name the file with the certificate of whoever issued the hub's, in DER",
    )?;
    println!("cargo::rerun-if-changed={ca}");
    fs::copy(&ca, Path::new(&out).join("ca.der")).map_err(|error| format!("{ca}: {error}"))?;
    Ok(())
}
