//! Instructions a report, counted by callgrind.

use std::error::Error;

use crate::callgrind;
use crate::fleet::Fleet;

/// Fails when a fleet's reports take more than its budget.
pub fn check() -> Result<(), Box<dyn Error>> {
    if !callgrind::is_there()? {
        return Ok(());
    }
    let mut exceeded = false;
    for fleet in Fleet::ALL {
        let budget = fleet.budget();
        let reports = fleet.reports(20, 20)?.1.len() as u64;
        let arguments = ["--once", fleet.name()];
        let each = callgrind::count(&arguments, Some("*detect*measure*"))? / reports;
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
