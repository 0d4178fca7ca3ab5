//! Instructions a report, counted by callgrind.

use std::env;
use std::error::Error;
use std::process::Command;

use crate::fleet::Fleet;

/// Fails when a fleet's reports take more than its budget.
pub fn check() -> Result<(), Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        if env::var_os("CI").is_some() {
            return Err("valgrind is missing".into());
        }
        println!("skipped: install valgrind to count instructions");
        return Ok(());
    }
    let mut exceeded = false;
    for fleet in Fleet::ALL {
        let budget = fleet.budget();
        let reports = fleet.reports(20, 20)?.1.len() as u64;
        let each = count(fleet.name())? / reports;
        let verdict = if each <= budget { "" } else { "  OVER BUDGET" };
        println!(
            "{:<12} {each:>6} instructions a report (budget {budget}){verdict}",
            fleet.name()
        );
        exceeded |= each > budget;
    }
    match exceeded {
        true => Err("a report takes more instructions than its budget".into()),
        false => Ok(()),
    }
}

/// Instructions of all reports of a fleet.
fn count(fleet: &str) -> Result<u64, Box<dyn Error>> {
    let out = env::temp_dir().join(format!("detect-{}-{fleet}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=*detect*measure*")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(["--once", fleet])
        .output()?;
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the measured run failed:\n{report}").into());
    }
    let written = std::fs::read_to_string(&out)?;
    std::fs::remove_file(&out)?;
    let total = written
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .ok_or("callgrind wrote no total")?;
    match total.trim().parse()? {
        0 => Err("callgrind did not find the measured function".into()),
        total => Ok(total),
    }
}
