//! Tells the library what the C side below it offers, and checks that it has what the agent needs.

use std::env;
use std::fs;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=wrapper.h");
    println!("cargo::rustc-check-cfg=cfg(host_port)");
    match env::var("DEP_NETXDUO_SOURCE").as_deref() {
        // Bare metal: whoever compiles the C checks it.
        Ok("declarations") => {}
        Ok(source) => {
            if source == "host" {
                println!("cargo::rustc-cfg=host_port");
            }
            check_configuration();
        }
        Err(_) => panic!("netxduo-sys did not say where NetX Duo comes from"),
    }
}

/// Compiles `wrapper.h` against the headers in use; the object is thrown away.
fn check_configuration() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let unit = out.join("configuration.c");
    fs::write(&unit, "#include \"wrapper.h\"\n").expect("OUT_DIR can be written");
    let includes = ["DEP_THREADX_INCLUDE", "DEP_NETXDUO_INCLUDE"]
        .into_iter()
        .filter_map(env::var_os)
        .flat_map(|paths| env::split_paths(&paths).collect::<Vec<_>>());
    cc::Build::new()
        .file(&unit)
        .include(&root)
        .includes(includes)
        .cargo_metadata(false)
        .compile("configuration");
}
