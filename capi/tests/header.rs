//! The header is what the crate says, and C and C++ can read it.
#![cfg(host_port)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_header_is_that_of_the_crate() {
    let mut config = cbindgen::Config::from_file(package().join("cbindgen.toml")).unwrap();
    config.export.exclude = vec!["Entropy".into(), "UnixTime".into()];
    let mut builder = cbindgen::Builder::new().with_config(config);
    // In the order in which a reader wants them.
    for name in ["original", "settings", "hooks", "query"] {
        builder = builder.with_src(package().join(format!("src/{name}.rs")));
    }
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let made = without_safety(&String::from_utf8(made).unwrap());
    let path = package().join("include/threadx_defender.h");
    if env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&path, made).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap();
    assert!(
        made == committed,
        "include/threadx_defender.h is of another version: UPDATE_HEADER=1 cargo test -p defender-capi --test header"
    );
}

/// Sections of the documentation that are for Rust.
fn without_safety(header: &str) -> String {
    header
        .replace(" *\n * # Safety\n * See the parameter.\n", "")
        .replace("`", "")
}

#[test]
fn c_and_cpp_can_read_it() {
    for (compiler, language, standard) in [("cc", "c", "c99"), ("c++", "c++", "c++11")] {
        for header in ["threadx_defender.h", "nx_azure_iot_security_module.h"] {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("header.{language}"));
            fs::write(&file, format!("#include \"{header}\"\nint unused;\n")).unwrap();
            let output = Command::new(compiler)
                .current_dir(package())
                .args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-pedantic"])
                .arg(format!("-std={standard}"))
                .arg("-Iinclude")
                // Warnings about the host port's headers are its own tests'.
                .args(["-isystem", "../threadx-sys/host-port/include"])
                .args(["-isystem", "../netxduo-sys/host-port/include"])
                .arg(&file)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{compiler} {header}: {text}");
        }
    }
}
