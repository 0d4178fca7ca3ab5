//! Links as cortex-m-rt wants it, with the memory of the stand-in's board.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
