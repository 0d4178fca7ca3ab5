//! Decides where NetX Duo comes from, compiles it if there is something to compile, makes the bindings if it is not the host
//! port, and tells dependents about it. The variables and the metadata keys are documented in `src/lib.rs`.

use std::path::PathBuf;

use threadx_build::Error;
use threadx_build::bindings;
use threadx_build::cargo::{self, Call, Environment, Variables};
use threadx_build::compiler::{self, Define, Flags};
use threadx_build::configuration::{self, Configuration, UserHeader};
use threadx_build::kit::Kit;
use threadx_build::objects::{Files, Objects};
use threadx_build::offer::Offer;
use threadx_build::original::{self, OriginalAgent};
use threadx_build::port;
use threadx_build::prebuilt::{self, Prebuilt};
use threadx_build::seams::Seams;
use threadx_build::sources::{self, Client, Sources};
use threadx_build::trees::{self, Kind, Tree};
use threadx_build::version::Version;

/// Where NetX Duo comes from. It follows ThreadX: the two are made for each other.
enum Source {
    /// Our own implementation of the interface, on top of that of ThreadX.
    Host,
    /// Headers only, to type-check against.
    Declarations,
    /// Upstream trees that are compiled here.
    Upstream {
        /// NetX Duo.
        netxduo: Tree,
        /// What its middleware is written on.
        azure_sdk: Tree,
    },
    /// Upstream's headers of a NetX Duo that somebody else compiles.
    Prebuilt(Prebuilt),
}

impl Source {
    fn find(call: &Call, threadx: &ThreadX) -> Result<Self, Error> {
        let workspace = call.workspace();
        let tree = trees::find(Kind::NetXDuo, workspace, &Environment)?;
        let azure_sdk = trees::find(Kind::AzureSdk, workspace, &Environment)?;
        let prebuilt = prebuilt::find(&prebuilt::NETXDUO, tree.as_ref(), workspace, &Environment)?;
        trees::watch(workspace, &[tree.as_ref(), azure_sdk.as_ref()]);
        let has_netxduo = tree.is_some() || prebuilt.is_some();
        trees::check_azure_sdk(azure_sdk.as_ref(), has_netxduo, &Environment)?;
        let source = match threadx.source.as_str() {
            // On other systems than upstream's the host port serves, whatever is there; threadx-sys has said so.
            "host" if call.unix && !call.is_linux_of_upstream() => Self::Host,
            "host" | "declarations" => {
                if has_netxduo {
                    return Err(Error::missing(Kind::NetXDuo, Kind::ThreadX));
                }
                if threadx.source == "host" {
                    Self::Host
                } else {
                    Self::Declarations
                }
            }
            _ => match (tree, prebuilt) {
                (Some(netxduo), _) => {
                    let azure_sdk = match azure_sdk {
                        Some(tree) => tree,
                        None => trees::azure_sdk_of(&netxduo)?,
                    };
                    Self::Upstream { netxduo, azure_sdk }
                }
                (None, Some(prebuilt)) => Self::Prebuilt(prebuilt),
                (None, None) => return Err(Error::missing(Kind::ThreadX, Kind::NetXDuo)),
            },
        };
        Ok(source)
    }

    /// Whether it has a client that not every tree has.
    fn has(&self, client: Client) -> bool {
        match self {
            Self::Host | Self::Declarations => true,
            Self::Upstream { netxduo, .. } => client.is_in(netxduo),
            Self::Prebuilt(prebuilt) => prebuilt.header(client.header).is_file(),
        }
    }

    /// Those that it has not.
    fn absent(&self) -> Vec<Client> {
        let clients = sources::CLIENTS.into_iter();
        clients.filter(|client| !self.has(*client)).collect()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Declarations => "declarations",
            Self::Upstream { .. } => "upstream",
            Self::Prebuilt(_) => "prebuilt",
        }
    }
}

/// What threadx-sys says about its ThreadX.
struct ThreadX {
    source: String,
    include: Vec<PathBuf>,
    defines: Vec<Define>,
    /// Headers of its simulation kit that belong in front of every file.
    simulation_include: Vec<PathBuf>,
    manual_clock: bool,
}

impl ThreadX {
    fn of_dependency() -> Result<Self, Error> {
        let defines = Environment.text("DEP_THREADX_DEFINES")?.unwrap_or_default();
        Ok(Self {
            source: Environment.required("DEP_THREADX_SOURCE")?,
            include: cargo::split_paths(&Environment, "DEP_THREADX_INCLUDE"),
            defines: compiler::split_defines(&defines)?,
            simulation_include: cargo::split_paths(&Environment, "DEP_THREADX_SIMULATION_INCLUDE"),
            manual_clock: Environment.required("DEP_THREADX_MANUAL_CLOCK")? == "1",
        })
    }
}

