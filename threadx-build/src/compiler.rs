//! The C compiler, its headers, its habits.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::str::FromStr;

use crate::Error;
use crate::cargo::{Environment, Variables};

/// A macro defined on the compiler's command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Define {
    /// Its name.
    pub name: String,
    /// Its value; empty as in `#define NAME`.
    pub value: String,
}

impl Define {
    /// As `#define NAME` does.
    #[must_use]
    pub fn flag(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: String::new(),
        }
    }
}

impl fmt::Display for Define {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

impl FromStr for Define {
    type Err = Error;

    /// `NAME=VALUE`, or `NAME` for an empty value.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let name = name.trim();
        let is_identifier = |name: &str| {
            name.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                && name
                    .chars()
                    .next()
                    .is_some_and(|letter| !letter.is_ascii_digit())
        };
        if !is_identifier(name) || value.contains(['\n', ';']) {
            return Err(Error::Syntax {
                place: "a define".to_owned(),
                what: text.to_owned(),
                expected: "NAME or NAME=VALUE",
            });
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// Defines in one line, separated by `;`.
#[must_use]
pub fn join_defines(defines: &[Define]) -> String {
    let defines: Vec<String> = defines.iter().map(Define::to_string).collect();
    defines.join(";")
}

/// The defines of such a line.
///
/// # Errors
/// When one is neither `NAME` nor `NAME=VALUE`.
pub fn split_defines(line: &str) -> Result<Vec<Define>, Error> {
    line.split(';')
        .filter(|define| !define.trim().is_empty())
        .map(str::parse)
        .collect()
}

/// With what C is compiled, and bindings are made.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// Folders of headers, in the order in which they are searched.
    pub include: Vec<PathBuf>,
    /// Macros of the command line.
    pub defines: Vec<Define>,
}

impl Flags {
    /// A build of somebody else's C: its warnings are not ours to show.
    #[must_use]
    pub fn upstream(&self) -> cc::Build {
        let mut build = self.plain();
        build
            // Unoptimised, a TLS handshake takes seconds.
            .opt_level(2)
            // Packets are arrays of bytes here and of words there.
            .flag("-fno-strict-aliasing")
            .flag("-w");
        build
    }

    /// The same, with headers in front of every file.
    #[must_use]
    pub fn upstream_behind(&self, headers: &[PathBuf]) -> cc::Build {
        let mut build = self.upstream();
        for header in headers {
            build.flag("-include").flag(header);
        }
        build
    }

