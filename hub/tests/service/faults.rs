//! What is wrong with the folder or the configuration is said, and nothing is begun anew in its place.

use std::{fs, path::Path};

use defender_hub::{StartError, store::StoreError};

use crate::support::{alerts, report, scan, start};

async fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    for number in 0..50 {
        report(&hub, &format!("device-{number}"), scan(number)).await;
    }
    alerts(&hub, "", 50).await;
    hub.stop().await.unwrap();
    folder
}

async fn refused(folder: &Path, config: &str) -> StartError {
    match start(folder, config).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_refused_and_left_as_it_is() {
    let folder = filled().await;
    let whole = fs::read(folder.path().join("hub.db")).unwrap();
    let mut damages = vec![
        whole[..whole.len() / 2].to_vec(),
        b"no database".repeat(1000),
    ];
    // Any page of it.
    const PAGE: usize = 4096;
    for page in (0..whole.len() / PAGE).step_by(3) {
        let mut damaged = whole.clone();
        damaged[page * PAGE..][..PAGE].fill(0xA5);
        damages.push(damaged);
    }
    let count = damages.len();
    let mut refused = 0;
    for (number, damaged) in damages.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.db");
        fs::write(&path, &damaged).unwrap();
        match start(folder.path(), "").await {
            Err(error @ StartError::Store(StoreError::Damaged { .. })) => {
                refused += 1;
                assert!(error.to_string().contains("put a backup"), "{error}");
                assert!(fs::read(&path).unwrap() == damaged, "{number}");
            }
            Err(error) => panic!("{number}: {error}"),
            // A page on which nothing was.
            Ok((hub, _)) => {
                alerts(&hub, "", 50).await;
                hub.stop().await.unwrap();
            }
        }
    }
    assert!(refused > count / 2, "{refused} of {count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_version_is_refused() {
    let folder = filled().await;
    let path = folder.path().join("hub.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let error = refused(folder.path(), "").await;
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_for_one_hub() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let error = refused(folder.path(), "").await;
    assert!(
        matches!(error, StartError::Store(StoreError::InUse { .. })),
        "{error}"
    );
    hub.stop().await.unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    hub.stop().await.unwrap();
}

/// Only root can make such a folder; who is not sees nothing of it here.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_another_user_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    if std::os::unix::fs::chown(folder.path(), Some(65_533), None).is_err() {
        eprintln!("skipped: this is not root");
        return;
    }
    let error = refused(folder.path(), "").await;
    assert!(
        error.to_string().contains("belongs to the user 65533"),
        "{error}"
    );
    assert!(defender_hub::identity::open(folder.path()).is_err());
    let files = defender_hub::identity::KeyFiles::of(folder.path());
    assert!(files.init(&["hub.example".into()]).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_open_to_everybody_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = defender_hub::config::HubConfig::parse(
        "[listen]\nweb = \"0.0.0.0:0\"",
        Path::new("hub.toml"),
    );
    let notices = defender_hub::notice::Notices::new(|_| ());
    let started = defender_hub::Hub::start(config.unwrap(), folder.path().into(), notices).await;
    match started {
        Err(error @ StartError::Open(_)) => {
            assert!(error.is_bad_input() && error.to_string().contains("proxies"));
        }
        _ => panic!("it started"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_rules_and_secrets_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exceptions.toml");
    fs::write(
        &file,
        "\n[[exception]]\nrule = \"Nonsense\"\nreason = \"x\"",
    )
    .unwrap();
    let error = refused(
        folder.path(),
        &format!("[detection]\nexceptions = {file:?}"),
    )
    .await;
    assert!(error.to_string().contains("line 3, column"), "{error}");
    let webhook =
        "[[sink.webhook]]\nurl = \"http://localhost\"\nsecret = { env = \"DEFENDER_UNSET\" }";
    let error = refused(folder.path(), webhook).await;
    assert!(error.to_string().contains("DEFENDER_UNSET"), "{error}");
}
