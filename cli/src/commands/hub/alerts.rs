//! `defender hub alerts`: over the API of a hub that runs.

use std::env;

use defender_detect::Alert;
use defender_hub::web::ApiClient;
use serde_json::{Value, json};

use super::api::{client, escaped, read};
use crate::{
    args::{AlertsArgs, AlertsCommand},
    detect::{Block, Summary},
    error::{self, CliError},
    output::{Format, Output},
};

/// Does what is asked for.
pub fn run(args: AlertsArgs) -> Result<(), CliError> {
    let client = client(&args.api)?;
    let who = args.who.unwrap_or_else(user);
    let act = |comment: String| json!({ "who": who, "comment": comment });
    match args.command {
        None => list(&client, false, None, false),
        Some(AlertsCommand::List { all, device, json }) => list(&client, all, device, json),
        Some(AlertsCommand::Show { id }) => {
            show(&client.get(&format!("/api/v1/alerts/{}", escaped(&id)))?)
        }
        Some(AlertsCommand::Acknowledge { id, comment }) => {
            client.post(
                &format!("/api/v1/alerts/{}/acknowledge", escaped(&id)),
                &act(comment),
            )?;
            error::note("acknowledged");
            Ok(())
        }
        Some(AlertsCommand::Close { id, comment }) => {
            client.post(
                &format!("/api/v1/alerts/{}/close", escaped(&id)),
                &act(comment),
            )?;
            error::note("closed");
            Ok(())
        }
        Some(AlertsCommand::Except {
            rule,
            device,
            group,
            peer,
            port,
            until,
            reason,
        }) => {
            let asked = json!({
                "who": who, "rule": rule, "device": device, "group": group, "peer": peer, "port": port, "until": until,
                "reason": reason,
            });
            let made = client.post("/api/v1/exceptions", &asked)?;
            error::note(format_args!("made: exception {}", made["id"]));
            Ok(())
        }
        Some(AlertsCommand::Exceptions) => {
            let mut output = Output::stdout(Format::Json);
            let all = client.get("/api/v1/exceptions")?;
            for exception in all["exceptions"].as_array().into_iter().flatten() {
                output.write_json(exception)?;
            }
            Ok(output.flush()?)
        }
        Some(AlertsCommand::Unexcept { id }) => {
            client.delete(&format!("/api/v1/exceptions/{id}"))?;
            error::note("deleted");
            Ok(())
        }
    }
}

fn list(client: &ApiClient, all: bool, device: Option<String>, json: bool) -> Result<(), CliError> {
    let mut path = "/api/v1/alerts?limit=10000".to_owned();
    if !all {
        path.push_str("&state=open");
    }
    if let Some(device) = device {
        path.push_str(&format!("&device={}", escaped(&device)));
    }
    let answer = client.get(&path)?;
    let mut output = Output::stdout(Format::from_json_flag(json));
    let mut summary = Summary::default();
    for (index, value) in answer["alerts"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        if json {
            output.write_json(value)?;
            continue;
        }
        let alert: Alert = read(value)?;
        summary.add(&alert);
        let separator = if index == 0 { "" } else { "\n" };
        output.write_text(format_args!("{separator}{}\n  {}", Block(&alert), alert.id))?;
    }
    output.flush()?;
    if !json {
        error::note(summary.of_alerts());
    }
    Ok(())
}

fn show(value: &Value) -> Result<(), CliError> {
    let mut output = Output::stdout(Format::Json);
    output.write_json(value)?;
    Ok(output.flush()?)
}

fn user() -> String {
    let name = env::var("USER").or_else(|_| env::var("USERNAME"));
    name.unwrap_or_else(|_| "unknown".into())
}
