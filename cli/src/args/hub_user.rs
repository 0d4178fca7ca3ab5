//! The command line of who may use a hub's page and API from elsewhere.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use defender_hub::users::{UserName, UserRole};

const EXAMPLES: &str = "\
Examples:
  Somebody who acknowledges, closes and makes exceptions; the password is asked for:
    defender hub user add ann

  A screen on the wall, with the password from a file:
    defender hub user add wall --role reader < password.txt

  defender hub user list --json | jq -r .name
  defender hub user password ann
  defender hub user remove ann";

/// Say who may use the hub's page from elsewhere, where it has TLS or a proxy; the hub may be running
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct HubUserArgs {
    /// What to do
    #[command(subcommand)]
    pub command: HubUserCommand,
    /// The folder of the hub
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum HubUserCommand {
    /// Add a user; the password is asked for, or is the first line of standard input
    Add {
        /// The user's name
        name: UserName,
        /// What they may do
        #[arg(long, value_enum, default_value_t = Role::Operator)]
        role: Role,
    },
    /// Give a user another password, and log them out
    Password {
        /// The user's name
        name: UserName,
    },
    /// Remove a user, and log them out
    Remove {
        /// The user's name
        name: UserName,
    },
    /// List users
    List {
        /// Write JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// What a user may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Look
    Reader,
    /// Look, and change: acknowledge, close, make exceptions, accept traffic
    Operator,
}

impl From<Role> for UserRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Reader => Self::Reader,
            Role::Operator => Self::Operator,
        }
    }
}
