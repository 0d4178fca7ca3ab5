//! From facts to recommendations.

use std::collections::{BTreeMap, HashMap};

use super::advisories::Affected;
use super::facts::{Facts, Seen};
use super::services;
use super::version::{Product, System};
use super::{Advisories, Kind, Known, Recommendation};
use crate::alert::Severity;
use crate::config::Config;
use crate::network::is_local;
use crate::seconds;
use crate::time::ClockFault;

/// The most of anything that a sentence names.
const NAMED: usize = 3;

/// A device, and what is known of it.
pub(crate) struct Subject<'a> {
    pub device: &'a str,
    pub group: &'a str,
    pub facts: &'a Facts,
    pub clock: Option<ClockFault>,
    /// The time of the latest input about it.
    pub now: u32,
}

/// Everything that is to be recommended: by device, the worst first.
pub(crate) fn review(
    subjects: &[Subject<'_>],
    config: &Config,
    advisories: &Advisories,
) -> Vec<Recommendation> {
    let usual = usual_versions(subjects);
    let sharing = sharing(subjects);
    let mut all = Vec::new();
    for subject in subjects {
        let facts = subject.facts;
        let mut of_device: Vec<Recommendation> = [
            vulnerabilities(&facts.system, advisories),
            support(&facts.system, advisories),
            differs(&facts.system, usual.get(subject.group).copied()),
            shares(subject, &sharing),
            rarely(facts, config),
            overflows(subject, config),
            old(facts, config),
            clock(subject.clock),
        ]
        .into_iter()
        .flatten()
        .chain(in_use(subject, config))
        .collect();
        for recommendation in &mut of_device {
            subject.device.clone_into(&mut recommendation.device);
            subject.group.clone_into(&mut recommendation.group);
        }
        of_device.sort_by_key(|it| (core::cmp::Reverse(it.severity), it.kind, it.service));
        all.append(&mut of_device);
    }
    all
}

fn vulnerabilities(system: &System, advisories: &Advisories) -> Option<Recommendation> {
    let known = advisories.of(system);
    let worst = known
        .iter()
        .map(|(advisory, _)| advisory.severity())
        .max()?;
    let sure = known
        .iter()
        .filter(|(_, how)| *how == Affected::Yes)
        .count();
    let maybe = known.len() - sure;
    let mut reason = system.to_string();
    reason += &match (sure, maybe) {
        (0, maybe) => format!(" may have {}, by its patch level", count(maybe)),
        (sure, 0) => format!(" has {}", count(sure)),
        (sure, maybe) => format!(
            " has {}, and may have {maybe} more by its patch level",
            count(sure)
        ),
    };
    let named: Vec<_> = known
        .iter()
        .take(NAMED)
        .map(|(advisory, _)| match advisory.score {
            Some(score) => format!("{} ({score:.1}: {})", advisory.id, advisory.needs),
            None => format!("{} ({})", advisory.id, advisory.needs),
        })
        .collect();
    reason += &format!("; the worst: {}", named.join(", "));
    let fixed = |product| {
        let of_product = known.iter().filter(|(it, _)| it.product == product);
        let fixed = of_product.filter_map(|(it, _)| it.fixed).max()?;
        Some(format!("{} {fixed}", product.name()))
    };
    let fixed: Vec<_> = [Product::ThreadX, Product::NetXDuo]
        .into_iter()
        .filter_map(fixed)
        .collect();
    if !fixed.is_empty() {
        reason += &format!(
            "; those with a known fix are gone with {}",
            fixed.join(" and ")
        );
    }
    let mut recommendation = Recommendation::new(Kind::KnownVulnerabilities, reason);
    recommendation.severity = worst;
    recommendation.advisories = known
        .into_iter()
        .map(|(advisory, affected)| Known {
            id: advisory.id.clone(),
            affected,
            score: advisory.score,
            product: advisory.product,
            component: advisory.component.clone(),
            summary: advisory.summary.clone(),
            needs: advisory.needs.clone(),
            fixed: advisory.fixed,
            checked: advisory.checked,
        })
        .collect();
    Some(recommendation)
}

fn count(vulnerabilities: usize) -> String {
    match vulnerabilities {
        1 => "1 known vulnerability".to_owned(),
        many => format!("{many} known vulnerabilities"),
    }
}

fn support(system: &System, advisories: &Advisories) -> Option<Recommendation> {
    let over: Vec<_> = advisories
        .support()
        .iter()
        .filter_map(|support| {
            let version = system.version(support.product)?;
            let is_over = version.highest() < support.oldest.lowest();
            is_over.then(|| {
                format!(
                    "{} {version} is out of support: {} is the oldest that is mended",
                    support.product.name(),
                    support.oldest
                )
            })
        })
        .collect();
    (!over.is_empty()).then(|| Recommendation::new(Kind::OutOfSupport, over.join("; ")))
}

/// What most devices of each group run, if not all run the same; of several the newest.
fn usual_versions<'a>(subjects: &[Subject<'a>]) -> HashMap<&'a str, (System, usize, usize)> {
    let mut groups: HashMap<&str, BTreeMap<System, usize>> = HashMap::new();
    for subject in subjects.iter().filter(|it| !it.facts.system.is_unknown()) {
        let versions = groups.entry(subject.group).or_default();
        *versions.entry(subject.facts.system).or_default() += 1;
    }
    let usual = |versions: BTreeMap<System, usize>| {
        let all = versions.values().sum();
        let most = versions
            .into_iter()
            .max_by_key(|(system, count)| (*count, *system));
        most.map(|(system, count)| (system, count, all))
    };
    groups
        .into_iter()
        .filter_map(|(group, versions)| Some((group, usual(versions)?)))
        .collect()
}

