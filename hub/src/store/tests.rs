//! The store alone.

use std::fs;
use std::time::Duration;

use defender_detect::{Change, ChangeEvent};

use super::*;
use crate::intake::What;

fn store() -> (tempfile::TempDir, Store, Reader) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let reader = store.reader().unwrap();
    (folder, store, reader)
}

fn change(device: &str, event: ChangeEvent, count: u32) -> Change {
    let mut change = crate::sink::tests::outgoing(device, event).change;
    change.alert.count = count;
    change
}

fn commit(changes: Vec<(u32, Change)>) -> Commit {
    Commit {
        changes,
        ..Commit::default()
    }
}

fn put(store: &Store, commit: Commit) {
    assert!(store.commit(commit).is_ok());
}

#[test]
fn the_journal_keeps_what_had_no_effect_yet_and_uses_no_number_twice() {
    let (folder, store, reader) = store();
    for number in 1..=5 {
        let entries = vec![Entry {
            time: 1_795_000_000,
            what: What::Tick,
        }];
        let batch = Batch { number, entries };
        store.append(number, batch.to_bytes()).unwrap();
        assert_eq!(reader.batch_after(number - 1).unwrap(), Some(batch));
    }
    let mut done = Commit::default();
    (done.progress.journal, done.progress.time) = (3, 77);
    put(&store, done.clone());
    assert_eq!(reader.progress().unwrap(), done.progress);
    assert_eq!(reader.batch_after(0).unwrap().unwrap().number, 4);
    done.progress.journal = 5;
    put(&store, done);
    assert_eq!(reader.batch_after(0).unwrap(), None);
    assert_eq!(reader.last_batch().unwrap(), 5);
    drop((store, reader));
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.reader().unwrap().last_batch().unwrap(), 5);
}

#[test]
fn updates_that_wait_coalesce_and_openings_and_closings_do_not() {
    let (_folder, store, reader) = store();
    // Without sinks nothing waits.
    put(
        &store,
        commit(vec![(1, change("before", ChangeEvent::Raised, 1))]),
    );
    assert_eq!(reader.waiting().unwrap(), 0);
    store.set_sinks(vec!["a".into(), "b".into()]).unwrap();
    for round in 0..50 {
        let mut changes = Vec::new();
        if round == 0 {
            changes.push((1, change("d", ChangeEvent::Raised, 1)));
        }
        changes.push((1, change("d", ChangeEvent::Again, 10 + round)));
        put(&store, commit(changes));
    }
    put(
        &store,
        commit(vec![(1, change("d", ChangeEvent::Closed, 99))]),
    );
    let waiting = |sink| {
        let waiting = reader.untold(sink, 100).unwrap().into_iter();
        let waiting = waiting.map(|one| (one.change.event, one.change.alert.count));
        waiting.collect::<Vec<_>>()
    };
    let all = [
        (ChangeEvent::Raised, 1),
        (ChangeEvent::Again, 59),
        (ChangeEvent::Closed, 99),
    ];
    assert_eq!(waiting("a"), all);
    let last = reader.untold("a", 100).unwrap().pop().unwrap().number;
    store.told("a".into(), last).unwrap();
    assert_eq!((waiting("a"), waiting("b")), (vec![], all.to_vec()));
    // One that is gone holds nothing back; a new one begins here.
    store.set_sinks(vec!["a".into(), "c".into()]).unwrap();
    assert_eq!(reader.waiting().unwrap(), 0);
    put(
        &store,
        commit(vec![(1, change("e", ChangeEvent::Raised, 1))]),
    );
    assert_eq!(waiting("c"), [(ChangeEvent::Raised, 1)]);
    assert_eq!(waiting("a"), [(ChangeEvent::Raised, 1)]);
}

