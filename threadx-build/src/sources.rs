//! Which files of the upstream trees belong to a build.
//!
//! The folders are listed rather than the files: versions differ in files, not in folders. What must stay out is named here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::objects::Files;
use crate::seams::{self, Seams};
use crate::trees::Tree;

/// Files to compile, and the folders that cargo watches for new ones.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The files.
    pub files: Vec<PathBuf>,
    /// The folders.
    pub folders: Vec<PathBuf>,
}

impl Sources {
    /// Every C and assembler file of a folder for which `wanted` holds, in a stable order.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn add_folder(
        &mut self,
        folder: PathBuf,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            let is_source = path
                .extension()
                .is_some_and(|extension| ["c", "S", "s"].iter().any(|known| extension == *known));
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if is_source && wanted(&name) {
                files.push(path);
            }
        }
        files.sort();
        self.files.extend(files);
        self.folders.push(folder);
        Ok(())
    }

    /// The files, each with the names that are replaced in it.
    ///
    /// # Errors
    /// When seams are meant for a file that is not one of them: they would silently not work.
    pub fn with_seams(self, tree: &Path, seams: &Seams) -> Result<Files, Error> {
        let mut files: Files = self
            .files
            .into_iter()
            .map(|file| (file, Vec::new()))
            .collect();
        for (file, replacements) in &seams.files {
            match files.get_mut(&tree.join(file)) {
                Some(defines) => defines.clone_from(&replacements.defines),
                None if replacements.optional => {}
                None => {
                    return Err(Error::Syntax {
                        place: seams::FILE.to_owned(),
                        what: file.display().to_string(),
                        expected: "a file that is compiled; a ? in front where some versions have none",
                    });
                }
            }
        }
        Ok(files)
    }
}

/// The kernel and its port. Without `tx_initialize_low_level`, except on Linux: on a microcontroller that is the board's, and
/// what upstream has is a sample for one.
///
/// # Errors
/// When a folder cannot be read.
pub fn threadx(tree: &Tree, port: &str) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    sources.add_folder(tree.path.join("common/src"), |_| true)?;
    let port_sources = tree.path.join("ports").join(port).join("gnu/src");
    sources.add_folder(port_sources, |name| {
        port == "linux" || !name.starts_with("tx_initialize_low_level.")
    })?;
    Ok(sources)
}

/// The folders of NetX Duo's headers that no port has.
pub const NETXDUO_INCLUDE: [&str; 11] = [
    "common/inc",
    "nx_secure/inc",
    "nx_secure/ports",
    "crypto_libraries/inc",
    "addons/dns",
    "addons/dhcp",
    "addons/sntp",
    "addons/mqtt",
    "addons/cloud",
    "addons/azure_iot",
    "addons/azure_iot/samples/cert",
];

/// A client that a tree may be without.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// `cfg(name)` of the bindings, and a key of their metadata.
    pub name: &'static str,
    /// What is defined for the bindings where there is none.
    pub absent: &'static str,
    /// Its control block.
    pub structure: &'static str,
    /// Its header.
    pub header: &'static str,
    folder: &'static str,
    source: &'static str,
}

impl Client {
    /// Whether a tree has it.
    #[must_use]
    pub fn is_in(&self, netxduo: &Tree) -> bool {
        netxduo.path.join(self.folder).join(self.header).is_file()
    }
}

/// Who asks for an address, and who for the time.
pub const CLIENTS: [Client; 2] = [
    Client {
        name: "dhcp",
        absent: "NETXDUO_SYS_NO_DHCP",
        structure: "NX_DHCP",
        header: "nxd_dhcp_client.h",
        folder: "addons/dhcp",
        source: "nxd_dhcp_client.c",
    },
    Client {
        name: "sntp",
        absent: "NETXDUO_SYS_NO_SNTP",
        structure: "NX_SNTP_CLIENT",
        header: "nxd_sntp_client.h",
        folder: "addons/sntp",
        source: "nxd_sntp_client.c",
    },
];

/// NetX Duo, TLS, cryptography, DNS, MQTT, the cloud helper and the Azure IoT middleware, and of the [`CLIENTS`] those that the
/// tree has. Of the middleware without device
/// update, which needs the web client. The folder of Microsoft's micro agent is never looked into.
///
/// # Errors
/// When a folder cannot be read, and when the tables of TLS are not there.
pub fn netxduo(tree: &Tree) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    for folder in [
        "common/src",
        "nx_secure/src",
        "crypto_libraries/src",
        "addons/dns",
        "addons/mqtt",
        "addons/cloud",
    ] {
        sources.add_folder(tree.path.join(folder), |_| true)?;
    }
    for client in CLIENTS {
        if client.is_in(tree) {
            let folder = tree.path.join(client.folder);
            sources.add_folder(folder, |name| name == client.source)?;
        }
    }
    sources.add_folder(tree.path.join("addons/azure_iot"), |name| {
        !name.starts_with("nx_azure_iot_adu_")
    })?;
    // The tables of the cipher suites that IoT Hub wants, which are part of the samples: somebody may have left these out.
    let samples = tree.path.join("addons/azure_iot/samples/cert");
    let tables = "nx_azure_iot_ciphersuites.c";
    for file in [tables, "nx_azure_iot_ciphersuites.h"] {
        let file = samples.join(file);
        if !file.is_file() {
            return Err(Error::NoTables { missing: file });
        }
    }
    sources.add_folder(samples, |name| name == tables)?;
    Ok(sources)
}

