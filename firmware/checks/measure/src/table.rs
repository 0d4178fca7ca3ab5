//! The figures, each against its budget.

use core::fmt::Arguments;

use semihosting::println;

/// Prints rows as they come.
pub struct Table {
    exceeded: u32,
}

impl Table {
    /// A table, with its heading.
    pub fn new() -> Self {
        println!("measured   budget");
        Self { exceeded: 0 }
    }

    /// What is only told.
    pub fn tell(&self, what: Arguments<'_>, value: u32) {
        println!("{value:>8}            {what}");
    }

    /// What must not exceed a budget.
    pub fn check(&mut self, what: Arguments<'_>, value: u32, budget: u32) {
        let over = value > budget;
        let verdict = if over { ": OVER BUDGET" } else { "" };
        println!("{value:>8} {budget:>8}   {what}{verdict}");
        self.exceeded += u32::from(over);
    }

    /// Whether nothing did.
    pub fn is_within_budgets(&self) -> bool {
        self.exceeded == 0
    }
}
