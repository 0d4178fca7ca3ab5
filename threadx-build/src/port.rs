//! Which of the upstream ports serves a target.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::trees::{Kind, Tree};

/// The target on which upstream's port for Linux runs with the Azure IoT middleware.
pub const LINUX: &str = "i686-unknown-linux-gnu";

/// Targets and the ports for them, the usual one first.
const PORTS: &[(&str, &[&str])] = &[
    (LINUX, &["linux"]),
    ("thumbv6m-none-eabi", &["cortex_m0"]),
    ("thumbv7m-none-eabi", &["cortex_m3"]),
    ("thumbv7em-none-eabi", &["cortex_m4", "cortex_m7"]),
    ("thumbv7em-none-eabihf", &["cortex_m4", "cortex_m7"]),
    ("thumbv8m.base-none-eabi", &["cortex_m23"]),
    ("thumbv8m.main-none-eabi", V8M),
    ("thumbv8m.main-none-eabihf", V8M),
];

/// Ports for Armv8-M with the main extension.
const V8M: &[&str] = &["cortex_m33", "cortex_m55", "cortex_m85"];

/// The targets that there are ports for.
#[must_use]
pub fn targets() -> Vec<&'static str> {
    PORTS.iter().map(|(target, _)| *target).collect()
}

/// The port for a target: the usual one, or the one that `THREADX_PORT` asks for.
///
/// # Errors
/// When there is none, or the one that was asked for is not for this target.
pub fn of_target(target: &str, wanted: Option<&str>) -> Result<&'static str, Error> {
    let (_, ports) = PORTS
        .iter()
        .find(|(name, _)| *name == target)
        .ok_or_else(|| Error::NoPort {
            target: target.to_owned(),
        })?;
    match wanted {
        None => Ok(ports[0]),
        Some(wanted) => ports
            .iter()
            .find(|port| **port == wanted)
            .copied()
            .ok_or_else(|| Error::WrongPort {
                port: wanted.to_owned(),
                target: target.to_owned(),
                known: ports.to_vec(),
            }),
    }
}

/// The folder with a port's headers, which has `header`.
///
/// # Errors
/// When the tree has no such port.
pub fn include(tree: &Tree, port: &str, header: &str) -> Result<PathBuf, Error> {
    let include = tree.path.join("ports").join(port).join("gnu/inc");
    let header = include.join(header);
    if header.is_file() {
        Ok(include)
    } else {
        Err(Error::PortMissing {
            name: tree.kind.name(),
            tree: tree.path.clone(),
            port: port.to_owned(),
            missing: header,
        })
    }
}

/// The folder with `nx_crypto_port.h`. NetX Duo has it for a few processors only, with the same content: what is missing is
/// served by Cortex-M3's.
///
/// # Errors
/// When there is none at all.
pub fn crypto_include(netxduo: &Path, port: &str) -> Result<PathBuf, Error> {
    let of = |port: &str| {
        netxduo
            .join("crypto_libraries/ports")
            .join(port)
            .join("gnu/inc")
    };
    [port, "cortex_m3"]
        .into_iter()
        .map(of)
        .find(|include| include.join("nx_crypto_port.h").is_file())
        .ok_or_else(|| Error::PortMissing {
            name: Kind::NetXDuo.name(),
            tree: netxduo.to_owned(),
            port: port.to_owned(),
            missing: of(port).join("nx_crypto_port.h"),
        })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_target_has_its_usual_port() {
        for (target, port) in [
            ("i686-unknown-linux-gnu", "linux"),
            ("thumbv6m-none-eabi", "cortex_m0"),
            ("thumbv7m-none-eabi", "cortex_m3"),
            ("thumbv7em-none-eabihf", "cortex_m4"),
            ("thumbv8m.base-none-eabi", "cortex_m23"),
            ("thumbv8m.main-none-eabihf", "cortex_m33"),
        ] {
            assert_eq!(of_target(target, None).unwrap(), port);
        }
    }

    #[test]
    fn a_port_that_serves_the_target_can_be_asked_for() {
        let target = "thumbv7em-none-eabihf";
        assert_eq!(of_target(target, Some("cortex_m7")).unwrap(), "cortex_m7");
        for port in ["cortex_m55", "cortex_m85"] {
            for target in ["thumbv8m.main-none-eabi", "thumbv8m.main-none-eabihf"] {
                assert_eq!(of_target(target, Some(port)).unwrap(), port);
            }
        }
        let text = of_target(target, Some("linux")).unwrap_err().to_string();
        for part in ["linux", target, "cortex_m4, cortex_m7"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn other_targets_are_refused_with_those_that_there_are() {
        let text = of_target("riscv32imac-unknown-none-elf", None)
            .unwrap_err()
            .to_string();
        for part in [
            "riscv32imac-unknown-none-elf",
            "thumbv7em-none-eabihf",
            LINUX,
            "THREADX_PREBUILT_INCLUDE",
            "NETXDUO_PREBUILT_INCLUDE",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_tree_without_the_port_is_refused_with_the_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree {
            kind: Kind::NetXDuo,
            path: folder.path().to_owned(),
            origin: String::new(),
        };
        let text = include(&tree, "cortex_m23", "nx_port.h")
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("ports/cortex_m23/gnu/inc/nx_port.h"),
            "{text}"
        );
        let ours = folder.path().join("ports/cortex_m23/gnu/inc");
        fs::create_dir_all(&ours).unwrap();
        fs::write(ours.join("nx_port.h"), "").unwrap();
        assert_eq!(include(&tree, "cortex_m23", "nx_port.h").unwrap(), ours);
    }

    #[test]
    fn cryptography_falls_back_to_cortex_m3() {
        let folder = tempfile::tempdir().unwrap();
        let header = |port: &str| {
            let include = folder
                .path()
                .join("crypto_libraries/ports")
                .join(port)
                .join("gnu/inc");
            fs::create_dir_all(&include).unwrap();
            fs::write(include.join("nx_crypto_port.h"), "").unwrap();
            include
        };
        assert!(crypto_include(folder.path(), "cortex_m33").is_err());
        let m3 = header("cortex_m3");
        assert_eq!(crypto_include(folder.path(), "cortex_m33").unwrap(), m3);
        let m4 = header("cortex_m4");
        assert_eq!(crypto_include(folder.path(), "cortex_m4").unwrap(), m4);
    }
}
