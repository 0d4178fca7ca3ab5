//! The configuration of bindgen: one for the bindings that are committed, of the host port's headers, and for those that a
//! build makes of the headers in use.

use std::fs;
use std::path::Path;

use bindgen::callbacks::{DeriveTrait, ImplementsTrait, ParseCallbacks};

use crate::cargo::{self, Call};
use crate::compiler::{self, Flags};
use crate::{Error, layout};

/// A library to make bindings of.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// Pattern of the file names whose items are wanted.
    pub files: &'static str,
    /// Pattern of the file names whose items another crate has.
    pub elsewhere: Option<&'static str>,
    /// Lines in front of the items.
    pub prelude: &'static [&'static str],
    /// Structures that Rust code allocates or reads, whose layout must be known.
    pub structures: &'static [&'static str],
}

/// ThreadX.
pub const THREADX: Library = Library {
    files: ".*/(tx_[a-z_]+|threadx_sys_shim)\\.h",
    elsewhere: None,
    prelude: &[],
    structures: &[
        "TX_EVENT_FLAGS_GROUP",
        "TX_MUTEX",
        "TX_SEMAPHORE",
        "TX_THREAD",
        "TX_TIMER",
    ],
};

/// NetX Duo, its middleware and the Azure SDK.
pub const NETXDUO: Library = Library {
    files: ".*/(nxd?_[a-z0-9_]+|az_[a-z_]+)\\.h",
    elsewhere: Some(THREADX.files),
    prelude: &["use threadx_sys::*;"],
    structures: &[
        "NXD_ADDRESS",
        "NX_AZURE_IOT",
        "NX_AZURE_IOT_HUB_CLIENT",
        "NX_AZURE_IOT_RESOURCE",
        "NX_CLOUD",
        "NX_CLOUD_MODULE",
        "NX_DHCP",
        "NX_DNS",
        "NX_IP",
        "NX_IP_DRIVER",
        "NX_PACKET",
        "NX_PACKET_POOL",
        "NX_SECURE_X509_CERT",
        "NX_SNTP_CLIENT",
        "NX_TCP_SOCKET",
        "NX_UDP_SOCKET",
        "az_span",
    ],
};

/// What to make bindings of.
#[derive(Clone, Debug)]
pub struct Bindings<'a> {
    /// The header that includes everything.
    pub header: &'a Path,
    /// What it is compiled with.
    pub flags: &'a Flags,
    /// What is wanted of it.
    pub library: &'a Library,
    /// For whom.
    pub purpose: Purpose<'a>,
}

/// What bindings are for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To be committed and used on every target: the host port's.
    Committed {
        /// How it was made.
        note: &'a str,
    },
    /// For one target and one configuration.
    Build {
        /// The target triple.
        target: &'a str,
        /// The C compiler that compiles the headers' implementation.
        tool: &'a cc::Tool,
        /// Where files may be written.
        out: &'a Path,
    },
}

