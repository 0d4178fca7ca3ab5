//! Pictures as SVG within a page: no script, no reference, colours by the page's style.

use maud::{Markup, html};

/// A bar of a picture: two values, one upon the other.
pub type Bar = [u64; 2];

/// A mark above the bars, where along the width it is (0 to 1), how bad it is, and what it says.
pub struct Mark<'a> {
    /// From 0, the beginning, to 1, the end.
    pub at: f64,
    /// The class of its colour.
    pub class: &'a str,
    /// What is told of it.
    pub title: String,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;
/// The room for marks above the bars.
const MARKS: f64 = 24.0;

/// Bars over time, with marks. `name` is what a screen reader says of it; `id` is unique on the page.
#[must_use]
pub fn bars(id: &str, name: &str, bars: &[Bar], marks: &[Mark<'_>]) -> Markup {
    let sum = |bar: &Bar| bar[0].saturating_add(bar[1]);
    let highest = bars.iter().map(sum).max().unwrap_or(0).max(1) as f64;
    let width = WIDTH / bars.len().max(1) as f64;
    let height = |value: u64| value as f64 / highest * (HEIGHT - MARKS);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby=(id) {
            title id=(id) { (name) }
            line class="axis" x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
            @for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| sum(bar) > 0) {
                @let (lower, upper) = (height(bar[0]), height(bar[1]));
                @let x = format!("{:.1}", at as f64 * width);
                @let breadth = format!("{:.1}", (width - 1.0).max(0.5));
                rect class="in" x=(x) width=(breadth) y=(format!("{:.1}", HEIGHT - lower)) height=(format!("{lower:.1}")) {}
                rect class="out" x=(x) width=(breadth) y=(format!("{:.1}", HEIGHT - lower - upper)) height=(format!("{upper:.1}")) {}
            }
            @for mark in marks {
                @let x = mark.at.clamp(0.0, 1.0) * (WIDTH - 12.0) + 6.0;
                path class=(mark.class) d=(format!("M{:.1} 3 l6 12 h-12 z", x)) {
                    title { (mark.title) }
                }
            }
        }
    }
}

/// A bar that says how much of the most something is, beside its number.
#[must_use]
pub fn share(value: u64, most: u64) -> Markup {
    let width = value as f64 / most.max(1) as f64 * 100.0;
    html! {
        svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect class="in" x="0" y="0" height="8" width=(format!("{width:.1}")) {}
        }
    }
}
