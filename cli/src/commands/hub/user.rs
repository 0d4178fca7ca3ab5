//! `defender hub user`: who may use a hub's page from elsewhere.

use std::{
    io::{self, BufRead, IsTerminal},
    time::SystemTime,
};

use console::Term;
use defender_hub::users::{self, User, UserError, Users};
use serde_json::json;

use super::folder;
use crate::{
    args::{HubUserArgs, HubUserCommand},
    error::{self, CliError},
    output::{Format, Output, UnixTime},
};

/// Does what is asked for.
pub fn run(args: HubUserArgs) -> Result<(), CliError> {
    let users = users::open(&folder::of(args.data)?)?;
    match args.command {
        HubUserCommand::Add { name, role } => {
            // Nobody is to think of a password in vain.
            if users.list()?.iter().any(|user| user.name == name) {
                return Err(UserError::Exists(name.to_string()).into());
            }
            let password = users::hash(&password()?)?;
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            let now = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
            users.add(&User::new(name.clone(), role.into(), password, now))?;
            error::note(format_args!("{name} may log in"));
            Ok(())
        }
        HubUserCommand::Password { name } => {
            if users.list()?.iter().all(|user| user.name != name) {
                return Err(UserError::Unknown(name.to_string()).into());
            }
            let password = users::hash(&password()?)?;
            users.set_password(name.as_str(), &password)?;
            error::note(format_args!(
                "{name} has another password, and is logged out"
            ));
            Ok(())
        }
        HubUserCommand::Remove { name } => {
            users.remove(name.as_str())?;
            error::note(format_args!("{name} is removed, and logged out"));
            Ok(())
        }
        HubUserCommand::List { json } => list(&users, Format::from_json_flag(json)),
    }
}

/// The password, which is no argument: others on this machine can see those.
fn password() -> Result<String, CliError> {
    let of = |error: io::Error| CliError::Usage(format!("the password cannot be read: {error}"));
    if io::stdin().is_terminal() {
        let ask = |prompt: &str| {
            let terminal = Term::stderr();
            terminal.write_str(prompt)?;
            terminal.read_secure_line()
        };
        let (first, again) = (
            ask("Password, of at least 10 characters: ").map_err(of)?,
            ask("The same once more: ").map_err(of)?,
        );
        return match first == again {
            true => Ok(first),
            false => Err(CliError::Usage(
                "these are two different passwords; nothing was changed".into(),
            )),
        };
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(of)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

fn list(users: &Users, format: Format) -> Result<(), CliError> {
    let mut output = Output::stdout(format);
    for user in users.list()? {
        match format {
            Format::Json => output.write_json(&json!({
                "name": user.name.as_str(),
                "role": user.role.name(),
                "added": user.added,
            }))?,
            Format::Text => output.write_text(format_args!(
                "{}  {}  since {}",
                user.name,
                user.role.name(),
                UnixTime(user.added.into()),
            ))?,
        }
    }
    Ok(output.flush()?)
}
