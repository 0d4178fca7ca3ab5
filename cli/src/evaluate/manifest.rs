//! The manifest: which captures there are, and what is in them.

use std::path::{Path, PathBuf};

use defender_replay::local::LocalAddress;
use serde::Serialize;

/// What a capture is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    Benign,
    Suspicious,
    Malicious,
}

/// A capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub path: PathBuf,
    pub label: Label,
    /// What is in it, in words.
    pub content: String,
    /// The device's own address; guessed if there is none.
    pub local: Vec<LocalAddress>,
}

/// Reads a manifest, whose captures are below `directory`, or by their names in `fetched`.
///
/// # Errors
/// A line for each problem.
pub fn read(text: &str, directory: &Path, fetched: &Path) -> Result<Vec<Row>, String> {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, header)| header);
    let column = |name: &str| header.split('\t').position(|it| it.trim() == name);
    let (Some(place), Some(label)) = (column("where"), column("label")) else {
        return Err("line 1: no columns `where` and `label`, separated by tabs".to_owned());
    };
    let (content, source) = (column("content"), column("source_path"));
    let addresses = column("device_addresses");
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<_> = line.split('\t').map(str::trim).collect();
        let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied().unwrap_or("");
        let label = match field(Some(label)) {
            "benign" => Label::Benign,
            "suspicious" => Label::Suspicious,
            "malicious" => Label::Malicious,
            other => {
                problems.push(format!(
                    "line {}: `{other}` is no label; they are benign, suspicious, malicious",
                    index + 1
                ));
                continue;
            }
        };
        let place = field(Some(place));
        let path = match place {
            "(fetch)" => {
                let name = field(source).rsplit('/').next().unwrap_or_default();
                fetched.join(name)
            }
            place => directory.join(place),
        };
        rows.push(Row {
            path,
            label,
            content: field(content).to_owned(),
            local: local(field(addresses)),
        });
    }
    match problems.is_empty() {
        true => Ok(rows),
        false => Err(problems.join("\n")),
    }
}

/// The first address of a text in which others and words may follow: that is the device.
fn local(text: &str) -> Vec<LocalAddress> {
    let mut addresses = text.split([' ', ',']).filter_map(|word| word.parse().ok());
    addresses.next().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_captures_labels_and_devices() {
        let text = "where\tlabel\tcontent\tdevice_addresses\tsource_path\n\
                    a/x.pcap\tbenign\tx\t10.0.0.2/24\t\n\
                    (fetch)\tmalicious\ty\t10.0.0.3 (attacker) 10.0.0.4 (victim)\tpcaps/y.pcap\n\n";
        let rows = read(text, Path::new("dir"), Path::new("got")).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].path, Path::new("dir/a/x.pcap"));
        assert_eq!(rows[1].path, Path::new("got/y.pcap"));
        assert_eq!(rows[1].local, ["10.0.0.3".parse().unwrap()]);
        assert_eq!(
            (rows[0].label, rows[1].label),
            (Label::Benign, Label::Malicious)
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let read = |text| read(text, Path::new(""), Path::new("")).unwrap_err();
        assert!(read("").contains("line 1"));
        assert!(read("where,label\n").contains("separated by tabs"));
        assert_eq!(
            read("where\tlabel\nx\tbenign\nx\tgood\ny\tbad\n")
                .lines()
                .count(),
            2
        );
    }
}
