//! The screen.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Display, net::IpAddr};

use defender_detect::{Alert, Severity, alert::AlertState};
use defender_hub::{
    report::text::{Size, Time},
    store::{DeviceRecord, TrafficRecord},
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style, Stylize},
    text::{Line, Span},
    widgets::{Block, Cell, Paragraph, Row, Sparkline, Table, TableState, Wrap},
};

use super::state::{App, View};
use crate::output::{Count, Escaped};

/// How many hours of traffic are shown.
const HOURS: usize = 24;

/// How many peers are named.
const PEERS: usize = 3;

const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let [title, tabs, body, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(title_line(app), title);
    frame.render_widget(tab_line(app), tabs);
    frame.render_widget(key_line(&app.view), keys);
    if app.snapshot.is_none() {
        let text = match &app.trouble {
            Some(_) => "Nothing is known yet; it is tried again.",
            None => "Asking …",
        };
        frame.render_widget(Paragraph::new(text), body);
        return;
    }
    match app.view.clone() {
        View::Fleet => fleet(frame, app, body),
        View::Alerts => alerts(frame, app, body),
        View::Device { name, .. } => device(frame, app, &name, body),
    }
}

fn text(hostile: impl Display) -> String {
    Escaped(hostile).to_string()
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::High => Style::new().fg(Color::Red).bold(),
        Severity::Medium => Style::new().fg(Color::Yellow).bold(),
        Severity::Low => Style::new().fg(Color::Cyan),
        Severity::Informational => Style::new().dim(),
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Informational => "Info",
    }
}

/// A severity by its number at the API.
fn worst(number: u8) -> Option<Severity> {
    match number {
        4 => Some(Severity::High),
        3 => Some(Severity::Medium),
        2 => Some(Severity::Low),
        1 => Some(Severity::Informational),
        _ => None,
    }
}

/// How long ago something was, in at most seven columns.
fn ago(now: u32, time: u32) -> String {
    match now.saturating_sub(time) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// The hub, and how bad it is.
fn title_line(app: &App) -> Line<'static> {
    let mut spans = vec![
        "defender top".bold(),
        format!("  {}", text(&app.url)).into(),
    ];
    if let Some(snapshot) = &app.snapshot {
        let status = &snapshot.status;
        spans.push(format!("  {}, open: ", Count(status.devices, "device")).into());
        if status.open_by_severity().next().is_none() {
            spans.push("nothing".into());
        }
        for (index, (severity, count)) in status.open_by_severity().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let count = format!("{separator}{count} {}", severity_name(severity));
            spans.push(Span::styled(count, severity_style(severity)));
        }
    }
    Line::from(spans)
}

/// Which screen it is; or what is wrong.
fn tab_line(app: &App) -> Line<'static> {
    let status = app.snapshot.as_ref().map(|snapshot| &snapshot.status);
    let trouble = status.and_then(|status| status.trouble.as_deref());
    if let Some(trouble) = app.trouble.as_deref().or(trouble) {
        return Line::from(text(trouble)).style(Style::new().fg(Color::Red));
    }
    let mut spans = Vec::new();
    let tabs = [
        ("Fleet", app.view == View::Fleet),
        ("Alerts", app.view == View::Alerts),
    ];
    for (name, is_shown) in tabs {
        let style = if is_shown { CHOSEN } else { Style::new() };
        spans.extend([Span::styled(format!(" {name} "), style), " ".into()]);
    }
    if let View::Device { name, .. } = &app.view {
        spans.push(Span::styled(format!(" {} ", text(name)), CHOSEN));
    }
    Line::from(spans)
}

fn key_line(view: &View) -> Line<'static> {
    let keys: &[(&str, &str)] = match view {
        View::Fleet => &[
            ("↑↓", "choose"),
            ("Enter", "device"),
            ("Tab", "alerts"),
            ("q", "quit"),
        ],
        View::Alerts => &[
            ("↑↓", "choose"),
            ("Enter", "device"),
            ("Tab", "fleet"),
            ("q", "quit"),
        ],
        View::Device { .. } => &[
            ("↑↓", "choose alert"),
            ("Esc", "back"),
            ("Tab", "fleet"),
            ("q", "quit"),
        ],
    };
    let mut spans = Vec::new();
    for (key, does) in keys {
        spans.extend([key.bold(), format!(" {does}   ").into()]);
    }
    Line::from(spans)
}

fn right(content: impl Display) -> Cell<'static> {
    Cell::from(Line::from(content.to_string()).right_aligned())
}

