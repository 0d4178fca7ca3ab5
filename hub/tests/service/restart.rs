//! Over a stop and a start nothing is lost, and nothing told twice.

use defender_hub::store;

use crate::support::{alerts, get, post, report, scan, scan_again, start};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan_again(1)).await;
    let before = alerts(&hub, "", 1).await;
    let made = json!({ "who": "ann", "device": "camera", "reason": "test" });
    post(&hub, "/api/v1/exceptions", made).await.unwrap();
    // Acknowledged, and not committed yet.
    report(&hub, "late", scan(2)).await;
    hub.stop().await.unwrap();
    assert_eq!(said.changes().len(), 2);

    let (hub, said) = start(folder.path(), "").await.unwrap();
    let after = alerts(&hub, "device=pump", 1).await;
    assert_eq!(after, before);
    alerts(&hub, "device=late", 1).await;
    assert!(said.changes().is_empty(), "{:?}", said.changes());
    // The same report is a repetition, and the scan goes on as the same alert.
    report(&hub, "pump", scan_again(1)).await;
    assert!(said.changes().is_empty());
    for number in 2..12 {
        report(&hub, "pump", scan_again(number)).await;
    }
    report(&hub, "camera", scan(3)).await;
    report(&hub, "new", scan(4)).await;
    alerts(&hub, "", 3).await;
    let id = before[0]["id"].as_str().unwrap();
    let again = format!("{id} Again");
    assert!(said.changes().contains(&again), "{:?}", said.changes());
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_that_is_new_at_the_start_closes_what_it_covers() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan(1)).await;
    alerts(&hub, "state=open", 1).await;
    hub.stop().await.unwrap();
    let file = folder.path().join("exceptions.toml");
    std::fs::write(
        &file,
        "[[exception]]\ndevice = \"pump\"\nreason = \"test\"\n",
    )
    .unwrap();
    let config = format!("[detection]\nexceptions = {file:?}");
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    alerts(&hub, "state=closed", 1).await;
    assert_eq!(said.changes().len(), 1);
    hub.stop().await.unwrap();
    // That, too, is told once.
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    alerts(&hub, "state=closed", 1).await;
    assert!(said.changes().is_empty());
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_decides_is_exchanged_or_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exceptions.toml");
    std::fs::write(&file, "").unwrap();
    let config = format!("[detection]\nexceptions = {file:?}");
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    report(&hub, "pump", scan(1)).await;
    alerts(&hub, "state=open", 1).await;
    std::fs::write(&file, "[[exception]]\ndevice = \"pump\"\n").unwrap();
    hub.reload().await;
    assert!(said.texts().last().unwrap().contains("stay as they were"));
    alerts(&hub, "state=open", 1).await;
    std::fs::write(&file, "[[exception]]\ndevice = \"pump\"\nreason = \"test\"").unwrap();
    hub.reload().await;
    alerts(&hub, "state=open", 0).await;
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_hub_is_a_store_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan(1)).await;
    let before = alerts(&hub, "", 1).await;
    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join(store::FILE);
    store::backup(folder.path(), &copy).unwrap();
    // Nothing is overwritten.
    assert!(store::backup(folder.path(), &copy).is_err());
    report(&hub, "later", scan(2)).await;
    hub.stop().await.unwrap();
    let (hub, _) = start(other.path(), "").await.unwrap();
    assert_eq!(alerts(&hub, "", 1).await, before);
    assert_eq!(
        get(&hub, "/api/v1/devices").await["devices"][0]["device"],
        "pump"
    );
    hub.stop().await.unwrap();
}
