//! Rules files, through the public interface.

mod exported;
mod faults;
mod forms;

/// A resource with one rule in one of its lists.
fn one(list: &str, rule: &str) -> String {
    format!(r#"{{"name": "g", "properties": {{"{list}": [{rule}]}}}}"#)
}