#[test]
fn what_is_old_goes_and_the_file_gets_smaller() {
    const NOW: u32 = 1_795_000_000;
    let (folder, store, reader) = store();
    let day = 24 * 60 * 60;
    let old = NOW - 40 * day;
    let mut filled = Commit {
        devices: vec![DeviceRow {
            device: "d".into(),
            group: "default".into(),
            seen: NOW,
            reports: 1,
            refused: 0,
            state: vec![0; 100],
        }],
        ..Commit::default()
    };
    for hour in [old / 3600, NOW / 3600] {
        for peer in 0..20_000_u32 {
            let key = TrafficKey {
                device: "d".into(),
                hour,
                peer: Some(std::net::Ipv4Addr::from(peer).into()),
                protocol: defender_message::flow::Protocol::Tcp,
                port: 443,
                at_device: false,
            };
            let bytes = Bytes {
                received: 1,
                sent: 2,
            };
            filled.traffic.push((key, bytes));
        }
    }
    for (device, time) in [("old", old), ("new", NOW)] {
        filled
            .changes
            .push((time, change(device, ChangeEvent::Raised, 1)));
        filled
            .changes
            .push((time, change(device, ChangeEvent::Closed, 1)));
    }
    filled
        .changes
        .push((old, change("open", ChangeEvent::Raised, 1)));
    put(&store, filled);
    let size = || {
        let checkpoint = |connection: &mut Connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        store.run(checkpoint).unwrap();
        folder.path().join(FILE).metadata().unwrap().len()
    };
    let before = size();
    let keep = Keep {
        traffic: Duration::from_secs(30 * u64::from(day)),
        alerts: Duration::from_secs(30 * u64::from(day)),
    };
    while store.delete_old(keep, NOW).unwrap() {}
    assert_eq!(reader.traffic("d", 0).unwrap().len(), 20_000);
    let filter = AlertFilter {
        limit: 10,
        ..AlertFilter::default()
    };
    let left = reader.alerts(&filter).unwrap();
    let left: Vec<_> = left.iter().map(|alert| alert.device.as_str()).collect();
    assert_eq!(left, ["open", "new"]);
    let after = size();
    assert!(after < before * 3 / 4, "{before} bytes, then {after}");
}

#[test]
fn an_alert_stands_as_it_was_left_and_not_as_it_was_last_told() {
    let (_folder, store, reader) = store();
    let told = |event, count| (7, change("pump", event, count));
    let mut commit = commit(vec![
        told(ChangeEvent::Raised, 1),
        told(ChangeEvent::Again, 10),
    ]);
    let mut alert = commit.changes[0].1.alert.clone();
    alert.count = 21;
    commit.alerts.push(alert);
    put(&store, commit);
    let filter = AlertFilter {
        limit: 10,
        ..AlertFilter::default()
    };
    let counts: Vec<_> = reader
        .alerts(&filter)
        .unwrap()
        .iter()
        .map(|alert| alert.count)
        .collect();
    assert_eq!(counts, [21]);
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file_whatever_folder_it_is_in() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store, _) = store();
    put(&store, commit(Vec::new()));
    backup(folder.path(), &folder.path().join("copy.db")).unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert!(files.len() >= 2);
    for file in files {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
    }
}

/// What SQLite says on a full disk, it says of a file that may have no more pages, too.
#[test]
fn a_full_disk_is_said_and_takes_again_when_there_is_room() {
    let (_folder, store, reader) = store();
    let may_have = |pages: u32| {
        let limit = move |connection: &mut Connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        };
        store.run(limit).unwrap();
    };
    store.append(1, vec![1]).unwrap();
    // No fewer than there are.
    may_have(1);
    let large = || vec![7; 1 << 20];
    let full = store.append(2, large()).unwrap_err();
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
    assert!(full.is_temporary());
    assert!(full.to_string().contains("full: make room"), "{full}");
    let raised = change(&"x".repeat(1 << 20), ChangeEvent::Raised, 1);
    let Err(failed) = store.commit(commit(vec![(1, raised)])) else {
        panic!("there was no room");
    };
    let (full, back) = *failed;
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
    // Nothing of it is there.
    assert_eq!(reader.last_batch().unwrap(), 1);
    let all = AlertFilter {
        limit: 10,
        ..AlertFilter::default()
    };
    assert!(reader.alerts(&all).unwrap().is_empty());
    may_have(u32::MAX - 1);
    store.append(2, large()).unwrap();
    put(&store, back);
    assert_eq!(reader.last_batch().unwrap(), 2);
    assert_eq!(reader.alerts(&all).unwrap().len(), 1);
}
