//! The original agent, in the NetX Duo trees that have it. It is compiled as it is, with a configuration header of ours, and with
//! names replaced where it meets the rest of the program. Its files are listed, and never read but for its version.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::cargo::{self, Call, Variables};
use crate::compiler::{Define, Flags};
use crate::objects::{Files, Objects};
use crate::seams;
use crate::sources::Sources;
use crate::trees::Tree;

/// The agent's folder in a NetX Duo tree.
pub const FOLDER: &str = "addons/azure_iot/azure_iot_security_module";

/// The folders of its files: the agent, its core, its FlatBuffers runtime.
const SOURCES: [&str; 12] = [
    "",
    "src/collectors",
    "src/model/objects",
    "src/utils",
    "iot-security-module-core/src",
    "iot-security-module-core/src/collectors",
    "iot-security-module-core/src/model",
    "iot-security-module-core/src/serializer",
    "iot-security-module-core/src/serializer/extensions",
    "iot-security-module-core/src/utils",
    "iot-security-module-core/src/utils/collection",
    "iot-security-module-core/deps/flatcc/src/runtime",
];

/// The folders of its headers, without those of its own configurations.
const INCLUDE: [&str; 5] = [
    "",
    "inc",
    "iot-security-module-core/inc",
    "iot-security-module-core/deps/flatcc/include",
    "iot-security-module-core/deps/flatcc/src/runtime",
];

/// The configuration that it ships with, which says its version.
const CONFIGURATION: &str = "inc/configs/RTOS_BASE/asc_config.h";

/// What it is compiled from.
pub struct OriginalAgent {
    files: Files,
    include: Vec<PathBuf>,
    /// Its version.
    defines: Vec<Define>,
}

/// Whether the package's feature for it is on.
#[must_use]
pub fn is_wanted(variables: &impl Variables) -> bool {
    variables.get("CARGO_FEATURE_ORIGINAL_AGENT").is_some()
}

/// Finds the agent in a tree, and what fences it in, in the folder `original-agent` of the package.
///
/// # Errors
/// [`Error::NoOriginalAgent`] when the tree has none, and when a file cannot be read.
pub fn find(call: &Call, tree: &Tree) -> Result<OriginalAgent, Error> {
    let agent = tree.path.join(FOLDER);
    let landmark = agent.join("nx_azure_iot_security_module.h");
    if !landmark.is_file() {
        return Err(Error::NoOriginalAgent {
            reason: format!("there is no {}", landmark.display()),
        });
    }
    let fence = call.package.join("original-agent");
    cargo::rerun_if_changed([&agent, &fence]);
    let mut sources = Sources::default();
    for folder in SOURCES {
        // What this one is for is not compiled in.
        sources.add_folder(agent.join(folder), |name| name != "collectors_info.c")?;
    }
    let list = fence.join(seams::FILE);
    let seams = seams::parse(&list, &call.package, &read(&list)?)?;
    let mut files = sources.with_seams(&tree.path, &seams)?;
    let mut ours = Sources::default();
    ours.add_folder(fence.clone(), |_| true)?;
    files.extend(ours.files.into_iter().map(|file| (file, Vec::new())));
    let include = INCLUDE.map(|folder| agent.join(folder));
    let configuration = agent.join(CONFIGURATION);
    let defines = version(&configuration, &read(&configuration)?)?;
    Ok(OriginalAgent {
        files,
        include: [&[fence][..], &include].concat(),
        defines,
    })
}

/// The version as its configuration defines it.
fn version(header: &Path, text: &str) -> Result<Vec<Define>, Error> {
    ["MAJOR", "MINOR", "PATCH"]
        .into_iter()
        .map(|part| {
            let name = format!("SECURITY_MODULE_VERSION_{part}");
            let value = text.lines().find_map(|line| {
                let value = line
                    .trim()
                    .strip_prefix("#define")?
                    .trim()
                    .strip_prefix(&name)?;
                value.trim().parse::<u32>().ok()
            });
            match value {
                Some(value) => Ok(Define {
                    name,
                    value: value.to_string(),
                }),
                None => Err(Error::NoVersion {
                    name: "the original agent",
                    header: header.to_owned(),
                    macro_name: name,
                }),
            }
        })
        .collect()
}

