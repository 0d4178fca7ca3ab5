//! What stops a build, in sentences for the person at the keyboard.

use std::path::PathBuf;

use crate::prebuilt;
use crate::trees::Kind;
use crate::version::Version;

/// Why the C side cannot be built. Each message says what was wrong and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path that was named, or a folder below `vendor`, is not what it should be.
    #[error(
        "{origin} should hold {name}, but there is no {}. {remedy}", missing.display()
    )]
    NoTree {
        /// Who says that there is one.
        origin: String,
        /// What was looked for.
        name: &'static str,
        /// The file that shows what it is.
        missing: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// One part of the C side is there, and another one that it needs is not.
    #[error(
        "{} is there, but {} is not, and NetX Duo's Azure IoT middleware needs both: set {} to its folder, or put it into \
         vendor/{} (vendor/README.md has the commands){}",
        present.name(), missing.name(), missing.variable(), missing.folder(), or_prebuilt(*missing)
    )]
    Missing {
        /// What is there.
        present: Kind,
        /// What is not.
        missing: Kind,
    },
    /// The Azure SDK is named, and nothing that is written on it is there.
    #[error(
        "{origin} is the Azure SDK for C, which NetX Duo's Azure IoT middleware is written on, but there is no NetX Duo to compile: \
         set NETXDUO_DIR and THREADX_DIR to the folders of NetX Duo and ThreadX (vendor/README.md has the commands), or unset \
         AZURE_SDK_FOR_C_DIR to do without"
    )]
    OnlyAzureSdk {
        /// Who named it, and where it is.
        origin: String,
    },
    /// A NetX Duo tree without the part of its samples that is compiled.
    #[error(
        "{} is missing: the tables of cryptography that TLS uses are part of NetX Duo's samples. Check out the whole tree",
        missing.display()
    )]
    NoTables {
        /// What is not there.
        missing: PathBuf,
    },
    /// A tree and a prebuilt C side at once.
    #[error(
        "{variable} names a prebuilt {name}, but {origin} holds its sources as well: say only one of the two. An empty value \
         takes one back, in the environment or in a configuration of cargo nearer to the project"
    )]
    TwoSources {
        /// The variable of the prebuilt mode.
        variable: &'static str,
        /// What is there twice.
        name: &'static str,
        /// Where the sources are.
        origin: String,
    },
    /// The version cannot be read.
    #[error("{} does not define {macro_name} as a number, so it is no header of {name}", header.display())]
    NoVersion {
        /// What it should be.
        name: &'static str,
        /// Where the version should be.
        header: PathBuf,
        /// What is not there.
        macro_name: String,
    },
    /// A version that the bindings were never tried with.
    #[error(
        "{} is {name} {version}; supported are {} to {}.x: check out one of these tags", tree.display(), crate::version::OLDEST,
        crate::version::NEWEST_MINOR
    )]
    UnsupportedVersion {
        /// What it is.
        name: &'static str,
        /// Where it is.
        tree: PathBuf,
        /// What it says it is.
        version: Version,
    },
    /// ThreadX runs there perhaps, but these crates do not know how.
    #[error(
        "there is no ThreadX port for the target {target}; with the upstream trees these targets can be built: {}. For others, \
         compile the C elsewhere, and name its headers in {} and {} instead of trees (vendor/README.md)",
        crate::port::targets().join(", "), prebuilt::THREADX.include, prebuilt::NETXDUO.include
    )]
    NoPort {
        /// The target triple.
        target: String,
    },
    /// `THREADX_PORT` is wrong.
    #[error("THREADX_PORT is {port}, which does not serve the target {target}; there is: {}", known.join(", "))]
    WrongPort {
        /// What was asked for.
        port: String,
        /// The target triple.
        target: String,
        /// What would be right.
        known: Vec<&'static str>,
    },
    /// The port is not in the tree.
    #[error("{name} in {} has no port {port} for GCC: {} is missing", tree.display(), missing.display())]
    PortMissing {
        /// Whose port.
        name: &'static str,
        /// The tree.
        tree: PathBuf,
        /// The port.
        port: String,
        /// The file that it should have.
        missing: PathBuf,
    },
    /// The folder of the user's header has no such header.
    #[error("{variable} is {}, but there is no {header} in it", folder.display())]
    NoUserHeader {
        /// The variable that names the folder.
        variable: &'static str,
        /// The folder.
        folder: PathBuf,
        /// The header that should be there.
        header: &'static str,
    },
    /// The configuration lacks a define.
    #[error("{place} does not define {define}: {why}")]
    LacksDefine {
        /// Where it should be defined.
        place: String,
        /// The define.
        define: &'static str,
        /// What it is for.
        why: &'static str,
    },
    /// The configuration has a define that it must not have.
    #[error("{place} defines {define}: {why}")]
    ForbiddenDefine {
        /// Where it is defined.
        place: String,
        /// The define.
        define: &'static str,
        /// Why it must not.
        why: &'static str,
    },
    /// There is no C compiler.
    #[error("there is no C compiler for {target}: {reason}. {remedy}")]
    NoCompiler {
        /// The target triple.
        target: String,
        /// What the cc crate says.
        reason: String,
        /// What to install.
        remedy: String,
    },
    /// The C library's headers are not installed.
    #[error(
        "the C compiler {} does not find the C library's headers for {target}. {remedy}", compiler.display()
    )]
    NoCLibrary {
        /// The compiler.
        compiler: PathBuf,
        /// The target triple.
        target: String,
        /// What to install.
        remedy: String,
    },
    /// The C compiler refuses something.
    #[error("the C compiler refuses {what}:\n{message}")]
    Compile {
        /// What it refuses.
        what: String,
        /// What it says.
        message: String,
    },
    /// There is no libclang.
    #[error(
        "the bindings to upstream ThreadX and NetX Duo are made with libclang, which was not found ({reason}). Install it \
         (Debian, Ubuntu: libclang-dev; Fedora: clang-devel; macOS: brew install llvm), or set LIBCLANG_PATH to the folder of its \
         shared library"
    )]
    NoLibclang {
        /// What the loader says.
        reason: String,
    },
    /// bindgen refuses the headers.
    #[error("no bindings can be made from {}: {reason}", header.display())]
    Bindings {
        /// The header.
        header: PathBuf,
        /// What bindgen says.
        reason: String,
    },
    /// libclang and the C compiler do not agree.
    #[error(
        "the C compiler {} and libclang lay out a structure differently, so the bindings would access the wrong memory. Pass the \
         compiler's ABI options to libclang, too (BINDGEN_EXTRA_CLANG_ARGS):\n{message}", compiler.display()
    )]
    Layout {
        /// The compiler.
        compiler: PathBuf,
        /// What it says.
        message: String,
    },
    /// The bindings do not say how a structure is laid out.
    #[error(
        "the bindings do not say the layout of {structure}, so it cannot be compared with the C compiler's: the version of bindgen \
         writes something else than threadx-build reads"
    )]
    NoLayout {
        /// The structure.
        structure: &'static str,
    },
    /// A folder of the prebuilt mode lacks a header.
    #[error(
        "{variable} names the headers of a prebuilt {name}, but none of its folders has {header}"
    )]
    NoPrebuiltHeader {
        /// The variable with the folders.
        variable: &'static str,
        /// Whose headers.
        name: &'static str,
        /// What is not there.
        header: &'static str,
    },
    /// The feature `original-agent` without the original agent.
    #[error(
        "the feature original-agent compiles the original agent, but {reason}: NetX Duo 6.1.2 to 6.3.0 have it and later versions \
         do not, so set NETXDUO_DIR to such a checkout (on Linux with --target i686-unknown-linux-gnu), or turn the feature off"
    )]
    NoOriginalAgent {
        /// What was looked for.
        reason: String,
    },
    /// A line of a variable or file is not understood.
    #[error("{place}: {what} is not understood; expected {expected}")]
    Syntax {
        /// Where it stands.
        place: String,
        /// What was read.
        what: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A variable that cargo sets is not there, or is no text.
    #[error("the variable {name} is not set: this is to run in a build script")]
    NotABuildScript {
        /// The variable.
        name: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// The other way to have what is missing.
fn or_prebuilt(missing: Kind) -> String {
    match missing.prebuilt() {
        Some(names) => format!(
            "; if it is compiled elsewhere, name its headers in {}",
            names.include
        ),
        None => String::new(),
    }
}

impl Error {
    /// One part of the C side is there, and another one is not.
    #[must_use]
    pub fn missing(present: Kind, missing: Kind) -> Self {
        Self::Missing { present, missing }
    }

    /// For `map_err`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_can_be_given_as_a_tree_or_prebuilt() {
        for (present, missing, ways) in [
            (
                Kind::ThreadX,
                Kind::NetXDuo,
                &["NETXDUO_DIR", "vendor/netxduo", "NETXDUO_PREBUILT_INCLUDE"][..],
            ),
            (
                Kind::NetXDuo,
                Kind::ThreadX,
                &["THREADX_DIR", "vendor/threadx", "THREADX_PREBUILT_INCLUDE"],
            ),
            (Kind::NetXDuo, Kind::AzureSdk, &["AZURE_SDK_FOR_C_DIR"]),
        ] {
            let text = Error::missing(present, missing).to_string();
            for way in ways {
                assert!(text.contains(way), "{way} is not in: {text}");
            }
            // Its headers are among those of a prebuilt NetX Duo.
            assert_eq!(text.contains("PREBUILT"), missing != Kind::AzureSdk);
        }
    }
}
