//! Says whether the original agent is in the program, which has two of these calls itself.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, set) in [
        ("original_agent", has("DEP_NETXDUO_ORIGINAL_AGENT")),
        (
            "host_port",
            env::var("DEP_NETXDUO_SOURCE").as_deref() == Ok("host"),
        ),
        (
            "simulation",
            env::var("DEP_NETXDUO_HUB_TRANSPORT").as_deref() == Ok("1"),
        ),
    ] {
        println!("cargo::rustc-check-cfg=cfg({name})");
        if set {
            println!("cargo::rustc-cfg={name}");
        }
    }
}

fn has(variable: &str) -> bool {
    env::var_os(variable).is_some()
}
