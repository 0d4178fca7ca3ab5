//! Decides where NetX Duo comes from, compiles it if there is something to compile, and tells dependents about it.
//! The metadata keys are documented in `src/lib.rs`.

use std::env;
use std::path::{Path, PathBuf};

/// Where NetX Duo comes from. It follows ThreadX: the two are made for each other.
#[derive(Clone, Copy)]
enum Source {
    /// Our own implementation of the interface, on top of that of ThreadX.
    Host,
    /// Headers only, to type-check against.
    Declarations,
}

impl Source {
    fn of_threadx() -> Self {
        match env::var("DEP_THREADX_SOURCE").as_deref() {
            Ok("host") => Self::Host,
            Ok("declarations") => Self::Declarations,
            other => panic!("threadx-sys names an unknown source: {other:?}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Declarations => "declarations",
        }
    }
}

fn main() {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let threadx =
        PathBuf::from(env::var_os("DEP_THREADX_INCLUDE").expect("threadx-sys names its headers"));
    let include = root.join("host-port/include");
    let source = Source::of_threadx();

    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=wrapper.h");
    println!("cargo::rerun-if-changed=host-port");
    println!("cargo::rustc-check-cfg=cfg(host_port)");
    println!("cargo::metadata=source={}", source.name());
    println!("cargo::metadata=include={}", include.display());
    println!("cargo::metadata=version=6.4.2");
    println!("cargo::metadata=ipv6=1");
    println!("cargo::metadata=packet_filter=1");
    let on_host = u8::from(matches!(source, Source::Host));
    for key in ["manual_clock", "packet_injection", "hub_transport"] {
        println!("cargo::metadata={key}={on_host}");
    }

    if let Source::Host = source {
        println!("cargo::rustc-cfg=host_port");
        compile_host_port(&root.join("host-port/src"), &[include, threadx]);
    }
}

fn compile_host_port(sources: &Path, include: &[PathBuf]) {
    println!("cargo::rerun-if-env-changed=CI");
    let in_ci = env::var_os("CI").is_some();
    let mut build = cc::Build::new();
    build
        .files(c_files(sources))
        .includes(include)
        .std("c99")
        // Benchmarks in debug builds would otherwise measure unoptimised C.
        .opt_level(2)
        // A warning of some future compiler is our business, not that of whoever builds the crate.
        .warnings(in_ci)
        .extra_warnings(in_ci)
        .warnings_into_errors(in_ci);
    if in_ci {
        build.flag("-Wpedantic");
    }
    build.compile("netxduo_host");
}

/// Every C file of a folder, in a stable order.
fn c_files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| {
            entry
                .expect("a folder that can be listed has readable entries")
                .path()
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    files.sort();
    files
}
