//! How many connections a device has within a window, against the rules of its group.

use defender_message::flow::Protocol;

use super::Look;
use super::look::flow_member;
use crate::alert::Kind;
use crate::counts;
use crate::roles::Traffic;
use crate::rules::RangeRule;
use crate::seconds;

const KIND: Kind = Kind::ActiveConnectionsNotInAllowedRange;

pub(super) fn look(look: &mut Look<'_>) {
    let rules = look.policy.rules.of(look.group).ranges();
    let rules: Vec<&RangeRule> = rules.filter(|rule| rule.kind == KIND).collect();
    let Some(longest) = rules.iter().map(|rule| seconds(rule.window)).max() else {
        return look.counts.connections.clear();
    };
    let flows: Vec<&Traffic> = look
        .flows_for(KIND, |traffic| traffic.flow.protocol != Protocol::Icmp)
        .collect();
    let mut names: Vec<u32> = flows
        .iter()
        .map(|traffic| flow_member(&traffic.flow))
        .collect();
    names.sort_unstable();
    names.dedup();
    let (end, interval) = (look.span.end, look.span.interval);
    let start = end.saturating_sub(interval);
    let connections = &mut look.counts.connections;
    connections.report(&names, start, end, longest);
    for rule in rules {
        let window = seconds(rule.window);
        // A report that is longer than the window stands for itself: in that time as many more are allowed.
        let (count, max, window) = if interval > window {
            let max = u64::from(rule.max) * u64::from(interval);
            let max = max.div_ceil(u64::from(window.max(1)));
            (
                names.len(),
                u32::try_from(max).unwrap_or(u32::MAX),
                interval,
            )
        } else {
            let count = connections.within(window).max(names.len());
            (count, rule.max, window)
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let limit = match count {
            count if count > max => max,
            count if count < rule.min && connections.covers(window) => rule.min,
            _ => continue,
        };
        let finding = counts::finding(rule, count, limit, window);
        let evidence = flows.iter().map(|traffic| traffic.flow);
        look.findings.push(finding.with_evidence(evidence));
    }
}
