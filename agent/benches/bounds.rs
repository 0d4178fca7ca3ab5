//! Instructions of each step of a flow table at its worst, counted by callgrind.
//!
//! `cargo bench -p defender-agent --bench bounds`. Every case runs once by itself under `valgrind --tool=callgrind`, which counts
//! what happens within one function. It fails when a step exceeds the budget.

#[path = "worst/mod.rs"]
mod worst;

use std::env;
use std::error::Error;
use std::process::{Command, ExitCode};

use defender_agent::FlowTable;
use worst::{BUDGET, Case, Subject, cases};

/// Flows of each IP version, as many as a device has by default, and many.
const SMALL: usize = 64;
const LARGE: usize = 1024;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let result = match &arguments[..] {
        [_, case, size, index] if case == "--case" => run_case(size, index),
        _ => measure(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run_case(size: &str, index: &str) -> Result<(), Box<dyn Error>> {
    let index = index.parse()?;
    match size.parse()? {
        SMALL => run::<SMALL>(index),
        _ => run::<LARGE>(index),
    }
    Ok(())
}

fn run<const N: usize>(index: usize) {
    let case = &cases::<N>()[index];
    let mut table = Box::new(FlowTable::new());
    let mut subject = case.ready(&mut table);
    measured(case, &mut table, &mut subject);
}

/// What callgrind counts.
#[inline(never)]
fn measured<const N: usize>(case: &Case<N>, table: &mut FlowTable<N, N>, subject: &mut Subject) {
    (case.step)(table, subject);
}

fn measure() -> Result<(), Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        if env::var_os("CI").is_some() {
            return Err("valgrind is missing".into());
        }
        println!("skipped: install valgrind to count instructions");
        return Ok(());
    }
    let mut exceeded = false;
    for size in [SMALL, LARGE] {
        println!("{size} + {size} flows, budget {BUDGET} instructions a step");
        for (index, case) in cases::<SMALL>().iter().enumerate() {
            let instructions = count(size, index)?;
            let is_over = instructions > BUDGET;
            let verdict = if is_over { "  OVER BUDGET" } else { "" };
            println!("{instructions:6}  {}{verdict}", case.name);
            exceeded |= is_over;
        }
    }
    if exceeded {
        return Err("a step takes more instructions than its budget".into());
    }
    Ok(())
}

/// Instructions of one case.
fn count(size: usize, index: usize) -> Result<u32, Box<dyn Error>> {
    let out = env::temp_dir().join(format!("bounds-{}-{size}-{index}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=*bounds*measured*")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(["--case", &size.to_string(), &index.to_string()])
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("the measured run failed:\n{report}").into());
    }
    let written = std::fs::read_to_string(&out)?;
    std::fs::remove_file(&out)?;
    let total = written
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    let total = total.ok_or("callgrind wrote no total")?;
    match total.trim().parse()? {
        0 => Err("callgrind did not find the measured function".into()),
        total => Ok(total),
    }
}
