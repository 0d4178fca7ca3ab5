//! Takes the sample out of the README.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    println!("cargo::rerun-if-changed={}", readme.display());
    let text = fs::read_to_string(&readme)?;
    let sample = text
        .split_once("```rust,no_run\n")
        .and_then(|(_, rest)| rest.split_once("```\n"))
        .ok_or("README.md has no sample for firmware")?
        .0;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("sample.rs"), sample)?;
    Ok(())
}
