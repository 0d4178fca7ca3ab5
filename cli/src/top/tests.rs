//! The whole screen as text.

use defender_detect::{Detector, Input, Policy, Report};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
};
use serde_json::json;

use super::{
    App, Next, draw,
    feed::{Device, Snapshot, Wanted},
};

const NOW: u32 = 1_767_225_900;

const HOSTILE: &str = "lamp\u{1b}[2J\u{202e}";

/// What a hub says of 40 devices, of which one scans and one has a hostile name.
fn snapshot() -> Snapshot {
    let flows = (0..20_u8).map(|host| Flow {
        protocol: Protocol::Tcp,
        local_address: [192, 168, 0, 2].into(),
        local_port: 50_000 + u16::from(host),
        remote_address: [198, 18, 0, host].into(),
        remote_port: 23,
        bytes_in: 0,
        bytes_out: 60,
    });
    let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
    message.events.push(Event {
        id: EventId([7; 16]),
        time: NOW - 180,
        collection_interval: 60,
        payload: Payload::NetworkActivity {
            flows: flows.collect(),
        },
    });
    let mut detector = Detector::new(Policy::default());
    let mut alerts = Vec::new();
    for device in ["lamp-3", HOSTILE] {
        let report = Report {
            device,
            received: None,
            message: &message,
        };
        let changes = detector.feed(Input::Report(report));
        alerts.extend(changes.into_iter().map(|change| change.alert));
    }
    let row = |device: &str, open_alerts: u32| {
        let worst = if open_alerts > 0 { 4 } else { 0 };
        serde_json::from_value(json!({
            "device": device, "group": "default", "enrolled": false, "last_seen": NOW - 5, "reports": 12, "refused": 0,
            "open_alerts": open_alerts, "worst": worst,
        }))
        .unwrap()
    };
    let mut devices = vec![row("lamp-3", 1), row(HOSTILE, 1)];
    devices.extend((0..38).map(|number| row(&format!("sensor-{number:02}"), 0)));
    let status = json!({
        "version": "0.1.0", "time": NOW, "devices": 40, "open_alerts": [0, 0, 0, 2], "trouble": null,
    });
    Snapshot {
        status: serde_json::from_value(status).unwrap(),
        devices,
        alerts,
        device: None,
    }
}

/// With the device that scans.
fn with_device(name: &str) -> Snapshot {
    let all = snapshot();
    let traffic = json!([{
        "hour": NOW / 3600 * 3600, "peer": "198.18.0.7", "protocol": "TCP", "port": 23, "at_device": false,
        "bytes_in": 0, "bytes_out": 1200,
    }]);
    let mine = |device: &str| device == name;
    let device = Device {
        name: name.to_owned(),
        record: all.devices.iter().find(|row| mine(&row.device)).cloned(),
        alerts: all
            .alerts
            .iter()
            .filter(|alert| mine(&alert.device))
            .cloned()
            .collect(),
        traffic: serde_json::from_value(traffic).unwrap(),
    };
    Snapshot {
        device: Some(device),
        ..all
    }
}

fn app() -> App {
    App::new("http://127.0.0.1:8080".to_owned())
}

/// What is on a screen of this size, a line each.
fn screen(app: &mut App, (width, height): (u16, u16)) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let lines = buffer.content.chunks(usize::from(width));
    let line = |cells: &[ratatui::buffer::Cell]| {
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        text.trim_end().to_owned()
    };
    lines.map(line).collect()
}

fn press(app: &mut App, code: KeyCode) -> Next {
    app.press(KeyEvent::new(code, KeyModifiers::NONE))
}

/// The sizes that are looked at: the usual one, a small one, a large one.
const SIZES: [(u16, u16); 3] = [(80, 24), (40, 12), (200, 60)];

#[test]
fn the_fleet_says_who_is_bad_and_how_to_go_on() {
    let mut app = app();
    app.take(Ok(snapshot()));
    let lines = screen(&mut app, (80, 24));
    assert_eq!(
        lines[0],
        "defender top  http://127.0.0.1:8080  40 devices, open: 2 High"
    );
    assert_eq!(lines[1], " Fleet   Alerts");
    let words =
        |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    assert_eq!(
        words(&lines[2]),
        [
            "Device", "Group", "Last", "seen", "Messages", "Alerts", "Worst"
        ]
    );
    assert_eq!(
        words(&lines[3]),
        ["lamp-3", "default", "5", "s", "12", "1", "High"]
    );
    assert_eq!(lines[23], "↑↓ choose   Enter device   Tab alerts   q quit");
    // A small screen has the same beginning, and the keys.
    let small = screen(&mut app, (40, 12));
    assert!(
        small[3].contains("lamp-3") && small[3].contains("High"),
        "{small:#?}"
    );
    assert!(small[11].contains("choose"));
    // A large one has all devices.
    let large = screen(&mut app, (200, 60));
    assert!(large.iter().any(|line| line.contains("sensor-37")));
}