    /// A build for questions to the compiler. Cargo runs the build script again when a variable changes that cc reads: the
    /// compiler, its options, and those of the archiver.
    #[must_use]
    pub fn plain(&self) -> cc::Build {
        let mut build = cc::Build::new();
        build.warnings(false).includes(&self.include);
        for define in &self.defines {
            build.define(&define.name, define.value.as_str());
        }
        build
    }
}

/// A build of the host port. Its warnings are our business, not that of whoever builds the crate: they are on in CI.
#[must_use]
pub fn own(include: &[PathBuf]) -> cc::Build {
    let in_ci = Environment.get("CI").is_some();
    let mut build = cc::Build::new();
    build
        .includes(include)
        .std("c99")
        // Benchmarks in debug builds would otherwise measure unoptimised C.
        .opt_level(2)
        .warnings(in_ci)
        .extra_warnings(in_ci)
        .warnings_into_errors(in_ci);
    if in_ci {
        build.flag("-Wpedantic");
    }
    build
}

/// The compiler that a build uses.
///
/// # Errors
/// When there is none.
pub fn tool(build: &cc::Build, target: &str) -> Result<cc::Tool, Error> {
    build.try_get_compiler().map_err(|error| Error::NoCompiler {
        target: target.to_owned(),
        reason: error.to_string(),
        remedy: compiler_remedy(target),
    })
}

/// Finds out whether there is a C compiler for the target, with the C library's headers.
///
/// # Errors
/// When there is not, with what to install.
pub fn check(target: &str, out: &Path) -> Result<(), Error> {
    let build = Flags::default().plain();
    let tool = tool(&build, target)?;
    let unit = write_unit(
        out,
        "c_library.c",
        "#include <stdlib.h>\n#include <string.h>\n#include <stdint.h>\n",
    )?;
    let output = tool
        .to_command()
        .arg("-E")
        .arg(&unit)
        .output()
        .map_err(|error| Error::NoCompiler {
            target: target.to_owned(),
            reason: format!("{}: {error}", tool.path().display()),
            remedy: compiler_remedy(target),
        })?;
    if output.status.success() {
        Ok(())
    } else {
        Err(Error::NoCLibrary {
            compiler: tool.path().to_owned(),
            target: target.to_owned(),
            remedy: library_remedy(target),
        })
    }
}

fn compiler_remedy(target: &str) -> String {
    let package = if target.starts_with("thumb") {
        "Install one (Debian, Ubuntu: gcc-arm-none-eabi)"
    } else {
        "Install one (Debian, Ubuntu: gcc)"
    };
    format!(
        "{package}, or name one in the variable CC_{}",
        target.replace(['-', '.'], "_")
    )
}

fn library_remedy(target: &str) -> String {
    let package = if target.starts_with("thumb") {
        "Install them (Debian, Ubuntu: libnewlib-arm-none-eabi)"
    } else if target == crate::port::LINUX {
        "Install the 32-bit C library (Debian, Ubuntu: gcc-multilib; Fedora: glibc-devel.i686)"
    } else {
        "Install them (Debian, Ubuntu: libc6-dev)"
    };
    package.to_owned()
}

/// The folders in which the C compiler looks for headers by itself. Those of its own are apart: libclang has such headers, too, and
/// cannot read all of another compiler's.
///
/// # Errors
/// When the compiler does not say.
pub fn system_include(tool: &cc::Tool, out: &Path) -> Result<SystemInclude, Error> {
    let unit = write_unit(out, "nothing.c", "")?;
    let output = tool
        .to_command()
        .args(["-E", "-v"])
        .arg(&unit)
        .output()
        .map_err(Error::file(tool.path()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let (compiler, library) = said
        .lines()
        .skip_while(|line| !line.starts_with("#include <...>"))
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .map(|line| PathBuf::from(line.trim()))
        .partition(|folder| is_of_compiler(folder));
    Ok(SystemInclude { library, compiler })
}

/// Folders of headers that a compiler searches by itself.
#[derive(Debug)]
pub struct SystemInclude {
    /// With those of the C library.
    pub library: Vec<PathBuf>,
    /// With those that belong to the compiler.
    pub compiler: Vec<PathBuf>,
}

/// Whether a folder has the headers that belong to the compiler rather than to the C library. Newlib of Arm's own releases is
/// found from such a folder, too, by way of `..`.
fn is_of_compiler(folder: &Path) -> bool {
    let parts: Vec<_> = folder
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    matches!(
        parts[..],
        [.., "gcc" | "gcc-cross", _, _, "include" | "include-fixed"] | [.., "clang", _, "include"]
    )
}

/// Whether the compiler gives enumerations the smallest type that holds them, as on bare-metal Arm.
///
/// # Errors
/// When a file cannot be written, or the compiler not be started.
pub fn has_short_enums(tool: &cc::Tool, out: &Path) -> Result<bool, Error> {
    let unit = write_unit(
        out,
        "short_enums.c",
        "enum small { SMALL };\n_Static_assert(sizeof(enum small) == 1, \"\");\n",
    )?;
    Ok(try_compile(tool, &unit)?.status.success())
}

/// Compiles a file and throws the result away.
///
/// # Errors
/// When the compiler cannot be started.
pub fn try_compile(tool: &cc::Tool, unit: &Path) -> Result<Output, Error> {
    tool.to_command()
        .arg("-fsyntax-only")
        .arg(unit)
        .output()
        .map_err(Error::file(tool.path()))
}

/// Writes a C file, unless it is there with the same content.
///
/// # Errors
/// When it cannot be written.
pub fn write_unit(out: &Path, name: &str, content: &str) -> Result<PathBuf, Error> {
    let unit = out.join(name);
    if fs::read_to_string(&unit).is_ok_and(|found| found == content) {
        return Ok(unit);
    }
    fs::create_dir_all(out).map_err(Error::file(out))?;
    fs::write(&unit, content).map_err(Error::file(&unit))?;
    Ok(unit)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A build for the machine that runs the test, as cargo would have it in a build script.
    pub(crate) fn native(out: &Path) -> cc::Build {
        let architecture = match std::env::consts::ARCH {
            "x86" => "i686",
            other => other,
        };
        let triple = format!("{architecture}-unknown-linux-gnu");
        let mut build = cc::Build::new();
        build
            .target(&triple)
            .host(&triple)
            .opt_level(0)
            .debug(false)
            .out_dir(out)
            .warnings(false)
            .cargo_metadata(false);
        build
    }

    #[test]
    fn defines_survive_being_one_line() {
        let defines = [
            Define::flag("TX_INCLUDE_USER_DEFINE_FILE"),
            Define {
                name: "NX_PHYSICAL_HEADER".to_owned(),
                value: "(14 + 2)".to_owned(),
            },
        ];
        let line = join_defines(&defines);
        assert_eq!(
            line,
            "TX_INCLUDE_USER_DEFINE_FILE=;NX_PHYSICAL_HEADER=(14 + 2)"
        );
        assert_eq!(split_defines(&line).unwrap(), defines);
    }

    #[test]
    fn a_define_may_be_a_name_alone() {
        let defines = split_defines(" A ; B=2=3;; ").unwrap();
        let texts: Vec<String> = defines.iter().map(Define::to_string).collect();
        assert_eq!(texts, ["A=", "B=2=3"]);
    }

    #[test]
    fn what_is_no_define_is_refused() {
        for text in ["1A", "A B=1", "-DA", "=1"] {
            let error = split_defines(text).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    /// Set for the process that plays the build script.
    const CHILD: &str = "THREADX_BUILD_TEST_CHILD";

    #[test]
    fn cargo_watches_the_variables_of_the_compiler_and_the_archiver() {
        let target = "i686-unknown-linux-gnu";
        if std::env::var_os(CHILD).is_some() {
            let build = Flags::default().upstream();
            tool(&build, target).unwrap();
            build.try_get_archiver().unwrap();
            return;
        }
        let forms: Vec<String> = ["CC", "CFLAGS", "AR"]
            .iter()
            .flat_map(|variable| {
                [
                    format!("{variable}_i686-unknown-linux-gnu"),
                    format!("{variable}_i686_unknown_linux_gnu"),
                    format!("HOST_{variable}"),
                    (*variable).to_owned(),
                ]
            })
            .collect();
        // What is for cargo goes to the standard output of a whole process.
        let out = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        for form in &forms {
            // One that is set hides those that it goes before.
            child.env_remove(form);
        }
        let output = child
            .args(["--exact", "--nocapture"])
            .arg("compiler::tests::cargo_watches_the_variables_of_the_compiler_and_the_archiver")
            .env(CHILD, "1")
            .env("OUT_DIR", out.path())
            .envs([("TARGET", target), ("HOST", target)])
            .envs([("OPT_LEVEL", "0"), ("DEBUG", "false")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        for form in forms {
            let line = format!("cargo:rerun-if-env-changed={form}");
            assert!(
                said.lines().any(|said| said == line),
                "no {line} in: {said}"
            );
        }
    }

    #[test]
    fn the_compilers_own_headers_are_told_from_the_c_librarys() {
        for (folder, own) in [
            ("/usr/lib/gcc/x86_64-linux-gnu/12/include", true),
            ("/usr/lib/gcc/arm-none-eabi/12.2.1/include-fixed", true),
            ("/usr/lib/llvm-14/lib/clang/14.0.6/include", true),
            ("/usr/include/x86_64-linux-gnu", false),
            ("/usr/include/newlib", false),
            ("/opt/gcc/arm-none-eabi/include", false),
            (
                "/opt/arm/lib/gcc/arm-none-eabi/13.2.1/../../../../arm-none-eabi/include",
                false,
            ),
        ] {
            assert_eq!(is_of_compiler(Path::new(folder)), own, "{folder}");
        }
    }

    #[test]
    fn the_c_library_is_found_and_enumerations_are_measured() {
        let out = tempfile::tempdir().unwrap();
        let tool = native(out.path()).get_compiler();
        let folders = system_include(&tool, out.path()).unwrap();
        let has = |folders: &[PathBuf], name| folders.iter().any(|at| at.join(name).is_file());
        assert!(has(&folders.library, "stdlib.h"), "{folders:?}");
        assert!(!has(&folders.library, "stddef.h"), "{folders:?}");
        assert!(has(&folders.compiler, "stddef.h"), "{folders:?}");
        assert!(!has_short_enums(&tool, out.path()).unwrap());
        let short = native(out.path()).flag("-fshort-enums").get_compiler();
        assert!(has_short_enums(&short, out.path()).unwrap());
    }
}