/// A column: its name, whether it has numbers, its width, and whether a narrow screen does without it.
struct Column(&'static str, bool, Constraint, bool);

/// Below so many columns a screen is narrow.
const NARROW: u16 = 60;

/// A table with a row that is chosen. Returns how many rows there is room for.
fn table<const N: usize>(
    frame: &mut Frame<'_>,
    area: Rect,
    columns: [Column; N],
    rows: impl Iterator<Item = [Cell<'static>; N]>,
    state: &mut TableState,
) -> u16 {
    let is_shown = |column: &Column| area.width >= NARROW || !column.3;
    let header =
        columns
            .iter()
            .filter(|column| is_shown(column))
            .map(|Column(name, is_number, ..)| match is_number {
                true => right(name),
                false => Cell::from(*name),
            });
    let widths = columns
        .iter()
        .filter(|column| is_shown(column))
        .map(|column| column.2);
    let rows = rows.map(|cells| {
        let cells = cells.into_iter().zip(&columns);
        Row::new(
            cells
                .filter(|(_, column)| is_shown(column))
                .map(|(cell, _)| cell),
        )
    });
    let table = Table::new(rows, widths)
        .header(Row::new(header).style(Style::new().add_modifier(Modifier::UNDERLINED)))
        .row_highlight_style(CHOSEN);
    frame.render_stateful_widget(table, area, state);
    area.height.saturating_sub(1)
}

fn fleet(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let Some(snapshot) = &app.snapshot else {
        return;
    };
    let now = snapshot.status.time;
    let rows = &snapshot.devices;
    let all = snapshot.status.devices;
    let is_part = (rows.len() as u64) < all;
    let [area, note] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(is_part.into())]).areas(area);
    let text = format!(
        "{} of {all} devices, those with open alerts first",
        rows.len()
    );
    frame.render_widget(Line::from(text).dim(), note);
    let columns = [
        Column("Device", false, Constraint::Fill(2), false),
        Column("Group", false, Constraint::Fill(1), true),
        Column("Last seen", true, Constraint::Length(9), true),
        Column("Messages", true, Constraint::Length(9), true),
        Column("Alerts", true, Constraint::Length(6), false),
        Column("Worst", false, Constraint::Length(6), false),
    ];
    let rows = rows.iter().map(|row| fleet_row(row, now));
    app.page = table(frame, area, columns, rows, &mut app.fleet);
}

fn fleet_row(row: &DeviceRecord, now: u32) -> [Cell<'static>; 6] {
    let worst = match worst(row.worst) {
        Some(severity) => Cell::from(severity_name(severity)).style(severity_style(severity)),
        None => Cell::from(""),
    };
    [
        Cell::from(text(&row.device)),
        Cell::from(text(&row.group)),
        right(match row.last_seen {
            0 => "never".to_owned(),
            time => ago(now, time),
        }),
        right(row.reports),
        right(row.open_alerts),
        worst,
    ]
}

fn alerts(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let Some(snapshot) = &app.snapshot else {
        return;
    };
    if snapshot.alerts.is_empty() {
        frame.render_widget(Paragraph::new("No alert is open."), area);
        return;
    }
    let [area, detail] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(detail_height(area))])
            .areas(area);
    let now = snapshot.status.time;
    let rows = snapshot.alerts.iter().map(|alert| {
        let device = match alert.device.as_str() {
            "" => "the hub".to_owned(),
            device => text(device),
        };
        [
            severity_cell(alert),
            Cell::from(alert.kind.title()),
            Cell::from(device),
            right(ago(now, alert.first_seen)),
            right(alert.count),
        ]
    });
    let columns = [
        Column("Severity", false, Constraint::Length(8), false),
        Column("Alert", false, Constraint::Fill(2), false),
        Column("Device", false, Constraint::Fill(1), false),
        Column("Since", true, Constraint::Length(7), true),
        Column("Count", true, Constraint::Length(7), true),
    ];
    app.page = table(frame, area, columns, rows, &mut app.alerts);
    explain(frame, app, detail);
}

fn severity_cell(alert: &Alert) -> Cell<'static> {
    Cell::from(severity_name(alert.severity)).style(severity_style(alert.severity))
}

/// How much room an explanation gets: all that it needs on 80 × 24, below a device's traffic, too.
fn detail_height(area: Rect) -> u16 {
    (area.height * 3 / 5).clamp(3, 9)
}

/// The alert that is chosen: what was seen, and what to do.
fn explain(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let Some(alert) = app.chosen_alert() else {
        return;
    };
    let first = Time(alert.first_seen);
    let lines = vec![
        Line::from(format!("{}.", text(&alert.explanation))),
        Line::from(vec!["Do: ".bold(), alert.kind.remediation().into()]),
        Line::from(format!("Since {first}; {}", text(&alert.id))).dim(),
    ];
    let block = Block::bordered().title(alert.kind.title());
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: true });
    frame.render_widget(paragraph.block(block), area);
}

