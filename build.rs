//! Tells the library what the C side below it offers, and checks that it has what the agent needs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(host_port)");
    if std::env::var("DEP_NETXDUO_SOURCE").as_deref() == Ok("host") {
        println!("cargo::rustc-cfg=host_port");
    }
}
