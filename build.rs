//! Tells the library what the C side below it offers, and checks that it has what the agent needs.

use std::env;
use std::fs;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=wrapper.h");
    let source =
        env::var("DEP_NETXDUO_SOURCE").expect("netxduo-sys says where NetX Duo comes from");
    // What the host port has for tests, upstream's Linux port may have, too.
    let simulation = ["MANUAL_CLOCK", "PACKET_INJECTION", "HUB_TRANSPORT"]
        .iter()
        .all(|key| env::var(format!("DEP_NETXDUO_{key}")).as_deref() == Ok("1"));
    cfg("host_port", source == "host");
    let target = env::var("TARGET").expect("cargo sets it");
    let profile = target
        .strip_prefix("thumbv")
        .and_then(|rest| rest.split('-').next());
    let is_cortex_m = profile.is_some_and(|version| version.contains('m'));
    cfg("cortex_m", is_cortex_m);
    // A kernel that leaves the highest interrupts alone is asked for its lockout, so that ours leaves them alone, too.
    let by_priority = env::var("DEP_THREADX_MASKS_BY_PRIORITY").as_deref() == Ok("1");
    cfg("masked_in_place", is_cortex_m && !by_priority);
    // NetX Duo's own source of random numbers, where there is a NetX Duo.
    cfg("netx_random", source == "upstream" || source == "prebuilt");
    cfg("simulation", simulation);
    // Clients that a tree may be without.
    cfg("dhcp", env::var("DEP_NETXDUO_DHCP").as_deref() == Ok("1"));
    cfg("sntp", env::var("DEP_NETXDUO_SNTP").as_deref() == Ok("1"));
    // Bare metal without headers: whoever compiles the C checks it.
    if source != "declarations" {
        check_configuration();
    }
    name_original_agent();
}

/// Where the original agent's objects are, for the benchmark that looks at their size.
fn name_original_agent() {
    if let Ok(archive) = env::var("DEP_NETXDUO_ORIGINAL_AGENT") {
        println!("cargo::rustc-env=DEFENDER_ORIGINAL_AGENT={archive}");
    }
}

fn cfg(name: &str, set: bool) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if set {
        println!("cargo::rustc-cfg={name}");
    }
}

/// Compiles `wrapper.h` against the headers in use; the object is thrown away.
fn check_configuration() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let unit = out.join("configuration.c");
    fs::write(&unit, "#include \"wrapper.h\"\n").expect("OUT_DIR can be written");
    let includes = ["DEP_NETXDUO_INCLUDE", "DEP_THREADX_INCLUDE"]
        .into_iter()
        .filter_map(env::var_os)
        .flat_map(|paths| env::split_paths(&paths).collect::<Vec<_>>());
    let mut build = cc::Build::new();
    build
        .file(&unit)
        .include(&root)
        .includes(includes)
        // The headers' own are none of ours.
        .warnings(false)
        .cargo_metadata(false);
    for key in ["DEP_NETXDUO_DEFINES", "DEP_THREADX_DEFINES"] {
        let defines = env::var(key).unwrap_or_default();
        for define in defines.split(';').filter(|define| !define.is_empty()) {
            let (name, value) = define.split_once('=').unwrap_or((define, ""));
            build.define(name, value);
        }
    }
    build.compile("configuration");
}
