//! Evaluation: what is found in captures of which somebody knows what is in them.

mod manifest;
mod score;

pub use self::{
    manifest::read,
    score::{Score, Totals, Verdict, score},
};
