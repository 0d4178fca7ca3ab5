//! Detection on files: what is read, in which order it is told to the detector, and what a person sees.

mod input;
mod merge;
mod policy;
mod text;

pub use self::{
    input::{Problems, open},
    merge::{Stream, What},
    policy::{read as policy, refuse},
    text::{Block, Summary},
};
