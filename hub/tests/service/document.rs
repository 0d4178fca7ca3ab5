//! What the API says of itself is what it does.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

use defender_hub::Hub;
use serde_json::Value;

use crate::support::{alerts, get, page, report, scan, start};

/// Each path with each method.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter()
            .map(|(method, operation)| (path.clone(), method.to_uppercase(), operation.clone()))
    });
    each.collect()
}

/// The status of an answer, which may go on for ever.
fn status(hub: &Hub, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(hub.web_address()).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = vec![0; 2048];
    let length = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    (answer[9..12].parse().unwrap(), answer)
}

/// Every `$ref` in it.
fn references(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get("$ref") {
                all.insert(to.clone());
            }
            members.values().for_each(|member| references(member, all));
        }
        Value::Array(members) => members.iter().for_each(|member| references(member, all)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_there_and_told_of_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let document = get(&hub, "/api/v1/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{name}");
        assert!(operation["summary"].is_string(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name}"
        );
        assert!(responses.contains_key("default"), "{name}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let named = path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
            assert!(named == (parameter["in"] == "path"), "{name}: {parameter}");
        }
        let asked = path.replace("{id}", "1").replace("{group}", "none");
        let nonsense = path.replace("{id}", "%FF").replace("{group}", "%FF");
        for (method, path) in [(&*method, &asked), (&*method, &nonsense), ("PUT", &asked)] {
            let (status, answer) = status(&hub, method, path);
            if method == "PUT" || path.contains('%') {
                assert!(status >= 400, "{method} {path}: {answer}");
            } else {
                assert_ne!(status, 405, "{name}");
                assert!(!answer.contains("there is nothing here"), "{name}");
            }
            // What is wrong is said in JSON, whoever finds it.
            if status >= 400 {
                let (_, body) = answer.split_once("\r\n\r\n").unwrap();
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                assert!(body["error"].is_string(), "{method} {path}: {answer}");
            }
        }
    }
    assert!(ids.len() > 20, "{ids:?}");
    let mut all = BTreeSet::new();
    references(&document, &mut all);
    for reference in all {
        let at = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(at).is_some(), "{reference}");
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_page_does_is_in_it_and_so_is_the_table_of_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan(1)).await;
    let id = alerts(&hub, "", 1).await[0]["id"].clone();
    let exception = serde_json::json!({ "who": "ann", "reason": "x", "device": "other" });
    crate::support::post(&hub, "/api/v1/exceptions", exception)
        .await
        .unwrap();
    let document = get(&hub, "/api/v1/openapi.json").await;
    let known: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| format!("{method} {path}"))
        .collect();
    let mut done = BTreeSet::new();
    let alert = format!("/alerts/{}", id.as_str().unwrap());
    for path in [&alert, "/devices/pump", "/baselines/default", "/exceptions"] {
        let page = page(&hub, path);
        let forms = page.split("<form").skip(1);
        for form in forms.map(|form| form.split("</form>").next().unwrap()) {
            let values = |attribute: &str| {
                let rests: Vec<_> = form.split(&format!("{attribute}=\"")).skip(1).collect();
                rests
                    .into_iter()
                    .map(|rest| rest.split('"').next().unwrap())
            };
            // What buttons do is behind what the form is about.
            let base = values("data-form").next().unwrap_or_default();
            let posts = values("data-post").map(|to| ("POST", format!("{base}{to}")));
            let deletes = values("data-delete").map(|to| ("DELETE", format!("{base}{to}")));
            let gets = values("action").map(|to| ("GET", to.to_owned()));
            let gets = gets.filter(|(_, to)| to.starts_with("/api/"));
            for (method, to) in posts.chain(deletes).chain(gets) {
                let mut parts: Vec<_> = to.trim_start_matches('/').split('/').collect();
                // The fourth part names something, if it is no verb.
                if let Some(name) = parts.get_mut(3).filter(|name| **name != "preview") {
                    *name = match to.contains("/baselines/") {
                        true => "{group}",
                        false => "{id}",
                    };
                }
                done.insert(format!("{method} /{}", parts.join("/")));
            }
        }
    }
    assert!(done.is_subset(&known), "{done:?}");
    for one in [
        "POST /api/v1/alerts/{id}/acknowledge",
        "POST /api/v1/alerts/{id}/close",
        "POST /api/v1/exceptions",
        "POST /api/v1/exceptions/preview",
        "DELETE /api/v1/exceptions/{id}",
        "POST /api/v1/baselines/{group}/accept",
        "GET /api/v1/devices/{id}/mud",
    ] {
        assert!(done.contains(one), "{one}: {done:?}");
    }
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hub.md");
    let book = std::fs::read_to_string(book).unwrap();
    for (path, ..) in operations(&document) {
        let short = path.replace("{id}", "ID").replace("{group}", "GROUP");
        // Several acts of one thing are in one row.
        let act = short.rsplit('/').next().unwrap();
        assert!(
            book.contains(&format!("`GET {short}`"))
                || book.contains(&format!("`POST {short}`"))
                || book.contains(&format!("{short}`"))
                || book.contains(&format!("`…/{act}`")),
            "{short} is not in docs/hub.md"
        );
    }
    hub.stop().await.unwrap();
}
