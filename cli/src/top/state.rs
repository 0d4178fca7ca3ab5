//! What a person looks at, and what keys do.

use defender_detect::Alert;
use ratatui::{
    crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
    widgets::TableState,
};

use super::feed::{Snapshot, Wanted};

/// Which screen is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    Fleet,
    Alerts,
    /// A device, and whether one came to it from the alerts.
    Device {
        name: String,
        from_alerts: bool,
    },
}

/// What is to be done after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing that others must know.
    Nothing,
    /// Something else is to be asked for.
    Ask(Wanted),
    /// The end.
    Quit,
}

/// Everything that the screen depends on.
pub struct App {
    /// Where the hub is.
    pub url: String,
    pub view: View,
    pub snapshot: Option<Snapshot>,
    /// Why there is no newer answer.
    pub trouble: Option<String>,
    pub fleet: TableState,
    pub alerts: TableState,
    /// Of the device that is shown.
    pub own_alerts: TableState,
    /// How many rows the table had when it was last drawn.
    pub page: u16,
}

impl App {
    /// Nothing is known yet.
    pub fn new(url: String) -> Self {
        let first = || TableState::new().with_selected(0);
        Self {
            url,
            view: View::Fleet,
            snapshot: None,
            trouble: None,
            fleet: first(),
            alerts: first(),
            own_alerts: first(),
            page: 1,
        }
    }

    /// The hub has said something, or nothing. What was chosen stays chosen, wherever it is now.
    pub fn take(&mut self, answer: Result<Snapshot, String>) {
        let snapshot = match answer {
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
            Ok(snapshot) => snapshot,
        };
        let device = self.chosen_device().map(str::to_owned);
        let alert = self.chosen_alert().map(|alert| alert.id.clone());
        let is_of_alerts = self.view == View::Alerts;
        self.trouble = None;
        let snapshot = self.snapshot.insert(snapshot);
        let place = snapshot
            .devices
            .iter()
            .position(|row| Some(&row.device) == device.as_ref());
        if self.view == View::Fleet
            && let Some(place) = place
        {
            self.fleet.select(Some(place));
        }
        let place = |alerts: &[Alert]| {
            alerts
                .iter()
                .position(|row| Some(&row.id) == alert.as_ref())
        };
        if is_of_alerts && let Some(place) = place(&snapshot.alerts) {
            self.alerts.select(Some(place));
        } else if let Some(shown) = &snapshot.device
            && let Some(place) = place(&shown.alerts)
        {
            self.own_alerts.select(Some(place));
        }
        self.keep_in_bounds();
    }

    fn keep_in_bounds(&mut self) {
        let rows = self.rows();
        let table = self.table();
        let last = rows.saturating_sub(1);
        table.select(Some(table.selected().unwrap_or(0).min(last)));
    }

    /// How many rows the table on the screen has.
    fn rows(&self) -> usize {
        let Some(snapshot) = &self.snapshot else {
            return 0;
        };
        match &self.view {
            View::Fleet => snapshot.devices.len(),
            View::Alerts => snapshot.alerts.len(),
            View::Device { .. } => self.shown_alerts().len(),
        }
    }

    fn table(&mut self) -> &mut TableState {
        match &self.view {
            View::Fleet => &mut self.fleet,
            View::Alerts => &mut self.alerts,
            View::Device { .. } => &mut self.own_alerts,
        }
    }

    /// The alerts of the device that is shown, as far as they are known.
    pub fn shown_alerts(&self) -> &[Alert] {
        let View::Device { name, .. } = &self.view else {
            return &[];
        };
        match self.snapshot.as_ref().and_then(|all| all.device.as_ref()) {
            Some(device) if device.name == *name => &device.alerts,
            _ => &[],
        }
    }

    /// The alert that is chosen on the screen.
    pub fn chosen_alert(&self) -> Option<&Alert> {
        match &self.view {
            View::Fleet => None,
            View::Alerts => self.snapshot.as_ref()?.alerts.get(self.alerts.selected()?),
            View::Device { .. } => self.shown_alerts().get(self.own_alerts.selected()?),
        }
    }

    /// The device that is chosen on the screen.
    fn chosen_device(&self) -> Option<&str> {
        match &self.view {
            View::Fleet => {
                let rows = &self.snapshot.as_ref()?.devices;
                rows.get(self.fleet.selected()?)
                    .map(|row| row.device.as_str())
            }
            View::Alerts => self.chosen_alert().map(|alert| alert.device.as_str()),
            View::Device { name, .. } => Some(name),
        }
    }

    /// What a key does.
    pub fn press(&mut self, key: KeyEvent) -> Next {
        if key.kind == KeyEventKind::Release {
            return Next::Nothing;
        }
        let page = isize::try_from(self.page.max(1)).unwrap_or(1);
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Next::Quit;
            }
            KeyCode::Char('q') => return Next::Quit,
            KeyCode::Up | KeyCode::Char('k') => self.step(-1),
            KeyCode::Down | KeyCode::Char('j') => self.step(1),
            KeyCode::PageUp => self.step(-page),
            KeyCode::PageDown => self.step(page),
            KeyCode::Home | KeyCode::Char('g') => self.step(isize::MIN),
            KeyCode::End | KeyCode::Char('G') => self.step(isize::MAX),
            KeyCode::Tab | KeyCode::BackTab => {
                return self.go(match self.view {
                    View::Fleet => View::Alerts,
                    _ => View::Fleet,
                });
            }
            KeyCode::Enter | KeyCode::Right => return self.open(),
            KeyCode::Esc | KeyCode::Left | KeyCode::Backspace => {
                return match &self.view {
                    View::Device {
                        from_alerts: true, ..
                    } => self.go(View::Alerts),
                    _ => self.go(View::Fleet),
                };
            }
            _ => {}
        }
        Next::Nothing
    }

    fn step(&mut self, by: isize) {
        let last = self.rows().saturating_sub(1);
        let table = self.table();
        let now = table.selected().unwrap_or(0);
        table.select(Some(now.saturating_add_signed(by).min(last)));
    }

    fn open(&mut self) -> Next {
        let from_alerts = self.view == View::Alerts;
        match self.chosen_device() {
            // An alert of the hub itself is of no device.
            None | Some("") => Next::Nothing,
            Some(_) if matches!(self.view, View::Device { .. }) => Next::Nothing,
            Some(name) => {
                let name = name.to_owned();
                self.own_alerts.select(Some(0));
                self.go(View::Device { name, from_alerts })
            }
        }
    }

    fn go(&mut self, view: View) -> Next {
        if view == self.view {
            return Next::Nothing;
        }
        self.view = view;
        self.keep_in_bounds();
        let device = match &self.view {
            View::Device { name, .. } => Some(name.clone()),
            _ => None,
        };
        Next::Ask(Wanted { device })
    }
}