#[test]
fn an_alert_says_what_was_seen_and_what_to_do() {
    let mut app = app();
    app.take(Ok(snapshot()));
    assert_eq!(
        press(&mut app, KeyCode::Tab),
        Next::Ask(Wanted { device: None })
    );
    let lines = screen(&mut app, (80, 24));
    let all = lines.join("\n");
    assert!(
        lines[3].contains("High") && lines[3].contains("Scan of many hosts"),
        "{all}"
    );
    for text in ["lamp-3 tried TCP port 23", "Do: ", "Disconnect the device"] {
        assert!(all.contains(text), "{text}: {all}");
    }
    // The other one.
    press(&mut app, KeyCode::Down);
    let all = screen(&mut app, (80, 24)).join("\n");
    assert!(all.contains("[2J\\u{202e} tried TCP"), "{all}");
}

#[test]
fn a_device_has_its_alerts_traffic_and_a_way_back() {
    let mut app = app();
    app.take(Ok(snapshot()));
    let wanted = Wanted {
        device: Some("lamp-3".to_owned()),
    };
    assert_eq!(press(&mut app, KeyCode::Enter), Next::Ask(wanted));
    let all = screen(&mut app, (80, 24)).join("\n");
    assert!(all.contains("Asking"), "{all}");
    app.take(Ok(with_device("lamp-3")));
    let all = screen(&mut app, (80, 24)).join("\n");
    for text in [
        "last seen 5 s ago",
        "at most 1.20 kB",
        "198.18.0.7 1.20 kB",
        "Scan of many hosts",
        "Disconnect the device",
        "Since 20",
        "Esc back",
    ] {
        assert!(all.contains(text), "{text}: {all}");
    }
    // What came for another device is not shown as this one's.
    app.take(Ok(with_device(HOSTILE)));
    let all = screen(&mut app, (80, 24)).join("\n");
    assert!(all.contains("Asking"), "{all}");
    assert_eq!(
        press(&mut app, KeyCode::Esc),
        Next::Ask(Wanted { device: None })
    );
    assert!(screen(&mut app, (80, 24))[3].starts_with("lamp-3"));
    assert_eq!(press(&mut app, KeyCode::Char('q')), Next::Quit);
}

#[test]
fn who_is_chosen_stays_chosen() {
    let mut app = app();
    app.take(Ok(snapshot()));
    for _ in 0..5 {
        press(&mut app, KeyCode::Down);
    }
    let chosen = snapshot().devices[5].device.clone();
    let mut later = snapshot();
    later.devices.rotate_left(3);
    app.take(Ok(later));
    assert_eq!(
        press(&mut app, KeyCode::Enter),
        Next::Ask(Wanted {
            device: Some(chosen)
        })
    );
    press(&mut app, KeyCode::Esc);
    // Fewer devices than the place that was chosen.
    press(&mut app, KeyCode::End);
    let mut few = snapshot();
    few.devices.truncate(1);
    app.take(Ok(few));
    let wanted = Wanted {
        device: Some("lamp-3".to_owned()),
    };
    assert_eq!(press(&mut app, KeyCode::Enter), Next::Ask(wanted));
}

#[test]
fn a_hub_that_is_away_is_told_and_what_is_known_stays() {
    let mut app = app();
    app.take(Err(
        "no hub answers at http://127.0.0.1:8080: refused".into()
    ));
    let lines = screen(&mut app, (80, 24));
    assert!(lines[1].contains("no hub answers"), "{lines:#?}");
    app.take(Ok(snapshot()));
    app.take(Err("no hub answers".into()));
    let lines = screen(&mut app, (80, 24));
    assert_eq!(lines[1], "no hub answers");
    assert!(lines[3].contains("lamp-3"));
    app.take(Ok(snapshot()));
    assert!(screen(&mut app, (80, 24))[1].contains("Fleet"));
}

/// On every screen, whatever its size: no panic, and no character of a name that steers a terminal.
#[test]
fn nothing_hostile_gets_onto_the_screen() {
    let mut app = app();
    for keys in [&[][..], &[KeyCode::Tab], &[KeyCode::Down, KeyCode::Enter]] {
        app.take(Ok(snapshot()));
        for key in keys {
            press(&mut app, *key);
            app.take(Ok(with_device(HOSTILE)));
        }
        for size in SIZES.into_iter().chain([(1, 1), (3, 2), (10, 5), (80, 3)]) {
            for line in screen(&mut app, size) {
                let is_bad = |c: char| c.is_control() || c == '\u{202e}';
                assert!(!line.contains(is_bad), "{line:?}");
            }
        }
        while app.view != super::state::View::Fleet {
            press(&mut app, KeyCode::Esc);
        }
    }
}