fn main() {
    cargo::run(|| {
        let call = Call::of(&Environment)?;
        let threadx = ThreadX::of_dependency()?;
        let source = Source::find(&call, &threadx)?;
        cargo::rerun_if_changed(["build.rs", "wrapper.h", "host-port", "include"]);
        if original::is_wanted(&Environment) && !matches!(source, Source::Upstream { .. }) {
            return Err(Error::NoOriginalAgent {
                reason: format!(
                    "no NetX Duo tree is compiled for {} (addons/azure_iot/azure_iot_security_module is looked for in one)",
                    call.target
                ),
            });
        }
        cargo::metadata("source", source.name());
        // Without them the build stops, see `configuration::NETXDUO`.
        cargo::metadata("ipv6", 1);
        cargo::metadata("packet_filter", 1);
        for client in sources::CLIENTS {
            let there = source.has(client);
            cargo::metadata(client.name, u8::from(there));
            cargo::cfg(client.name, there);
        }
        cargo::cfg("host_port", matches!(source, Source::Host));
        cargo::cfg(
            "generated_bindings",
            matches!(source, Source::Upstream { .. } | Source::Prebuilt(_)),
        );
        match &source {
            Source::Host => host_port(&call, &threadx, true),
            Source::Declarations => host_port(&call, &threadx, false),
            Source::Upstream { netxduo, azure_sdk } => {
                upstream(&call, threadx, netxduo, azure_sdk, source.absent())
            }
            Source::Prebuilt(prebuilt) => use_prebuilt(&call, threadx, prebuilt, source.absent()),
        }
    });
}

/// What a simulation has for tests.
const SIMULATION_KEYS: &[&str] = &["manual_clock", "packet_injection", "hub_transport"];

/// Our own headers, and the implementation if the target can run it.
fn host_port(call: &Call, threadx: &ThreadX, compile: bool) -> Result<(), Error> {
    let folder = call.package.join("host-port");
    let mut include = vec![folder.join("include"), call.package.join("include")];
    Offer {
        include: &include,
        defines: &[],
        version: Version::read("NetX Duo", "NETXDUO", &include[0].join("nx_api.h"))?,
        error_checking: true,
        simulation_keys: SIMULATION_KEYS,
        simulation: compile,
    }
    .tell()?;
    if compile {
        let mut sources = Sources::default();
        sources.add_folder(folder.join("src"), |_| true)?;
        include.extend_from_slice(&threadx.include);
        compiler::own(&include)
            .files(sources.files)
            .compile("netxduo_host");
    }
    Ok(())
}

/// Upstream trees, compiled here.
fn upstream(
    call: &Call,
    threadx: ThreadX,
    netxduo: &Tree,
    azure_sdk: &Tree,
    absent: Vec<Client>,
) -> Result<(), Error> {
    let tree = &netxduo.path;
    let header = tree.join("common/inc/nx_api.h");
    let version = Version::read("NetX Duo", "NETXDUO", &header)?.supported("NetX Duo", tree)?;
    let port = port::of_target(&call.target, Environment.text("THREADX_PORT")?.as_deref())?;
    let user = UserHeader::find(
        "NETXDUO_USER_DIR",
        "nx_user.h",
        call.package.join("config"),
        call.workspace(),
        &Environment,
    )?;
    let kit = if threadx.manual_clock {
        Kit::of(call)?
    } else {
        None
    };

    let mut include = vec![
        user.folder.clone(),
        port::include(netxduo, port, "nx_port.h")?,
        port::crypto_include(tree, port)?,
    ];
    include.extend(sources::NETXDUO_INCLUDE.map(|folder| tree.join(folder)));
    include.push(azure_sdk.path.join("sdk/inc"));
    if kit.is_some() {
        include.push(call.package.join("include"));
    }
    let original = original::is_wanted(&Environment)
        .then(|| original::find(call, netxduo))
        .transpose()?;
    let sources = sources::netxduo(netxduo)?;
    let azure_sources = sources::azure_sdk(azure_sdk)?;
    cargo::rerun_if_changed(&sources.folders);
    cargo::rerun_if_changed(&azure_sources.folders);
    Generated {
        call,
        threadx,
        flags: Flags {
            include,
            defines: vec![
                Define::flag("NX_INCLUDE_USER_DEFINE_FILE"),
                // The documented way to build the middleware without Microsoft's micro agent; it is gone from 6.4.0 on.
                Define::flag("NX_AZURE_DISABLE_IOT_SECURITY_MODULE"),
            ],
        },
        version,
        place: user.place(),
        simulation: kit.is_some(),
        original,
        archive: "netxduo",
        absent,
    }
    .make(
        |seams| {
            let mut files = sources.with_seams(tree, seams)?;
            files.extend(azure_sources.with_seams(&azure_sdk.path, &Seams::default())?);
            Ok(files)
        },
        kit,
    )
}