/// The Azure SDK as far as IoT goes, for a platform without HTTP and clock, as upstream builds it.
///
/// # Errors
/// When a folder cannot be read.
pub fn azure_sdk(tree: &Tree) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    let folder = tree.path.join("sdk/src/azure");
    sources.add_folder(folder.join("core"), |name| name != "az_curl.c")?;
    sources.add_folder(folder.join("iot"), |_| true)?;
    sources.add_folder(folder.join("platform"), |name| {
        name == "az_nohttp.c" || name == "az_noplatform.c"
    })?;
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::Define;
    use crate::trees::Kind;

    /// A tree with these files.
    fn tree(kind: Kind, files: &[&str]) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let tree = Tree {
            kind,
            path: folder.path().to_owned(),
            origin: String::new(),
        };
        (folder, tree)
    }

    fn names(sources: &Sources, tree: &Tree) -> Vec<String> {
        let names = sources.files.iter().map(|file| {
            let file = file.strip_prefix(&tree.path).unwrap();
            file.to_string_lossy().into_owned()
        });
        names.collect()
    }

    #[test]
    fn the_boards_part_of_a_port_is_left_to_the_board() {
        let (_folder, tree) = tree(
            Kind::ThreadX,
            &[
                "common/src/tx_mutex_get.c",
                "common/inc/tx_api.h",
                "ports/cortex_m33/gnu/src/tx_initialize_low_level.S",
                "ports/cortex_m33/gnu/src/tx_thread_schedule.S",
                "ports/cortex_m33/gnu/example_build/sample_threadx.c",
                "ports/linux/gnu/src/tx_initialize_low_level.c",
            ],
        );
        let sources = threadx(&tree, "cortex_m33").unwrap();
        assert_eq!(
            names(&sources, &tree),
            [
                "common/src/tx_mutex_get.c",
                "ports/cortex_m33/gnu/src/tx_thread_schedule.S"
            ]
        );
        let sources = threadx(&tree, "linux").unwrap();
        assert_eq!(
            names(&sources, &tree),
            [
                "common/src/tx_mutex_get.c",
                "ports/linux/gnu/src/tx_initialize_low_level.c"
            ]
        );
    }

    #[test]
    fn of_the_middleware_only_what_the_agent_needs_is_compiled() {
        let mut files = vec![
            "common/src/nx_ip_create.c",
            "nx_secure/src/nx_secure_tls_initialize.c",
            "crypto_libraries/src/nx_crypto_aes.c",
            "addons/dns/nxd_dns.c",
            "addons/mqtt/nxd_mqtt_client.c",
            "addons/cloud/nx_cloud.c",
            "addons/sntp/nxd_sntp_client.c",
            "addons/azure_iot/nx_azure_iot.c",
        ];
        let unwanted = [
            "addons/azure_iot/nx_azure_iot_adu_agent.c",
            "addons/azure_iot/azure_iot_security_module/nx_azure_iot_security_module.c",
            "addons/web/nx_web_http_client.c",
            // A server, and a client without its header.
            "addons/dhcp/nxd_dhcp_server.c",
            "addons/dhcp/nxd_dhcp_client.c",
        ];
        let samples = "addons/azure_iot/samples/cert/";
        let tables = format!("{samples}nx_azure_iot_ciphersuites.c");
        let header = format!("{samples}nx_azure_iot_ciphersuites.h");
        let sntp = "addons/sntp/nxd_sntp_client.h";
        let certificates = format!("{samples}nx_azure_iot_cert.c");
        let all = [
            &files[..],
            &unwanted,
            &[&tables, &header, &certificates, sntp],
        ]
        .concat();
        let (_folder, with_samples) = tree(Kind::NetXDuo, &all);

        for missing in [&tables, &header] {
            let others: Vec<&str> = all.iter().copied().filter(|file| file != missing).collect();
            let (_folder, incomplete) = tree(Kind::NetXDuo, &others);
            let text = netxduo(&incomplete).unwrap_err().to_string();
            assert!(text.contains(missing.as_str()), "{text}");
        }

        files.push(&tables);
        assert_eq!(
            names(&netxduo(&with_samples).unwrap(), &with_samples),
            files
        );
    }

    #[test]
    fn seams_reach_their_files_and_only_those() {
        let (_folder, tree) = tree(Kind::ThreadX, &["src/a.c", "src/b.c"]);
        let list = |text: &str| seams::parse(Path::new("seams.txt"), Path::new(""), text).unwrap();
        let sources = || {
            let mut sources = Sources::default();
            sources.add_folder(tree.path.join("src"), |_| true).unwrap();
            sources
        };
        let files = sources()
            .with_seams(&tree.path, &list("src/b.c: x=y\n?src/c.c: x=y\n"))
            .unwrap();
        let defines: Vec<&[Define]> = files.values().map(Vec::as_slice).collect();
        assert_eq!(defines, [&[][..], &["x=y".parse().unwrap()]]);
        let text = sources()
            .with_seams(&tree.path, &list("src/c.c: x=y\n"))
            .unwrap_err()
            .to_string();
        assert!(text.contains("src/c.c"), "{text}");
    }
}