fn differs(system: &System, usual: Option<(System, usize, usize)>) -> Option<Recommendation> {
    let (usual, count, all) = usual.filter(|(usual, ..)| usual != system)?;
    (!system.is_unknown()).then(|| {
        let reason =
            format!("It runs {system}, and {count} of {all} devices of its group run {usual}");
        Recommendation::new(Kind::VersionsDiffer, reason)
    })
}

/// Devices by the credentials that more than one of them showed.
fn sharing<'a>(subjects: &[Subject<'a>]) -> HashMap<u64, Vec<&'a str>> {
    let mut sharing: HashMap<u64, Vec<&str>> = HashMap::new();
    for subject in subjects {
        let [first, second] = subject.facts.credentials;
        let marks = [first, if second == first { 0 } else { second }];
        for mark in marks.into_iter().filter(|mark| *mark != 0) {
            sharing.entry(mark).or_default().push(subject.device);
        }
    }
    sharing.retain(|_, devices| devices.len() > 1);
    sharing
}

fn shares(subject: &Subject<'_>, sharing: &HashMap<u64, Vec<&str>>) -> Option<Recommendation> {
    let marks = subject.facts.credentials.iter();
    let devices = marks
        .filter_map(|mark| sharing.get(mark))
        .max_by_key(|it| it.len())?;
    let others: Vec<_> = devices.iter().filter(|it| **it != subject.device).collect();
    let named: Vec<_> = others
        .iter()
        .take(NAMED)
        .map(|it| format!("`{it}`"))
        .collect();
    let more = others.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let reason = format!("It has the same credentials as {}{more}", named.join(", "));
    Some(Recommendation::new(Kind::SharedCredentials, reason))
}

fn in_use(subject: &Subject<'_>, config: &Config) -> Vec<Recommendation> {
    let remembered = seconds(config.hygiene.remembered);
    let current = subject.facts.services.iter();
    let current = current.filter(|seen| subject.now.saturating_sub(seen.at) < remembered);
    current
        .flat_map(|seen| {
            services::worth_a_word(seen.service, config).map(|kind| {
                let mut recommendation = match kind {
                    Kind::AdministrationReachable => reached(seen),
                    _ => clear(seen),
                };
                recommendation.service = Some(seen.service);
                recommendation.peer = Some(seen.peer);
                recommendation
            })
        })
        .collect()
}

fn clear(seen: &Seen) -> Recommendation {
    let named = services::in_clear_text(seen.service);
    let (name, severity) = named.unwrap_or(("A service", Severity::Low));
    let reason = format!(
        "{name} is used in clear text: {} with {}",
        seen.service, seen.peer
    );
    let mut recommendation = Recommendation::new(Kind::ClearText, reason);
    recommendation.severity = severity;
    recommendation
}

fn reached(seen: &Seen) -> Recommendation {
    let (from, severity) = match is_local(seen.peer) {
        true => ("the local network", Severity::Medium),
        false => ("the Internet", Severity::High),
    };
    let reason = format!("{} was reached from {from}, by {}", seen.service, seen.peer);
    let mut recommendation = Recommendation::new(Kind::AdministrationReachable, reason);
    recommendation.severity = severity;
    recommendation
}

fn rarely(facts: &Facts, config: &Config) -> Option<Recommendation> {
    let longest = config.hygiene.longest_interval;
    (facts.interval > seconds(longest)).then(|| {
        let interval = core::time::Duration::from_secs(facts.interval.into());
        let reason = format!(
            "It reports network activity every {}, the limit is {}",
            humantime::format_duration(interval),
            humantime::format_duration(longest)
        );
        Recommendation::new(Kind::ReportsRarely, reason)
    })
}

fn overflows(subject: &Subject<'_>, config: &Config) -> Option<Recommendation> {
    let remembered = seconds(config.hygiene.remembered);
    let overflowed = subject.facts.overflowed?;
    (subject.now.saturating_sub(overflowed) < remembered).then(|| {
        let reason = format!(
            "Its flow table has overflowed within the last {}",
            humantime::format_duration(config.hygiene.remembered)
        );
        Recommendation::new(Kind::TableOverflows, reason)
    })
}

fn old(facts: &Facts, config: &Config) -> Option<Recommendation> {
    let oldest = config.hygiene.oldest_agent;
    let agent = facts.versions().agent?;
    (agent.lowest() < oldest.lowest()).then(|| {
        let reason = format!("Its agent is version {agent}, older than {oldest}");
        Recommendation::new(Kind::AgentOld, reason)
    })
}

fn clock(fault: Option<ClockFault>) -> Option<Recommendation> {
    let what = match fault? {
        ClockFault::Stands => "stands, or goes back",
        ClockFault::NeverSet => "was never set",
        ClockFault::Ahead => "is ahead of the time of receipt",
        ClockFault::Gains => "goes faster than the time of receipt",
    };
    Some(Recommendation::new(
        Kind::ClockWrong,
        format!("Its clock {what}"),
    ))
}
