//! Detection on files: what decides, and what a person sees. How files are read is in `defender_hub::source::file`.

mod baselines;
mod found;
mod policy;
mod recommendations;
mod text;

pub use self::{
    baselines::{baselines, group_of, read_baselines, read_group, read_mud, write_baselines},
    found::{Found, Shown},
    policy::{read as policy, refuse},
    recommendations::Recommendations,
    text::{Block, Summary},
};