/// A NetX Duo that somebody else compiles.
fn use_prebuilt(
    call: &Call,
    threadx: ThreadX,
    prebuilt: &Prebuilt,
    absent: Vec<Client>,
) -> Result<(), Error> {
    let header = prebuilt.header("nx_api.h");
    let version = Version::read("NetX Duo", "NETXDUO", &header)?.supported("NetX Duo", &header)?;
    prebuilt.link();
    Generated {
        call,
        threadx,
        flags: Flags {
            include: prebuilt.include.clone(),
            defines: prebuilt.defines.clone(),
        },
        version,
        place: "what NETXDUO_PREBUILT_INCLUDE and NETXDUO_PREBUILT_DEFINES name".to_owned(),
        simulation: false,
        original: None,
        archive: "netxduo_sys_shim",
        absent,
    }
    .make(|_| Ok(Files::new()), None)
}

/// A NetX Duo whose headers are upstream's, with bindings of its own.
struct Generated<'a> {
    call: &'a Call,
    threadx: ThreadX,
    /// Its own; those of ThreadX come on top.
    flags: Flags,
    version: Version,
    /// Where its configuration comes from.
    place: String,
    simulation: bool,
    original: Option<OriginalAgent>,
    /// The name of the library with what is compiled here.
    archive: &'static str,
    /// What the bindings are without.
    absent: Vec<Client>,
}

impl Generated<'_> {
    /// Compiles `files` with the kit, makes the bindings, and tells dependents.
    fn make(
        self,
        files: impl FnOnce(&Seams) -> Result<Files, Error>,
        kit: Option<Kit>,
    ) -> Result<(), Error> {
        let call = self.call;
        bindings::load_libclang()?;
        let shim = call.package.join("shim");
        cargo::rerun_if_changed(&self.flags.include);
        cargo::rerun_if_changed([&shim]);
        let flags = Flags {
            include: [&self.flags.include[..], &self.threadx.include].concat(),
            defines: [&self.flags.defines[..], &self.threadx.defines].concat(),
        };
        let rules = configuration::NETXDUO;
        let macros = ["NX_DISABLE_ERROR_CHECKING"];
        let tool = compiler::tool(&flags.upstream(), &call.target)?;
        let configuration = Configuration::probe(&tool, "nx_api.h", rules, &macros, &call.out)?;
        configuration.check(rules, &self.place)?;
        Offer {
            include: &self.flags.include,
            defines: &self.flags.defines,
            version: self.version,
            error_checking: !configuration.has("NX_DISABLE_ERROR_CHECKING"),
            simulation_keys: SIMULATION_KEYS,
            simulation: self.simulation,
        }
        .tell()?;

        let kit = kit.unwrap_or_default();
        let mut files = files(&kit.seams)?;
        files.insert(shim.join("shim.c"), Vec::new());
        files.extend(kit.files.into_iter().map(|file| (file, Vec::new())));
        let headers = [&self.threadx.simulation_include[..], &kit.seams.headers].concat();
        Objects {
            build: &flags.upstream_behind(&headers),
            target: &call.target,
            folder: &call.out.join("objects"),
            files: &files,
        }
        .compile(self.archive)?;
        if let Some(original) = &self.original {
            let archive = original.compile(call, &flags, &headers)?;
            cargo::metadata("original_agent", archive.display());
        }

        let mut flags = flags;
        flags.defines.push(Define::flag("NETXDUO_SYS_UPSTREAM"));
        let absent = self.absent.iter();
        let defines = absent.clone().map(|client| Define::flag(client.absent));
        flags.defines.extend(defines);
        if self.simulation {
            flags.defines.push(Define::flag("NETXDUO_SYS_HOST"));
        }
        let structures: Vec<&str> = absent.map(|client| client.structure).collect();
        bindings::write(call, &flags, &bindings::NETXDUO, &structures)
    }
}