impl Bindings<'_> {
    /// Makes the bindings.
    ///
    /// # Errors
    /// When there is no libclang, or the headers do not compile.
    pub fn generate(&self) -> Result<String, Error> {
        load_libclang()?;
        let builder = match self.purpose {
            Purpose::Committed { .. } => committed(self.common()),
            Purpose::Build { target, tool, out } => for_build(self.common(), target, tool, out)?,
        };
        let bindings = builder.generate().map_err(|error| Error::Bindings {
            header: self.header.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(bindings.to_string())
    }

    fn common(&self) -> bindgen::Builder {
        let include = self.flags.include.iter();
        let defines = self.flags.defines.iter();
        let mut builder = bindgen::builder()
            .header(self.header.to_string_lossy())
            .clang_args(include.map(|folder| format!("-I{}", folder.display())))
            .clang_args(defines.map(|define| format!("-D{define}")))
            .allowlist_file(self.library.files)
            .disable_header_comment()
            .rust_edition(bindgen::RustEdition::Edition2024)
            .use_core()
            .ctypes_prefix("cty")
            // Control blocks are objects with an address, not values.
            .no_copy("(TX|NX)_[A-Z0-9_]+")
            .derive_debug(false)
            .parse_callbacks(Box::new(Integers))
            .sort_semantically(true);
        if let Some(files) = self.library.elsewhere {
            builder = builder.blocklist_file(files);
        }
        // The minimum that the crates declare; bindgen knows it.
        if let Ok(target) = bindgen::RustTarget::stable(88, 0) {
            builder = builder.rust_target(target);
        }
        if let Purpose::Committed { note } = self.purpose {
            builder = builder.raw_line(note).raw_line("");
        }
        let prelude = self.library.prelude;
        prelude
            .iter()
            .fold(builder, |builder, line| builder.raw_line(*line))
    }
}

fn committed(builder: bindgen::Builder) -> bindgen::Builder {
    let builder = builder
        // They would hold on 64-bit machines only, and the file serves 32-bit ones as well.
        .layout_tests(false)
        .allowlist_recursively(false);
    #[cfg(feature = "format")]
    let builder = builder.formatter(bindgen::Formatter::Prettyplease);
    builder
}

fn for_build(
    builder: bindgen::Builder,
    target: &str,
    tool: &cc::Tool,
    out: &Path,
) -> Result<bindgen::Builder, Error> {
    let system = compiler::system_include(tool, out)?;
    // Behind its own, which Debian's libclang looks for in the wrong place when it is installed without clang.
    let folders = [
        ("-isystem", system.library),
        ("-idirafter", system.compiler),
    ];
    let short_enums = if compiler::has_short_enums(tool, out)? {
        "-fshort-enums"
    } else {
        "-fno-short-enums"
    };
    Ok(builder
        .formatter(bindgen::Formatter::None)
        .clang_arg(format!("--target={target}"))
        .clang_arg(short_enums)
        .clang_args(folders.iter().flat_map(|(option, folders)| {
            let folders = folders.iter().map(|folder| folder.display().to_string());
            folders.flat_map(|folder| [(*option).to_owned(), folder])
        }))
        // Constants are casts, `((UINT) 0x20)`, which only a compiler can read.
        .clang_macro_fallback()
        .clang_macro_fallback_build_dir(out)
        .layout_tests(true))
}

/// Makes the bindings of the `wrapper.h` of the package that is built, into `bindings.rs` in its output folder, and has the C
/// compiler check them.
///
/// # Errors
/// When there is no libclang, the headers do not compile, or the C compiler lays them out otherwise.
pub fn write(call: &Call, flags: &Flags, library: &Library, absent: &[&str]) -> Result<(), Error> {
    cargo::rerun_if_env_changed(variables(&call.target));
    let header = call.package.join("wrapper.h");
    let tool = compiler::tool(&flags.upstream(), &call.target)?;
    let bindings = Bindings {
        header: &header,
        flags,
        library,
        purpose: Purpose::Build {
            target: &call.target,
            tool: &tool,
            out: &call.out,
        },
    }
    .generate()?;
    let is_there = |name: &&'static str| !absent.contains(name);
    let structures = library.structures.iter().copied();
    let needed: Vec<&'static str> = structures.filter(is_there).collect();
    layout::check(&bindings, &header, &tool, &needed, &call.out)?;
    let file = call.out.join("bindings.rs");
    fs::write(&file, bindings).map_err(Error::file(&file))
}

/// The variables that decide which libclang makes the bindings, and with which options. bindgen and clang-sys read them and do
/// not say so to cargo.
fn variables(target: &str) -> [String; 6] {
    let options = "BINDGEN_EXTRA_CLANG_ARGS";
    [
        "LIBCLANG_PATH".to_owned(),
        "LLVM_CONFIG_PATH".to_owned(),
        "CLANG_PATH".to_owned(),
        options.to_owned(),
        format!("{options}_{target}"),
        format!("{options}_{}", target.replace('-', "_")),
    ]
}

/// Loads libclang, which takes no time compared with what may be done in vain before it is missed.
///
/// # Errors
/// When there is none, with what to install.
pub fn load_libclang() -> Result<(), Error> {
    if clang_sys::is_loaded() {
        return Ok(());
    }
    clang_sys::load().map_err(|reason| Error::NoLibclang { reason })
}

/// Whether libclang can be loaded.
#[must_use]
pub fn has_libclang() -> bool {
    load_libclang().is_ok()
}

/// ThreadX' names for integers may be declared in another crate; without this, unions of them would not be unions.
#[derive(Debug)]
struct Integers;

impl ParseCallbacks for Integers {
    fn blocklisted_type_implements_trait(
        &self,
        name: &str,
        _: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        matches!(name, "UCHAR" | "USHORT" | "UINT" | "ULONG" | "ULONG64")
            .then_some(ImplementsTrait::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_one_target_have_two_spellings() {
        let variables = variables("thumbv7em-none-eabihf");
        for variable in [
            "LIBCLANG_PATH",
            "BINDGEN_EXTRA_CLANG_ARGS",
            "BINDGEN_EXTRA_CLANG_ARGS_thumbv7em-none-eabihf",
            "BINDGEN_EXTRA_CLANG_ARGS_thumbv7em_none_eabihf",
        ] {
            assert!(variables.iter().any(|name| name == variable), "{variable}");
        }
    }
}
