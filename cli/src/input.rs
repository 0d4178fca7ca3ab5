//! Files that a user names, where `-` is standard input.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// Whether it is standard input.
pub fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// What people are told that it is.
pub fn name(path: &Path) -> String {
    if is_standard(path) {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// All of it, which is text.
pub fn text(path: &Path) -> io::Result<String> {
    if is_standard(path) {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        Ok(text)
    } else {
        fs::read_to_string(path)
    }
}
