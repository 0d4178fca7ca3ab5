//! Instructions of each step of a flow table at its worst, counted by callgrind.
//!
//! `cargo bench -p defender-agent --bench bounds`. Every case runs once by itself under `valgrind --tool=callgrind`, which counts
//! what happens within one function. It fails when a step exceeds the budget.

#[path = "../../benches/support/callgrind.rs"]
mod callgrind;
#[path = "worst/mod.rs"]
mod worst;

use std::env;
use std::error::Error;
use std::process::ExitCode;

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
    if !callgrind::is_there()? {
        return Ok(());
    }
    let mut exceeded = false;
    for size in [SMALL, LARGE] {
        println!("{size} + {size} flows, budget {BUDGET} instructions a step");
        for (index, case) in cases::<SMALL>().iter().enumerate() {
            let arguments = [&size.to_string(), &index.to_string()];
            let arguments = ["--case", arguments[0], arguments[1]];
            let instructions = callgrind::count(&arguments, Some("*bounds*measured*"))?;
            let is_over = instructions > BUDGET.into();
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