fn read(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file).map_err(Error::file(file))
}

impl OriginalAgent {
    /// Compiles it with the flags of NetX Duo, and with `headers` in front of every file. Returns the archive.
    ///
    /// # Errors
    /// When something does not compile.
    pub fn compile(
        &self,
        call: &Call,
        flags: &Flags,
        headers: &[PathBuf],
    ) -> Result<PathBuf, Error> {
        let flags = Flags {
            include: [&self.include[..], &flags.include].concat(),
            defines: [&self.defines[..], &flags.defines].concat(),
        };
        let mut build = flags.upstream_behind(headers);
        // Whoever develops this library must not read the agent, not even in a message.
        build.flag_if_supported("-fno-diagnostics-show-caret");
        Objects {
            build: &build,
            target: &call.target,
            folder: &call.out.join("original-agent"),
            files: &self.files,
        }
        .compile("netxduo_original")?;
        Ok(call.out.join("libnetxduo_original.a"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trees::Kind;

    fn call(package: &Path) -> Call {
        Call {
            package: package.to_owned(),
            out: package.join("out"),
            target: crate::port::LINUX.to_owned(),
            unix: true,
        }
    }

    fn tree(path: &Path) -> Tree {
        Tree {
            kind: Kind::NetXDuo,
            path: path.to_owned(),
            origin: "NETXDUO_DIR".to_owned(),
        }
    }

    #[test]
    fn a_tree_without_the_agent_is_refused_with_what_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(&call(folder.path()), &tree(folder.path()))
            .err()
            .unwrap();
        let sentence = error.to_string();
        assert!(!sentence.contains('\n'), "{sentence}");
        for part in [
            "original-agent",
            "addons/azure_iot/azure_iot_security_module/nx_azure_iot_security_module.h",
            "6.1.2 to 6.3.0",
            "NETXDUO_DIR",
        ] {
            assert!(sentence.contains(part), "{part} is not in: {sentence}");
        }
    }

    #[test]
    fn the_agent_is_compiled_with_its_seams_and_our_configuration_first() {
        let folder = tempfile::tempdir().unwrap();
        let agent = folder.path().join(FOLDER);
        for source in SOURCES {
            fs::create_dir_all(agent.join(source)).unwrap();
        }
        let module = agent.join("nx_azure_iot_security_module.c");
        let left_out = agent.join("iot-security-module-core/src/collectors_info.c");
        let package = folder.path().join("package");
        let fence = package.join("original-agent");
        fs::create_dir_all(&fence).unwrap();
        for file in [
            &module,
            &module.with_extension("h"),
            &left_out,
            &fence.join("control.c"),
        ] {
            fs::write(file, "").unwrap();
        }
        let configuration = agent.join(CONFIGURATION);
        fs::create_dir_all(configuration.parent().unwrap()).unwrap();
        let header = "#define SECURITY_MODULE_VERSION_MAJOR 3\n#define SECURITY_MODULE_VERSION_MINOR  5\n \
                      #define SECURITY_MODULE_VERSION_PATCH 4\n#ifndef SECURITY_MODULE_VERSION_PATCH\n";
        fs::write(configuration, header).unwrap();
        let seam = format!("{FOLDER}/nx_azure_iot_security_module.c: a=b\n");
        fs::write(fence.join(seams::FILE), seam).unwrap();

        let found = find(&call(&package), &tree(folder.path())).unwrap();
        let files: Vec<&Path> = found.files.keys().map(PathBuf::as_path).collect();
        assert_eq!(files, [module.as_path(), &fence.join("control.c")]);
        assert_eq!(found.files[&module][0].to_string(), "a=b");
        assert_eq!(found.include[0], fence);
        let version: Vec<String> = found.defines.iter().map(Define::to_string).collect();
        assert_eq!(
            version,
            [
                "SECURITY_MODULE_VERSION_MAJOR=3",
                "SECURITY_MODULE_VERSION_MINOR=5",
                "SECURITY_MODULE_VERSION_PATCH=4"
            ]
        );
    }
}
