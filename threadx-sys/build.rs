//! Decides where ThreadX comes from, compiles it if there is something to compile, makes the bindings if it is not the host
//! port, and tells dependents about it. The variables and the metadata keys are documented in `src/lib.rs`.

use threadx_build::Error;
use threadx_build::bindings;
use threadx_build::cargo::{self, Call, Environment, Variables};
use threadx_build::compiler::{self, Define, Flags};
use threadx_build::configuration::{self, Configuration, UserHeader};
use threadx_build::kit::Kit;
use threadx_build::objects::{Files, Objects};
use threadx_build::offer::Offer;
use threadx_build::port;
use threadx_build::prebuilt::{self, Prebuilt};
use threadx_build::seams::Seams;
use threadx_build::sources::{self, Sources};
use threadx_build::trees::{self, Kind, Tree};
use threadx_build::version::Version;

/// Where ThreadX comes from.
enum Source {
    /// Our own implementation of the interface on POSIX threads.
    Host,
    /// Headers only, to type-check against.
    Declarations,
    /// An upstream tree that is compiled here.
    Upstream(Tree),
    /// Upstream's headers of a kernel that somebody else compiles.
    Prebuilt(Prebuilt),
}

impl Source {
    fn find(call: &Call) -> Result<Self, Error> {
        let workspace = call.workspace();
        let tree = trees::find(Kind::ThreadX, workspace, &Environment)?;
        let prebuilt = prebuilt::find(&prebuilt::THREADX, tree.as_ref(), workspace, &Environment)?;
        trees::watch(workspace, &[tree.as_ref()]);
        if call.unix && !call.is_linux_of_upstream() {
            if let Some(origin) = tree
                .as_ref()
                .map(|tree| tree.origin.as_str())
                .or(prebuilt.is_some().then_some(prebuilt::THREADX.include))
            {
                cargo::warning(format_args!(
                    "{origin}: not used for {}, where the host port serves instead; upstream with the Azure IoT middleware runs on \
                     32-bit Linux: cargo test --workspace --target {}",
                    call.target,
                    port::LINUX
                ));
            }
            return Ok(Self::Host);
        }
        Ok(match (tree, prebuilt) {
            (Some(tree), _) => Self::Upstream(tree),
            (None, Some(prebuilt)) => Self::Prebuilt(prebuilt),
            (None, None) if call.unix => Self::Host,
            (None, None) => Self::Declarations,
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Declarations => "declarations",
            Self::Upstream(_) => "upstream",
            Self::Prebuilt(_) => "prebuilt",
        }
    }
}

fn main() {
    cargo::run(|| {
        let call = Call::of(&Environment)?;
        let source = Source::find(&call)?;
        cargo::rerun_if_changed(["build.rs", "wrapper.h", "host-port", "include"]);
        cargo::metadata("source", source.name());
        cargo::cfg("host_port", matches!(source, Source::Host));
        cargo::cfg(
            "generated_bindings",
            matches!(source, Source::Upstream(_) | Source::Prebuilt(_)),
        );
        match &source {
            Source::Host => host_port(&call, true),
            Source::Declarations => host_port(&call, false),
            Source::Upstream(tree) => upstream(&call, tree),
            Source::Prebuilt(prebuilt) => use_prebuilt(&call, prebuilt),
        }
    });
}

/// What a simulation has for tests.
const SIMULATION_KEYS: &[&str] = &["manual_clock"];

/// Our own headers, and the implementation if the target can run it.
fn host_port(call: &Call, compile: bool) -> Result<(), Error> {
    let folder = call.package.join("host-port");
    let include = [folder.join("include"), call.package.join("include")];
    Offer {
        include: &include,
        defines: &[],
        version: Version::read("ThreadX", "THREADX", &include[0].join("tx_api.h"))?,
        error_checking: true,
        simulation_keys: SIMULATION_KEYS,
        simulation: compile,
    }
    .tell()?;
    if compile {
        let mut sources = Sources::default();
        sources.add_folder(folder.join("src"), |_| true)?;
        let mut build = compiler::own(&include);
        build
            .files(sources.files)
            .define("_POSIX_C_SOURCE", "200809L")
            // What POSIX lacks on Apple's systems: waits on the monotonic clock.
            .define("_DARWIN_C_SOURCE", None)
            .compile("threadx_host");
        println!("cargo::rustc-link-lib=pthread");
    }
    Ok(())
}

/// An upstream tree, compiled here.
fn upstream(call: &Call, tree: &Tree) -> Result<(), Error> {
    let header = tree.path.join("common/inc/tx_api.h");
    let version = Version::read("ThreadX", "THREADX", &header)?.supported("ThreadX", &tree.path)?;
    let port = port::of_target(&call.target, Environment.text("THREADX_PORT")?.as_deref())?;
    let user = UserHeader::find(
        "THREADX_USER_DIR",
        "tx_user.h",
        call.package.join("config"),
        call.workspace(),
        &Environment,
    )?;
    let kit = Kit::of(call)?;

    let mut flags = Flags {
        include: vec![
            user.folder.clone(),
            port::include(tree, port, "tx_port.h")?,
            tree.path.join("common/inc"),
        ],
        defines: vec![Define::flag("TX_INCLUDE_USER_DEFINE_FILE")],
    };
    if call.is_linux_of_upstream() {
        // As upstream builds its Linux port.
        flags.defines.push(Define::flag("_GNU_SOURCE"));
        println!("cargo::rustc-link-lib=pthread");
    }
    if kit.is_some() {
        flags.include.push(call.package.join("include"));
    }
    let sources = sources::threadx(tree, port)?;
    cargo::rerun_if_changed(&sources.folders);
    Generated {
        call,
        flags,
        version,
        place: user.place(),
        simulation: kit.is_some(),
        archive: "threadx",
    }
    .make(|seams| sources.with_seams(&tree.path, seams), kit)
}

/// A kernel that somebody else compiles.
fn use_prebuilt(call: &Call, prebuilt: &Prebuilt) -> Result<(), Error> {
    let header = prebuilt.header("tx_api.h");
    let version = Version::read("ThreadX", "THREADX", &header)?.supported("ThreadX", &header)?;
    prebuilt.link();
    Generated {
        call,
        flags: Flags {
            include: prebuilt.include.clone(),
            defines: prebuilt.defines.clone(),
        },
        version,
        place: "what THREADX_PREBUILT_INCLUDE and THREADX_PREBUILT_DEFINES name".to_owned(),
        simulation: false,
        archive: "threadx_sys_shim",
    }
    .make(|_| Ok(Files::new()), None)
}

/// A ThreadX whose headers are upstream's, with bindings of its own.
struct Generated<'a> {
    call: &'a Call,
    flags: Flags,
    version: Version,
    /// Where its configuration comes from.
    place: String,
    simulation: bool,
    /// The name of the library with what is compiled here.
    archive: &'static str,
}

