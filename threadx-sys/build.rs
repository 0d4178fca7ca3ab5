//! Decides where ThreadX comes from, compiles it if there is something to compile, and tells dependents about it.
//! The metadata keys are documented in `src/lib.rs`.

use std::env;
use std::path::{Path, PathBuf};

/// Where ThreadX comes from.
#[derive(Clone, Copy)]
enum Source {
    /// Our own implementation of the interface on POSIX threads.
    Host,
    /// Headers only, to type-check against.
    Declarations,
}

impl Source {
    /// Where there is no POSIX system to run on, there is no host port.
    fn of_target() -> Self {
        if env::var_os("CARGO_CFG_UNIX").is_some() {
            Self::Host
        } else {
            Self::Declarations
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
    let include = root.join("host-port/include");
    let source = Source::of_target();

    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=wrapper.h");
    println!("cargo::rerun-if-changed=host-port");
    println!("cargo::rustc-check-cfg=cfg(host_port)");
    println!("cargo::metadata=source={}", source.name());
    println!("cargo::metadata=include={}", include.display());
    println!("cargo::metadata=version=6.4.2");

    match source {
        Source::Host => {
            println!("cargo::metadata=manual_clock=1");
            println!("cargo::rustc-cfg=host_port");
            compile_host_port(&root.join("host-port/src"), &include);
        }
        Source::Declarations => println!("cargo::metadata=manual_clock=0"),
    }
}

fn compile_host_port(sources: &Path, include: &Path) {
    println!("cargo::rerun-if-env-changed=CI");
    let in_ci = env::var_os("CI").is_some();
    let mut build = cc::Build::new();
    build
        .files(c_files(sources))
        .include(include)
        .std("c99")
        .define("_POSIX_C_SOURCE", "200809L")
        // What POSIX lacks on Apple's systems: waits on the monotonic clock.
        .define("_DARWIN_C_SOURCE", None)
        // Benchmarks in debug builds would otherwise measure unoptimised C.
        .opt_level(2)
        // A warning of some future compiler is our business, not that of whoever builds the crate.
        .warnings(in_ci)
        .extra_warnings(in_ci)
        .warnings_into_errors(in_ci);
    if in_ci {
        build.flag("-Wpedantic");
    }
    build.compile("threadx_host");
    println!("cargo::rustc-link-lib=pthread");
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
