//! The files that decide what is told.

use std::path::PathBuf;

use clap::Args;
use defender_hub::config::PolicyFiles;

/// What decides, in files.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Your own rules: Azure's device security groups, as JSON
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// Hostile addresses: plain or CIDR, Suricata, Zeek, CSV, STIX
    ///
    /// Lines that are wrong are told, and the others act; a list of which none acts ends it with 2.
    #[arg(long, value_name = "FILE")]
    pub threats: Vec<PathBuf>,
    /// What is not to be told, in TOML
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Which devices are in which security group, in TOML
    #[arg(long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Thresholds and other settings of detection, in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Known vulnerabilities, in TOML, in place of those that come with this program
    #[arg(long, value_name = "FILE")]
    pub advisories: Option<PathBuf>,
}

impl PolicyArgs {
    /// The files, as the hub's configuration names them.
    pub fn files(&self) -> PolicyFiles {
        let mut files = PolicyFiles::default();
        files.rules.clone_from(&self.rules);
        files.threats.clone_from(&self.threats);
        files.exceptions.clone_from(&self.exceptions);
        files.groups.clone_from(&self.groups);
        files.config.clone_from(&self.config);
        files.advisories.clone_from(&self.advisories);
        files
    }
}
