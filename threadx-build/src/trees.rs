//! Where the upstream trees are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::cargo::{self, Variables};
use crate::prebuilt;

/// A tree that the C side is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel.
    ThreadX,
    /// The network stack with TLS, MQTT and the Azure IoT middleware.
    NetXDuo,
    /// The Azure SDK for embedded C, which the middleware is written on.
    AzureSdk,
}

impl Kind {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreadX => "ThreadX",
            Self::NetXDuo => "NetX Duo",
            Self::AzureSdk => "the Azure SDK for C",
        }
    }

    /// The environment variable that names its folder.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::ThreadX => "THREADX_DIR",
            Self::NetXDuo => "NETXDUO_DIR",
            Self::AzureSdk => "AZURE_SDK_FOR_C_DIR",
        }
    }

    /// Its folder below `vendor`.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::ThreadX => "threadx",
            Self::NetXDuo => "netxduo",
            Self::AzureSdk => "azure-sdk-for-c",
        }
    }

    /// The variables for one that is compiled elsewhere. The Azure SDK belongs to NetX Duo then.
    #[must_use]
    pub const fn prebuilt(self) -> Option<prebuilt::Names> {
        match self {
            Self::ThreadX => Some(prebuilt::THREADX),
            Self::NetXDuo => Some(prebuilt::NETXDUO),
            Self::AzureSdk => None,
        }
    }

    /// A file that every version has, and nothing else.
    #[must_use]
    pub const fn landmark(self) -> &'static str {
        match self {
            Self::ThreadX => "common/inc/tx_api.h",
            Self::NetXDuo => "common/inc/nx_api.h",
            Self::AzureSdk => "sdk/inc/azure/iot/az_iot_hub_client.h",
        }
    }
}

/// NetX Duo's own place for the Azure SDK, a submodule.
const SUBMODULE: &str = "addons/azure_iot/azure-sdk-for-c";

/// A tree that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// What it is.
    pub kind: Kind,
    /// Its folder.
    pub path: PathBuf,
    /// Who named it, for messages.
    pub origin: String,
}

/// Looks for a tree: in the folder that its variable names, else below the workspace's `vendor` folder. `None` when neither is
/// there. A relative path in the variable begins at the workspace.
///
/// # Errors
/// When one of the two is there and is no such tree. An empty folder is none, as git leaves for submodules.
pub fn find(
    kind: Kind,
    workspace: &Path,
    variables: &impl Variables,
) -> Result<Option<Tree>, Error> {
    let variable = kind.variable();
    if let Some(path) = variables.get(variable) {
        let path = workspace.join(path);
        let origin = format!("{variable} ({})", path.display());
        return checked(kind, path, origin, || {
            format!(
                "Set it to the folder of a checkout of {}, or unset it to do without",
                kind.name()
            )
        })
        .map(Some);
    }
    // So do headers that are named of one that somebody else compiles.
    let prebuilt = kind.prebuilt().map(|names| names.include);
    let path = workspace.join("vendor").join(kind.folder());
    if is_empty(&path) || prebuilt.is_some_and(|include| variables.get(include).is_some()) {
        return Ok(None);
    }
    let origin = path.display().to_string();
    checked(kind, path, origin, || {
        format!(
            "Put a checkout of {} there (vendor/README.md has the command), or remove the folder to do without",
            kind.name()
        )
    })
    .map(Some)
}

/// Has cargo run the build script again when a tree is put below `vendor`, or one that was found is taken away. Other changes
/// inside of trees are not watched by this.
pub fn watch(workspace: &Path, found: &[Option<&Tree>]) {
    cargo::rerun_if_changed(watched(workspace, found));
}

fn watched(workspace: &Path, found: &[Option<&Tree>]) -> Vec<PathBuf> {
    let mut watched: Vec<PathBuf> = found
        .iter()
        .flatten()
        .map(|tree| tree.path.join(tree.kind.landmark()))
        .collect();
    let vendor = workspace.join("vendor");
    let trees = [Kind::ThreadX, Kind::NetXDuo, Kind::AzureSdk];
    // Cargo watches a folder with everything below it, and runs the script each time for what does not exist.
    if vendor.is_dir()
        && trees
            .iter()
            .all(|kind| is_empty(&vendor.join(kind.folder())))
    {
        watched.push(vendor);
    }
    watched
}

