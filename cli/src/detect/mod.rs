//! Detection on files: what decides, and what a person sees. How files are read is in `defender_hub::source::file`.

mod policy;
mod text;

pub use self::{
    policy::{read as policy, refuse},
    text::{Block, Summary},
};
