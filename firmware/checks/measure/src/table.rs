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
        println!("measured   budget     goal");
        Self { exceeded: 0 }
    }

    /// What is only told.
    pub fn tell(&self, what: Arguments<'_>, value: u32) {
        println!("{value:>8}                     {what}");
    }

    /// What must not exceed a budget.
    pub fn check(&mut self, what: Arguments<'_>, value: u32, budget: u32) {
        self.check_within(what, value, budget, budget);
    }

    /// What must not exceed a limit while its goal is not reached.
    pub fn check_within(&mut self, what: Arguments<'_>, value: u32, goal: u32, limit: u32) {
        let limit = limit.max(goal);
        let verdict = if value > limit {
            ": OVER BUDGET"
        } else if value > goal {
            ": above its goal"
        } else {
            ""
        };
        println!("{value:>8} {limit:>8} {goal:>8}   {what}{verdict}");
        self.exceeded += u32::from(value > limit);
    }

    /// Whether nothing did.
    pub fn is_within_budgets(&self) -> bool {
        self.exceeded == 0
    }
}
