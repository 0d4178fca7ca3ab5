//! How the file is opened: checked, brought up to date, never begun anew in place of one that is damaged.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{StoreError, schema};

/// The name of the database in the data folder.
pub const FILE: &str = "hub.db";

/// The file by whose lock a second hub in the same folder is noticed.
const LOCK: &str = "hub.lock";

/// Up to this size the whole file is checked when it is opened. Larger ones would take minutes; a backup checks what it has copied.
const CHECKED: u64 = 1 << 30;

/// How long another process may take to make the file, or to bring it up to date.
const MADE_WITHIN: Duration = Duration::from_secs(3);

/// Statements that are kept compiled.
const STATEMENTS: usize = 64;

/// Takes a data folder, which is made if need be, for one process. The lock ends with the file that is returned.
///
/// # Errors
/// [`StoreError::InUse`] when another process has it.
pub fn lock(folder: &Path) -> Result<File, StoreError> {
    make_private(folder).map_err(|error| StoreError::unusable(folder, error))?;
    check_owner(folder).map_err(|error| StoreError::unusable(folder, error))?;
    let path = folder.join(LOCK);
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| StoreError::unusable(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            folder: folder.into(),
        }),
        Err(TryLockError::Error(error)) => Err(StoreError::unusable(&path, error)),
    }
}

/// Whether a folder is this user's own: what another user writes there, root among them, the hub could not read any more.
#[cfg(target_os = "linux")]
pub(crate) fn check_owner(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let owner = fs::metadata(folder)?.uid();
    // Without `/proc`, as some containers are, whoever cannot write there is told by the first file.
    let own = fs::metadata("/proc/self").map_or(owner, |own| own.uid());
    match owner == own {
        true => Ok(()),
        false => Err(std::io::Error::other(format!(
            "it belongs to the user {owner}, and this is {own}: run this as the user of the hub"
        ))),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn check_owner(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A folder that nobody else reads: what devices do is nobody's business.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The same for a file, whoever may read its folder, that is made when it is not there, or must not be there. Those that SQLite keeps
/// beside it are as it is.
pub(super) fn make_private_file(path: &Path, is_new: bool) -> std::io::Result<()> {
    let mut options = File::options();
    options.create(true).create_new(is_new).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let is_there = fs::metadata(path).is_ok_and(|file| file.len() > 0);
    make_private_file(path, false).map_err(|error| StoreError::unusable(path, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| StoreError::of(path, error))?;
    let of = |error| StoreError::of(path, error);
    prepare(&connection).map_err(of)?;
    // A command may write beside it: a transaction that begins with reading could not wait for that.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    if is_there {
        check(&connection, path)?;
    } else {
        // Before the first table: freed pages are given back in small steps.
        connection
            .pragma_update(None, "auto_vacuum", "INCREMENTAL")
            .map_err(of)?;
    }
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
        .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
        .map_err(of)?;
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

/// A connection that writes beside a hub that may be running: it waits for its turn, and leaves the care for the file to the hub. Without
/// a hub the file is made, or brought up to date.
pub(crate) fn shared(folder: &Path) -> Result<Connection, StoreError> {
    let path = folder.join(FILE);
    let begun = Instant::now();
    loop {
        if fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
            check_owner(folder).map_err(|error| StoreError::unusable(folder, error))?;
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let of = |error| StoreError::of(&path, error);
            let connection = Connection::open_with_flags(&path, flags).map_err(of)?;
            prepare(&connection).map_err(of)?;
            if schema::is_current(&connection, &path)? {
                connection
                    .pragma_update(None, "synchronous", "FULL")
                    .map_err(of)?;
                return Ok(connection);
            }
        }
        match lock(folder) {
            Ok(_lock) => drop(writer(&path)?),
            // Somebody else does it at this moment, or a hub of an older version is running.
            Err(StoreError::InUse { .. }) if begun.elapsed() < MADE_WITHIN => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error),
        }
    }
}

pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| StoreError::of(path, error))?;
    prepare(&connection).map_err(|error| StoreError::of(path, error))?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A backup reads meanwhile, and another may write a moment longer.
    connection.busy_timeout(Duration::from_secs(10))
}

/// Looks for damage.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let of = |error| StoreError::of(path, error);
    // Reads the header, and recovers what a crash has left in the write-ahead log.
    let _: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(of)?;
    if fs::metadata(path).is_ok_and(|file| file.len() > CHECKED) {
        return Ok(());
    }
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(of)?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged {
            path: path.into(),
            reason: found,
        }),
    }
}

/// The last thing before the connection closes.
pub(super) fn farewell(connection: &Connection) {
    // Nothing depends on either: the next start does without.
    let _ = connection.execute_batch("PRAGMA optimize");
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}