/// Defined where the kernel masks interrupts on a Cortex-M up to a priority, and leaves those above it alone.
const MASKS_BY_PRIORITY: &str = "TX_PORT_USE_BASEPRI";

impl Generated<'_> {
    /// Compiles `files` with the shim and the kit, makes the bindings, and tells dependents.
    fn make(
        mut self,
        files: impl FnOnce(&Seams) -> Result<Files, Error>,
        kit: Option<Kit>,
    ) -> Result<(), Error> {
        let call = self.call;
        bindings::load_libclang()?;
        compiler::check(&call.target, &call.out)?;
        let shim = call.package.join("shim");
        cargo::rerun_if_changed(&self.flags.include);
        cargo::rerun_if_changed([&shim]);
        self.flags.include.push(shim.clone());
        let rules = configuration::THREADX;
        let macros = ["TX_DISABLE_ERROR_CHECKING", MASKS_BY_PRIORITY];
        let tool = compiler::tool(&self.flags.upstream(), &call.target)?;
        let configuration = Configuration::probe(&tool, "tx_api.h", rules, &macros, &call.out)?;
        configuration.check(rules, &self.place)?;
        Offer {
            include: &self.flags.include,
            defines: &self.flags.defines,
            version: self.version,
            error_checking: !configuration.has("TX_DISABLE_ERROR_CHECKING"),
            simulation_keys: SIMULATION_KEYS,
            simulation: self.simulation,
        }
        .tell()?;
        if configuration.has(MASKS_BY_PRIORITY) {
            cargo::metadata("masks_by_priority", "1");
        }

        let kit = kit.unwrap_or_default();
        cargo::metadata("simulation_include", cargo::join_paths(&kit.seams.headers)?);
        let mut files = files(&kit.seams)?;
        files.insert(shim.join("shim.c"), Vec::new());
        files.extend(kit.files.into_iter().map(|file| (file, Vec::new())));
        Objects {
            build: &self.flags.upstream_behind(&kit.seams.headers),
            target: &call.target,
            folder: &call.out.join("objects"),
            files: &files,
        }
        .compile(self.archive)?;

        let mut flags = self.flags;
        flags.defines.push(Define::flag("THREADX_SYS_UPSTREAM"));
        if self.simulation {
            flags.defines.push(Define::flag("THREADX_SYS_HOST"));
        }
        bindings::write(call, &flags, &bindings::THREADX, &[])
    }
}
