//! A hub on the terminal: what is asked of it, what the person looks at, and how that is drawn, apart from each other.

mod draw;
mod feed;
mod state;
#[cfg(test)]
mod tests;

pub use self::{
    draw::draw,
    feed::Feed,
    state::{App, Next},
};
