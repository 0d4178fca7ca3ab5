//! `report IMAGE`: how much of an image the agent is, against the budgets. The image is `size`, of which all that is neither
//! the stand-in for C nor start-up belongs to the agent.

mod image;

use std::collections::BTreeMap;
use std::process::ExitCode;

use image::{Image, Kind, Symbol};

/// Whose a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Agent,
    Message,
    SafeLayer,
    /// What of `core`, and of the image itself, there is because of the agent.
    Rest,
    /// `memcpy` and the like, which in firmware are the C library's.
    Memory,
    /// Start-up, and what stands in for C.
    Surroundings,
}

impl Owner {
    const SHOWN: [(Self, &str); 5] = [
        (Self::Agent, "defender-agent"),
        (Self::Message, "defender-message"),
        (Self::SafeLayer, "threadx-defender"),
        (Self::Rest, "the image's calls, core"),
        (Self::Memory, "memcpy and the like, not counted"),
    ];

    fn of(name: &str) -> Self {
        let has = |part| name.contains(part);
        // The safe layer has the agent's types as parameters, so it comes first; start-up is called in the image's main.
        if has("stand_in") || has("cortex_m_rt") || has("__INTERRUPTS") || has("__EXCEPTIONS") {
            Self::Surroundings
        } else if has("compiler_builtins")
            || name.starts_with("__aeabi_mem")
            || name.starts_with("mem")
        {
            Self::Memory
        } else if has("threadx_defender") {
            Self::SafeLayer
        } else if has("defender_agent") {
            Self::Agent
        } else if has("defender_message") {
            Self::Message
        } else if has("size::") || has("core::") || has("Lanon") {
            Self::Rest
        } else {
            Self::Surroundings
        }
    }
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: report IMAGE");
        return ExitCode::from(2);
    };
    let image = std::fs::read(&path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| Image::parse(&bytes).map_err(|error| error.to_string()));
    match image {
        Ok(image) if report(&image) => ExitCode::SUCCESS,
        Ok(_) => {
            eprintln!("the agent is over its budget");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

/// Text and read-only data; `firmware/README.md` says what it consists of.
const TEXT: u64 = 14 << 10;

/// Prints the table; true if everything is within budget.
fn report(image: &Image) -> bool {
    let mut sizes = BTreeMap::new();
    let mut storage = 0;
    for symbol in &image.symbols {
        *sizes
            .entry((Owner::of(&symbol.name), symbol.kind))
            .or_default() += symbol.size;
        if symbol.name.ends_with("::DEFENDER") {
            storage += symbol.size;
        }
    }
    let size = |owner, kind| -> u64 { sizes.get(&(owner, kind)).copied().unwrap_or(0) };
    let agents = [Owner::Agent, Owner::Message, Owner::SafeLayer, Owner::Rest];
    let sum = |kind| agents.iter().map(|owner| size(*owner, kind)).sum::<u64>();

    // The stack of the image's own thread is none of the agent's.
    let application = image
        .symbols
        .iter()
        .filter(|symbol| symbol.name.ends_with("::MAIN"));
    let ram =
        sum(Kind::Data) + sum(Kind::Zero) - application.map(|symbol| symbol.size).sum::<u64>();
    let panics = image.calls(is_panic);
    let panics: Vec<_> = panics
        .into_iter()
        .filter(|(caller, _)| !caller.starts_with("core::"))
        .collect();
    let formatting = image
        .symbols
        .iter()
        .filter(|symbol| symbol.name.contains("core::fmt"))
        .count() as u64;

    println!(
        "thumbv7em-none-eabihf, opt-level \"s\", LTO, panic=abort        bytes   budget     goal   the original"
    );
    let rows = [
        (
            "text and read-only data",
            sum(Kind::Text) + image.read_only,
            14 << 10,
            TEXT,
            "17.2 KB",
        ),
        ("in flash as .data", sum(Kind::Data), 0, 0, "0.5 KB"),
        (
            "RAM, 64 + 64 flows, without stacks",
            ram,
            10 << 10,
            10 << 10,
            "23.6 KB",
        ),
        ("calls of panics", panics.len() as u64, 0, 0, ""),
        ("functions of core::fmt", formatting, 0, 0, ""),
    ];
    let mut within = true;
    for (what, value, goal, limit, original) in rows {
        let verdict = match value {
            _ if value > limit => "  OVER BUDGET",
            _ if value > goal => "  above its goal",
            _ => "",
        };
        within &= value <= limit;
        println!("{what:<56} {value:>6}   {limit:>6}   {goal:>6}   {original:<7}{verdict}");
    }
    println!();
    for (owner, name) in Owner::SHOWN {
        println!("  text: {name:<56} {:>6}", size(owner, Kind::Text));
    }
    println!("  read-only data {:>55}", image.read_only);
    println!("  storage {storage:>62}");
    let data =
        |symbol: &&Symbol| symbol.kind == Kind::Data && agents.contains(&Owner::of(&symbol.name));
    for symbol in image.symbols.iter().filter(data) {
        let Symbol { name, not_zero, .. } = symbol;
        let first = &not_zero[..not_zero.len().min(8)];
        println!(
            "  {name}: {} bytes are not zero, at {first:?}",
            not_zero.len()
        );
    }
    for (caller, callee) in panics {
        println!("  {caller} calls {callee}");
    }
    within
}

/// Functions that do not return because something is wrong.
fn is_panic(name: &str) -> bool {
    let endings = ["_fail", "panic", "unwrap_failed", "expect_failed"];
    name.starts_with("core::panicking")
        || name.starts_with("core::") && endings.iter().any(|ending| name.contains(ending))
}
