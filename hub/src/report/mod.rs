//! A report for a ticket: what happened, as one HTML file that refers to nothing and runs nothing.
//!
//! [`Story`] is what there is to tell: it is fed what was read, and keeps no more of it than it shows. [`html`] writes it down. Texts of
//! devices are hostile: they are escaped, and what does not show, or turns other text around, is made to show. The pictures and the pieces
//! that other pages need as well are in [`picture`], [`text`] and `pieces`.

mod page;
pub mod picture;
pub(crate) mod pieces;
mod story;
pub mod text;

pub use self::{
    page::html,
    story::{Bytes, Story},
};

/// The style of reports, on which that of other pages is built.
pub(crate) const STYLE: &str = include_str!("style.css");
