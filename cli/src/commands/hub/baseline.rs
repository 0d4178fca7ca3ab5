//! `defender hub baseline`: what a hub takes for normal.

use defender_detect::baseline::{Baselines, Class};
use defender_hub::web::ApiClient;
use serde_json::json;

use super::api::{client, escaped, read};
use crate::{
    args::{HubBaselineArgs, HubBaselineCommand},
    commands::baseline,
    detect::read_mud,
    error::{self, CliError},
};

/// Does what is asked for.
pub fn run(args: HubBaselineArgs) -> Result<(), CliError> {
    let client = client(&args.api)?;
    match args.command {
        None => show(&client, false),
        Some(HubBaselineCommand::Show { json }) => show(&client, json),
        Some(HubBaselineCommand::Accept {
            mut classes,
            mud,
            group,
        }) => {
            if let Some(path) = mud {
                classes.extend(read_mud(&path)?.classes());
            }
            each(&client, &classes, &group, "accept", "accepted")
        }
        Some(HubBaselineCommand::Forget { classes, group }) => {
            each(&client, &classes, &group, "forget", "forgotten")
        }
    }
}

fn show(client: &ApiClient, json: bool) -> Result<(), CliError> {
    let answer = client.get("/api/v1/baselines")?;
    let mut baselines = Baselines::default();
    baselines.groups = read(&answer["baselines"])?;
    baseline::show(&baselines, json)
}

fn each(
    client: &ApiClient,
    classes: &[Class],
    group: &str,
    act: &str,
    done: &str,
) -> Result<(), CliError> {
    let path = format!("/api/v1/baselines/{}/{act}", escaped(group));
    for class in classes {
        client.post(&path, &json!({ "class": class }))?;
        error::note(format_args!("{class}: {done}"));
    }
    Ok(())
}
