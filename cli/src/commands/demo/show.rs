//! What the demonstration says, in 80 columns.

use std::fmt::{self, Write};

use anstyle::Style;
use defender_detect::{Alert, Severity};
use defender_replay::device::Traffic;
use textwrap::{Options, WordSplitter};

use super::{devices::MEMBERS, time::SHOWN};
use crate::{
    detect::{Block, Summary},
    output::{self, Count, Escaped, UnixTime, WIDTH},
    pace::Speed,
};

const STRONG: Style = Style::new().bold();

/// What the fleet has sent so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub messages: u64,
    pub traffic: Traffic,
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes_in, bytes_out) = output::parts(self.traffic);
        let messages = Count(self.messages, "message");
        write!(f, "{messages}, {bytes_in} in, {bytes_out} out")
    }
}

/// Who is there, and where it can be seen.
pub fn beginning(page: &str, speed: Speed) -> String {
    let pace = match speed {
        Speed::Times(factor) => format!("{factor} times as fast as they are"),
        Speed::Unlimited => "as fast as possible".to_owned(),
    };
    let what = format!(
        "A hub and eight devices that report to it, all in this program and on this machine alone. It shows the last {} minutes, {pace}.",
        SHOWN / 60
    );
    let mut text = output::fill(&what);
    text.push('\n');
    for member in &MEMBERS {
        let (name, is) = (member.name, member.is);
        // Writing to a text does not fail.
        let _ = write!(text, "\n  {STRONG}{name:13}{STRONG:#}  {is}");
    }
    let _ = write!(
        text,
        "\n\nThe hub's page, while this runs: {STRONG}{page}{STRONG:#}\n"
    );
    text
}

/// How far the fleet is.
pub fn minute(time: u32, sums: Sums) -> String {
    format!("{}  All report: {sums}.\n", clock(time))
}

/// An alert that is told, and where it is on the page. What needs nobody is one line.
pub fn alert(alert: &Alert, page: &str) -> String {
    if alert.severity < Severity::Medium {
        let device = Escaped(&alert.device);
        let text = format!("For information, {device}: {}.", alert.kind.title());
        return format!("{}  {text}\n", clock(alert.first_seen));
    }
    format!(
        "{}\n  Page: {page}/alerts/{}\n",
        Block(alert),
        Escaped(&alert.id)
    )
}

/// The time of day.
fn clock(time: u32) -> String {
    UnixTime(time.into()).to_string()[11..19].to_owned()
}

/// What to take away.
pub fn ending(sums: Sums, alerts: &[Alert]) -> Option<String> {
    let worst = alerts.iter().max_by_key(|alert| alert.severity)?;
    let mut summary = Summary::default();
    alerts.iter().for_each(|alert| summary.add(alert));
    let is_calm = |alert: &&Alert| alert.severity < Severity::Medium;
    let others = alerts.iter().filter(|alert| alert.device != worst.device);
    let others = match others.clone().all(|alert| is_calm(&alert)) {
        true => match others.count() {
            0 => "no alert".to_owned(),
            some => format!(
                "nothing to do; {}",
                Count(some as u64, "alert for information")
            ),
        },
        false => "see above".to_owned(),
    };
    let is = MEMBERS.iter().find(|member| member.name == worst.device);
    let after = format!(
        "After {} minutes: {sums}, {}.",
        SHOWN / 60,
        summary.of_alerts()
    );
    let mut text = output::fill(&after);
    text.push('\n');
    for (question, answer) in [
        (
            "Which device?",
            match is {
                Some(member) => format!("{}: {}", member.name, member.is),
                None => Escaped(&worst.device).to_string(),
            },
        ),
        ("Since when?", UnixTime(worst.first_seen.into()).to_string()),
        (
            "What is it?",
            format!("{} ({})", worst.kind.title(), worst.severity),
        ),
        ("What to do?", worst.kind.remediation().to_owned()),
        ("The others?", others),
    ] {
        let _ = write!(text, "\n{}", answered(question, &answer));
    }
    text.push('\n');
    Some(text)
}

fn answered(question: &str, answer: &str) -> String {
    let options = Options::new(WIDTH)
        .subsequent_indent("                 ")
        .word_splitter(WordSplitter::NoHyphenation);
    let text = textwrap::fill(&format!("  {question:13}  {answer}"), options);
    // Colours have no width, but wrapping would count them.
    text.replacen(question, &format!("{STRONG}{question}{STRONG:#}"), 1)
}

/// What can be done next.
pub fn next() -> String {
    let program = program();
    format!(
        "Where to look next:\n\
         \n  {program} demo --stay\n      the same, and the page stays open until Ctrl-C\
         \n  {program} hub\n      a hub for devices of your own\
         \n  {program} detect CAPTURE\n      what happened in a capture (pcap)\
         \n  {program} help\n      everything else"
    )
}

/// What is left to do when it goes on.
pub fn staying(page: &str, endpoint: Option<&str>) -> String {
    let program = program();
    let mut text = format!(
        "The fleet goes on in real time. Open {STRONG}{page}{STRONG:#}\
         \nOn a terminal it is\n  {program} top --url {page}"
    );
    if let Some(endpoint) = endpoint {
        let _ = write!(
            text,
            "\nA device of your own joins it with\n  {program} device CAPTURE --hub {endpoint} --id NAME"
        );
    }
    text.push_str("\nCtrl-C ends it, and deletes what the hub has kept.");
    text
}

/// How this program was called, if that can be typed again and leaves room.
fn program() -> String {
    const ROOM: usize = 36;
    let is_plain = |name: &String| {
        name.len() <= ROOM
            && name
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\'')
    };
    let called = std::env::args_os()
        .next()
        .and_then(|name| name.into_string().ok());
    called.filter(is_plain).unwrap_or_else(|| "defender".into())
}
