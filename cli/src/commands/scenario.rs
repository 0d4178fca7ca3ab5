//! `defender scenario`: captures of labelled traffic.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use defender_replay::scenario::{self, Ledger, PcapWriter, Run};

use crate::{
    args::ScenarioArgs,
    error::{self, CliError},
    output::Count,
};

/// Writes a scenario to a capture, or lists all.
pub fn run(args: &ScenarioArgs) -> Result<(), CliError> {
    let (Some(name), Some(path)) = (&args.name, &args.out) else {
        return list(&mut io::stdout().lock());
    };
    // The parser of arguments takes no other names.
    let Some(scenario) = scenario::find(name) else {
        return list(&mut io::stdout().lock());
    };
    let mut run = scenario.run(&args.options())?;
    let ledger = if path == Path::new("-") {
        write_capture(&mut run, io::stdout().lock()).map_err(CliError::Output)?
    } else {
        write_file(path, |file| write_capture(&mut run, file))?
    };
    let truth = run.truth(ledger);
    error::note(format_args!(
        "{}: {} of {} from {}, {}",
        truth.scenario,
        Count(truth.packets, "packet"),
        Count(truth.flows.len() as u64, "flow"),
        run.device(),
        truth.label,
    ));
    if let Some(path) = &args.truth {
        write_file(path, |mut file| {
            serde_json::to_writer_pretty(&mut file, &truth)?;
            writeln!(file)?;
            file.flush()
        })?;
    }
    Ok(())
}

fn list(out: &mut impl Write) -> Result<(), CliError> {
    for scenario in scenario::all() {
        writeln!(
            out,
            "{:21} {:7} {}",
            scenario.name(),
            scenario.label(),
            scenario.summary()
        )?;
    }
    Ok(())
}

fn write_capture(run: &mut Run, out: impl Write) -> io::Result<Ledger> {
    let mut ledger = run.ledger();
    let mut capture = PcapWriter::new(out, run.device())?;
    for packet in run {
        ledger.count(&packet.ip);
        capture.write(&packet)?;
    }
    capture.finish()?;
    Ok(ledger)
}

/// Writes a file. What could not be written whole is not left behind.
fn write_file<T>(
    path: &Path,
    write: impl FnOnce(BufWriter<File>) -> io::Result<T>,
) -> Result<T, CliError> {
    let failed = |error| CliError::Write {
        path: path.to_owned(),
        error,
    };
    let file = File::create(path).map_err(failed)?;
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    write(BufWriter::with_capacity(1 << 16, file)).map_err(|error| {
        if is_file {
            // Nothing more can be done when that fails, too.
            let _ = std::fs::remove_file(path);
        }
        failed(error)
    })
}
