//! What came of reading a list, for the person who gave it.

use core::{fmt, net::IpAddr};

use ipnet::IpNet;

use super::Format;
use crate::place::{Place, quoted};

/// How many problems of a list are told one by one. The others are counted.
pub const MAX_LISTED: usize = 20;

/// What came of reading one list. Its text, by [`Display`](fmt::Display), says it in sentences, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The list's name.
    pub name: String,
    /// The format in which it was read.
    pub format: Format,
    /// Addresses and prefixes that act.
    pub acting: usize,
    /// Addresses and prefixes that do not, because they are private, special, or a public resolver's.
    pub inactive: usize,
    /// What is well formed and of another kind: domains, hashes, revoked indicators.
    pub skipped: usize,
    /// What could not be read or is too broad.
    pub refused: usize,
    /// The first [`MAX_LISTED`] problems.
    pub problems: Vec<Problem>,
    /// How many problems there are beyond those.
    pub unlisted: usize,
}

impl Reading {
    pub(super) fn new(name: &str, format: Format) -> Self {
        Self {
            name: name.to_owned(),
            format,
            acting: 0,
            inactive: 0,
            skipped: 0,
            refused: 0,
            problems: Vec::new(),
            unlisted: 0,
        }
    }

    pub(super) fn push(&mut self, place: impl FnOnce() -> Place, fault: Fault) {
        match fault.effect() {
            Effect::Refused => self.refused += 1,
            Effect::Inactive => self.inactive += 1,
            Effect::None => {}
        }
        if self.problems.len() == MAX_LISTED {
            self.unlisted += 1;
            return;
        }
        let place = place();
        self.problems.push(Problem { place, fault });
    }

    /// Whether nothing is wrong with the list, and something of it acts.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty() && self.acting > 0
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} act", self.name, self.format, self.acting)?;
        for (count, what) in [
            (self.inactive, "do not act (private, or everybody's)"),
            (self.skipped, "skipped (of another kind)"),
            (self.refused, "refused"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if self.acting == 0 {
            let is_empty = self.inactive + self.skipped + self.refused == 0;
            let why = if is_empty {
                "it is empty"
            } else {
                "nothing of it acts"
            };
            write!(f, "\n  without effect, {why}: no address is looked for")?;
        }
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        match self.unlisted {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more like these"),
        }
    }
}

/// Something about a list that a person should know, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
#[non_exhaustive]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What and why.
    pub fault: Fault,
}

/// What is wrong with a list, or with a line of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text is no address and no prefix.
    #[error("{} is neither an address nor a prefix{}", quoted(.text), why(.text))]
    NotAnAddress {
        /// What stands there.
        text: String,
    },
    /// The line ends before the field.
    #[error("the {name} is missing; a line is `{form}`")]
    Missing {
        /// What is missing.
        name: &'static str,
        /// What a line looks like.
        form: &'static str,
    },
    /// The text is no number within the range.
    #[error("the {name} {} must be a number from {least} to {most}", quoted(.text))]
    Number {
        /// What the number is.
        name: &'static str,
        /// What stands there.
        text: String,
        /// The least.
        least: u8,
        /// The most.
        most: u8,
    },
    /// The prefix is so broad that it would accuse the innocent. It does not act.
    #[error("{prefix} is too broad: it must have at least {widest} bits")]
    TooBroad {
        /// The prefix.
        prefix: IpNet,
        /// The length that the widest prefix may have.
        widest: u8,
    },
    /// The prefix is no Internet address of anybody. It does not act.
    #[error("{prefix} does not act: it is {what}")]
    Special {
        /// The prefix.
        prefix: IpNet,
        /// What it is.
        what: &'static str,
    },
    /// The address is a public resolver's. It does not act.
    #[error("{prefix} does not act: it is a public resolver of {whose}")]
    PublicResolver {
        /// The address.
        prefix: IpNet,
        /// Whose it is.
        whose: &'static str,
    },
    /// A public resolver is within the prefix, which acts on the other addresses.
    #[error(
        "{prefix} acts, but for {address} in it and its like: that is a public resolver of {whose}"
    )]
    ResolverWithin {
        /// The prefix.
        prefix: IpNet,
        /// The resolver.
        address: IpAddr,
        /// Whose it is.
        whose: &'static str,
    },
    /// A list of Zeek's has no line that names its fields.
    #[error(
        "there is no line `#fields` with a field `indicator` before this; Zeek's lists begin with it"
    )]
    NoFields,
    /// No column of a table holds addresses.
    #[error(
        "no column holds addresses; name one `ip`, `address`, `cidr` or `indicator` in the first line"
    )]
    NoColumn,
    /// The JSON is none, or not of STIX.
    #[error("this is no STIX bundle: {message}")]
    Json {
        /// What the parser says.
        message: String,
    },
    /// A pattern of an indicator cannot be read.
    #[error("the pattern of {} cannot be read: {message}", quoted(.id))]
    Pattern {
        /// The indicator's id.
        id: String,
        /// What is wrong with it.
        message: String,
    },
}

/// What a fault means for what it is about.
enum Effect {
    Refused,
    Inactive,
    None,
}

impl Fault {
    fn effect(&self) -> Effect {
        match self {
            Self::Special { .. } | Self::PublicResolver { .. } => Effect::Inactive,
            Self::ResolverWithin { .. } => Effect::None,
            _ => Effect::Refused,
        }
    }

    /// Whether something was refused. Otherwise it is a warning.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(self.effect(), Effect::Refused)
    }
}

/// What is probably meant by something that is no address.
fn why(text: &str) -> &'static str {
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    if let Some((address, length)) = text.split_once('/')
        && is_address(address)
    {
        return match length.parse::<u32>() {
            Ok(_) => ": the number of bits is larger than the address has",
            Err(_) => ": after the slash stands a number of bits",
        };
    }
    if let Some((first, last)) = text.split_once('-')
        && is_address(first.trim())
        && is_address(last.trim())
    {
        return ": give a range as prefixes";
    }
    if let Some((address, port)) = text.rsplit_once(':')
        && is_address(address.trim_matches(['[', ']']))
        && port.parse::<u16>().is_ok()
    {
        return ": leave the port out";
    }
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    match text {
        "" => ": nothing stands there",
        _ if text.bytes().all(digits) => {
            ": an IPv4 address is four numbers to 255 without leading zeros"
        }
        _ if text.contains('.') && text.bytes().any(|byte| byte.is_ascii_alphabetic()) => {
            ": flows carry no names, so only addresses can be listed"
        }
        _ => "",
    }
}
