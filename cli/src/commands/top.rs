//! `defender top`: a hub on the terminal.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use defender_hub::web::ApiClient;
use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event},
};

use super::hub::api::client;
use crate::{
    args::TopArgs,
    error::CliError,
    top::{App, Feed, Next, draw},
};

/// How long a key or an answer may wait.
const WAIT: Duration = Duration::from_millis(100);

/// Asks at least so seldom.
const LEAST: Duration = Duration::from_millis(200);

/// Shows it until somebody has seen enough.
pub fn run(args: &TopArgs) -> Result<(), CliError> {
    let client = client(&args.api)?;
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let reason = "top needs a terminal; for programs there is `defender hub alerts --json`";
        return Err(CliError::Usage(reason.into()));
    }
    let mut terminal = ratatui::try_init()?;
    let result = show(&mut terminal, client, args);
    ratatui::try_restore()?;
    Ok(result?)
}

fn show(terminal: &mut DefaultTerminal, client: ApiClient, args: &TopArgs) -> io::Result<()> {
    let mut app = App::new(args.api.url.clone());
    let feed = Feed::start(client, args.every.max(LEAST));
    terminal.draw(|frame| draw(frame, &mut app))?;
    loop {
        let mut has_news = false;
        if let Some(answer) = feed.answer() {
            app.take(answer);
            has_news = true;
        }
        if event::poll(WAIT)? {
            // Anything else is a resize, or was not asked for.
            if let Event::Key(key) = event::read()? {
                match app.press(key) {
                    Next::Quit => return Ok(()),
                    Next::Ask(wanted) => feed.want(wanted),
                    Next::Nothing => {}
                }
            }
            has_news = true;
        }
        if has_news {
            terminal.draw(|frame| draw(frame, &mut app))?;
        }
    }
}