fn device(frame: &mut Frame<'_>, app: &mut App, name: &str, area: Rect) {
    let snapshot = app.snapshot.as_ref();
    let Some(snapshot) = snapshot else {
        return;
    };
    let shown = snapshot.device.as_ref().filter(|shown| shown.name == name);
    let Some(shown) = shown else {
        frame.render_widget(Paragraph::new("Asking …"), area);
        return;
    };
    let now = snapshot.status.time;
    let [about, traffic, area] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(5),
        Constraint::Fill(1),
    ])
    .areas(area);
    let known = match &shown.record {
        None => "The hub does not know this device (any more).".to_owned(),
        Some(record) => format!(
            "Group {}, {}, {}{}",
            text(&record.group),
            match record.last_seen {
                0 => "never seen".to_owned(),
                time => format!("last seen {} ago", ago(now, time)),
            },
            Count(record.reports, "message"),
            if record.enrolled { ", enrolled" } else { "" },
        ),
    };
    frame.render_widget(Line::from(known), about);
    traffic_pane(frame, &shown.traffic, now, traffic);
    if shown.alerts.is_empty() {
        frame.render_widget(Paragraph::new("No alert."), area);
        return;
    }
    let [area, detail] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(detail_height(area))])
            .areas(area);
    let rows = shown.alerts.iter().map(|alert| {
        let state = match alert.state {
            AlertState::Open => "open",
            AlertState::Closed => "over",
        };
        [
            severity_cell(alert),
            Cell::from(alert.kind.title()),
            Cell::from(state),
            right(ago(now, alert.first_seen)),
            right(alert.count),
        ]
    });
    let columns = [
        Column("Severity", false, Constraint::Length(8), false),
        Column("Alert", false, Constraint::Fill(1), false),
        Column("State", false, Constraint::Length(5), false),
        Column("Since", true, Constraint::Length(7), true),
        Column("Count", true, Constraint::Length(7), true),
    ];
    app.page = table(frame, area, columns, rows, &mut app.own_alerts);
    explain(frame, app, detail);
}

/// Bytes by hour, and with whom.
fn traffic_pane(frame: &mut Frame<'_>, traffic: &[TrafficRecord], now: u32, area: Rect) {
    let this_hour = now / 3600;
    let mut hours = [0_u64; HOURS];
    let mut peers = BTreeMap::<Option<IpAddr>, u64>::new();
    for row in traffic {
        let bytes = row.bytes_in.saturating_add(row.bytes_out);
        // The flows that an agent could not keep apart have no address.
        let peer = row.peer.filter(|peer| !peer.is_unspecified());
        let peer = peers.entry(peer).or_default();
        *peer = peer.saturating_add(bytes);
        let back = this_hour.saturating_sub(row.hour / 3600) as usize;
        if let Some(hour) = (HOURS - 1).checked_sub(back) {
            hours[hour] = hours[hour].saturating_add(bytes);
        }
    }
    let [bars, list] =
        Layout::horizontal([Constraint::Length(HOURS as u16 * 2), Constraint::Fill(1)])
            .spacing(1)
            .areas(area);
    // Two columns an hour, for as many as there is room for.
    let columns: Vec<u64> = hours.iter().flat_map(|hour| [*hour, *hour]).collect();
    let room = columns.len().min(usize::from(bars.width));
    let most = hours.iter().max().copied().unwrap_or(0);
    let title = format!("Bytes by hour, 24 h, at most {}", Size(most));
    let sparkline = Sparkline::default()
        .data(&columns[columns.len() - room..])
        .style(Style::new().fg(Color::Blue));
    let block = Block::new().title(Line::from(title).dim());
    frame.render_widget(sparkline.block(block), bars);
    let mut peers: Vec<_> = peers.into_iter().collect();
    peers.sort_by_key(|(peer, bytes)| (Reverse(*bytes), *peer));
    let others = peers.len().saturating_sub(PEERS) as u64;
    let mut lines = vec![Line::from("Most bytes with").dim()];
    for (peer, bytes) in peers.iter().take(PEERS) {
        let peer = peer.map_or("many others".to_owned(), |peer| peer.to_string());
        lines.push(Line::from(format!("{peer} {}", Size(*bytes))));
    }
    if others > 0 {
        lines.push(Line::from(format!("and {}", Count(others, "other"))).dim());
    }
    frame.render_widget(Paragraph::new(lines), list);
}
