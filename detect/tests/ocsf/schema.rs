//! The schema allows every finding. It comes as a package for Python, into an environment of this test's own; without Python
//! or a registry the test says that it is skipped, but for CI.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use defender_detect::ocsf::finding;

use crate::changes;

const PACKAGES: [&str; 2] = ["ocsf-json-schema==1.2.0", "jsonschema==4.26.0"];

#[test]
fn the_schema_allows_every_finding() {
    let python = match environment() {
        Ok(python) => python,
        Err(why) if env::var_os("CI").is_some() => panic!("{why}"),
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let mut lines = String::new();
    for change in changes() {
        lines.push_str(&finding(&change).to_string());
        lines.push('\n');
    }
    let (output, is_valid) = validate(&python, &lines);
    assert!(is_valid, "{output}");
    // It is the schema that decides: what it does not have, it refuses.
    let one = lines.lines().next().unwrap();
    let spoilt = one.replacen("\"severity_id\":", "\"severity_ids\":", 1);
    let (output, is_valid) = validate(&python, &spoilt);
    assert!(!is_valid && output.contains("severity_id"), "{output}");
}

fn validate(python: &Path, lines: &str) -> (String, bool) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ocsf/validate.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (said, output.status.success())
}

/// Python with the schema, made once.
fn environment() -> Result<PathBuf, String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ocsf-schema");
    let python = directory.join("bin/python");
    let is_ready = |python: &Path| {
        let imports = "import jsonschema, ocsf_json_schema";
        run(Command::new(python).args(["-c", imports])).is_ok()
    };
    if !is_ready(&python) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        run(Command::new(&python).args(install).args(PACKAGES))?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}