/// Refuses an Azure SDK that the environment names although nothing is compiled that needs it. One below `vendor` may wait
/// there for the others.
///
/// # Errors
/// When it is so.
pub fn check_azure_sdk(
    azure_sdk: Option<&Tree>,
    has_netxduo: bool,
    variables: &impl Variables,
) -> Result<(), Error> {
    match azure_sdk {
        Some(tree) if !has_netxduo && variables.get(Kind::AzureSdk.variable()).is_some() => {
            Err(Error::OnlyAzureSdk {
                origin: tree.origin.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// The Azure SDK in NetX Duo's submodule.
///
/// # Errors
/// When it is empty, or something else.
pub fn azure_sdk_of(netxduo: &Tree) -> Result<Tree, Error> {
    let path = netxduo.path.join(SUBMODULE);
    if is_empty(&path) {
        return Err(Error::missing(Kind::NetXDuo, Kind::AzureSdk));
    }
    let origin = path.display().to_string();
    checked(Kind::AzureSdk, path, origin, || {
        "Run `git submodule update --init` in NetX Duo's checkout, or set AZURE_SDK_FOR_C_DIR to another one".to_owned()
    })
}

/// A path, if it is a tree of this kind.
fn checked(
    kind: Kind,
    path: PathBuf,
    origin: String,
    remedy: impl FnOnce() -> String,
) -> Result<Tree, Error> {
    let landmark = path.join(kind.landmark());
    if landmark.is_file() {
        Ok(Tree { kind, path, origin })
    } else {
        Err(Error::NoTree {
            origin,
            name: kind.name(),
            missing: landmark,
            remedy: remedy(),
        })
    }
}

/// Whether there is nothing at all, or a folder with nothing in it.
fn is_empty(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !path.exists(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ffi::OsString;

    use super::*;
    use crate::cargo::Given;

    fn given(variable: &str, path: &Path) -> Given {
        Given(HashMap::from([(variable.to_owned(), OsString::from(path))]))
    }

    fn none() -> Given {
        Given::default()
    }

    /// Makes a folder the tree of a kind.
    fn plant(kind: Kind, path: &Path) {
        let landmark = path.join(kind.landmark());
        fs::create_dir_all(landmark.parent().unwrap()).unwrap();
        fs::write(landmark, "").unwrap();
    }

    #[test]
    fn without_variable_and_vendor_there_is_none() {
        let workspace = tempfile::tempdir().unwrap();
        let found = find(Kind::ThreadX, workspace.path(), &none()).unwrap();
        assert_eq!(found, None);
        // As git leaves the folder of a submodule that is not checked out.
        fs::create_dir_all(workspace.path().join("vendor/threadx")).unwrap();
        let found = find(Kind::ThreadX, workspace.path(), &none()).unwrap();
        assert_eq!(found, None);
    }

    #[test]
    fn vendor_serves_and_the_variables_go_before() {
        let workspace = tempfile::tempdir().unwrap();
        let vendored = workspace.path().join("vendor/netxduo");
        plant(Kind::NetXDuo, &vendored);
        let tree = find(Kind::NetXDuo, workspace.path(), &none())
            .unwrap()
            .unwrap();
        assert_eq!(tree.path, vendored);

        let named = workspace.path().join("elsewhere");
        plant(Kind::NetXDuo, &named);
        // A relative path begins at the workspace.
        for path in [&named, Path::new("elsewhere")] {
            let variables = given("NETXDUO_DIR", path);
            let tree = find(Kind::NetXDuo, workspace.path(), &variables)
                .unwrap()
                .unwrap();
            assert_eq!(tree.path, named);
        }

        let variables = given("NETXDUO_PREBUILT_INCLUDE", &named);
        let found = find(Kind::NetXDuo, workspace.path(), &variables).unwrap();
        assert_eq!(found, None);
    }

    #[test]
    fn a_path_without_a_tree_is_refused_with_what_was_looked_for() {
        let workspace = tempfile::tempdir().unwrap();
        for (kind, file) in [
            (Kind::ThreadX, "common/inc/tx_api.h"),
            (Kind::NetXDuo, "common/inc/nx_api.h"),
            (Kind::AzureSdk, "sdk/inc/azure/iot/az_iot_hub_client.h"),
        ] {
            let variables = given(kind.variable(), Path::new("nowhere"));
            let text = find(kind, workspace.path(), &variables)
                .unwrap_err()
                .to_string();
            let missing = workspace.path().join("nowhere").join(file);
            for part in [
                kind.variable(),
                kind.name(),
                &missing.display().to_string(),
                "unset it",
            ] {
                assert!(text.contains(part), "{text}");
            }
        }
    }

    #[test]
    fn a_vendored_folder_that_is_no_tree_is_refused() {
        let workspace = tempfile::tempdir().unwrap();
        let folder = workspace.path().join("vendor/threadx");
        fs::create_dir_all(folder.join("threadx-6.4.2")).unwrap();
        let text = find(Kind::ThreadX, workspace.path(), &none())
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("vendor/threadx/common/inc/tx_api.h"),
            "{text}"
        );
        assert!(text.contains("vendor/README.md"), "{text}");
    }

    #[test]
    fn trees_are_watched_for_being_taken_away_and_an_empty_vendor_for_being_filled() {
        let workspace = tempfile::tempdir().unwrap();
        let vendor = workspace.path().join("vendor");
        // Cargo would run the script each time for what does not exist.
        assert_eq!(watched(workspace.path(), &[None]), Vec::<PathBuf>::new());
        fs::create_dir(&vendor).unwrap();
        assert_eq!(watched(workspace.path(), &[None]), [vendor.as_path()]);
        plant(Kind::ThreadX, &vendor.join("threadx"));
        let tree = find(Kind::ThreadX, workspace.path(), &none()).unwrap();
        assert_eq!(
            watched(workspace.path(), &[None, tree.as_ref()]),
            [vendor.join("threadx/common/inc/tx_api.h")]
        );
    }

    #[test]
    fn an_azure_sdk_alone_is_refused_when_the_environment_names_it() {
        let workspace = tempfile::tempdir().unwrap();
        let sdk = workspace.path().join("vendor/azure-sdk-for-c");
        plant(Kind::AzureSdk, &sdk);
        let check = |variables: &Given, has_netxduo| {
            let tree = find(Kind::AzureSdk, workspace.path(), variables).unwrap();
            check_azure_sdk(tree.as_ref(), has_netxduo, variables)
        };
        check(&none(), false).unwrap();
        let variables = given("AZURE_SDK_FOR_C_DIR", &sdk);
        check(&variables, true).unwrap();
        let text = check(&variables, false).unwrap_err().to_string();
        for part in [
            "AZURE_SDK_FOR_C_DIR (",
            &sdk.display().to_string(),
            "set NETXDUO_DIR and THREADX_DIR",
            "unset",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }

    #[test]
    fn the_submodule_serves_when_it_is_checked_out() {
        let folder = tempfile::tempdir().unwrap();
        let netxduo = Tree {
            kind: Kind::NetXDuo,
            path: folder.path().to_owned(),
            origin: String::new(),
        };
        let submodule = folder.path().join("addons/azure_iot/azure-sdk-for-c");
        fs::create_dir_all(&submodule).unwrap();
        let text = azure_sdk_of(&netxduo).unwrap_err().to_string();
        assert!(text.contains("AZURE_SDK_FOR_C_DIR"), "{text}");
        plant(Kind::AzureSdk, &submodule);
        assert_eq!(azure_sdk_of(&netxduo).unwrap().path, submodule);
    }
}
