//! How many connections a device has within a window, against the rules of its group.

use defender_message::flow::Protocol;

use super::Look;
use super::look::flow_member;
use crate::alert::Kind;
use crate::counts;
use crate::roles::{Facts, Traffic};
use crate::rules::RangeRule;
use crate::seconds;

const KIND: Kind = Kind::ActiveConnectionsNotInAllowedRange;

pub(super) fn look(look: &mut Look<'_>) {
    let is_such = |rule: &&RangeRule| rule.kind == KIND;
    let rules = look.rules.ranges().filter(is_such);
    let Some(longest) = rules.clone().map(|rule| seconds(rule.window)).max() else {
        return look.counts.connections.clear();
    };
    let (end, interval) = (look.span.end, look.span.interval);
    let start = end.saturating_sub(interval);
    let names = flows(look).map(flow_member);
    look.counts.connections.report(names, start, end, longest);
    for rule in rules {
        let connections = &look.counts.connections;
        let window = seconds(rule.window);
        let is_clear = connections.at_most() <= rule.max as usize && !connections.is_full();
        if is_clear && rule.min == 0 {
            continue;
        }
        // A report that is longer than the window stands for itself: in that time as many more are allowed.
        let (count, max, window) = if interval > window {
            let max = u64::from(rule.max) * u64::from(interval);
            let max = max.div_ceil(u64::from(window.max(1)));
            let max = u32::try_from(max).unwrap_or(u32::MAX);
            (distinct(look), max, interval)
        } else {
            let within = connections.within(window);
            let count = match connections.is_full() {
                true => within.max(distinct(look)),
                false => within,
            };
            (count, rule.max, window)
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let limit = match count {
            count if count > max => max,
            count if count < rule.min && connections.covers(window) => rule.min,
            _ => continue,
        };
        let finding = counts::finding(rule, count, limit, window);
        let evidence = flows(look).map(|traffic| *traffic.flow);
        look.findings.push(finding.with_evidence(evidence));
    }
}

fn flows<'a>(look: &Look<'a>) -> impl Iterator<Item = &'a Traffic<'a>> + use<'a> {
    look.flows_for(KIND, Facts::HOST)
        .filter(|traffic| traffic.flow.protocol != Protocol::Icmp)
}

/// How many different ones this report has.
fn distinct(look: &Look<'_>) -> usize {
    let mut names: Vec<u32> = flows(look).map(flow_member).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}
