//! Instructions of a benchmark's own program, counted by valgrind's callgrind: the same however busy the machine is. Benchmarks of
//! other crates include this file by its path.

use std::env;
use std::error::Error;
use std::fs;
use std::process::{self, Command};

/// Whether valgrind is there. If it is not, says that nothing is counted, and fails where it must not be missing.
pub fn is_there() -> Result<bool, Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").output().is_ok() {
        return Ok(true);
    }
    if env::var_os("CI").is_some() {
        return Err("valgrind is missing".into());
    }
    println!("skipped: install valgrind to count instructions");
    Ok(false)
}

/// The instructions of this program when it runs with these arguments: all, or those within the functions whose names match.
pub fn count(arguments: &[&str], within: Option<&str>) -> Result<u64, Box<dyn Error>> {
    let name = format!("callgrind-{}{}", process::id(), arguments.join("-"));
    let out = env::temp_dir().join(name);
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind");
    if let Some(functions) = within {
        valgrind.arg("--collect-atstart=no");
        valgrind.arg(format!("--toggle-collect={functions}"));
    }
    let output = valgrind
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(arguments)
        .output()?;
    let profile = fs::read_to_string(&out);
    let _ = fs::remove_file(&out);
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the measured run failed:\n{report}").into());
    }
    let profile = profile?;
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals:"))
        .ok_or("callgrind wrote no total")?;
    match total.trim().parse()? {
        0 => Err("callgrind did not find the measured function".into()),
        total => Ok(total),
    }
}
