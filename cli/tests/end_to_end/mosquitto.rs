//! The hub: a Mosquitto with TLS.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{certificates, network::HOST_V4};

/// The name under which the device knows it.
pub const NAME: &str = "hub.example";

/// Where it listens for devices: IoT Hub clients know no other port.
pub const DEVICE_PORT: u16 = 8883;

/// Where it listens for watchers, on the loopback interface.
const WATCHER_PORT: u16 = 8884;

const READY_WITHIN: Duration = Duration::from_secs(10);

/// How devices say who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// With a token that they sign with a key. Mosquitto takes any.
    Token,
    /// With a certificate, which Mosquitto asks for and checks.
    Certificate,
}

/// A broker that runs until it is dropped.
pub struct Mosquitto {
    directory: PathBuf,
    process: Child,
}

impl Mosquitto {
    /// Starts it, with the certificates in `directory`, and waits until it listens.
    pub fn start(directory: &Path, credentials: Credentials) -> Self {
        fs::write(
            directory.join("mosquitto.conf"),
            configuration(directory, credentials),
        )
        .unwrap();
        Self::launch(directory.to_owned())
    }

    fn launch(directory: PathBuf) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log_of(&directory))
            .unwrap();
        let process = Command::new("mosquitto")
            .arg("-c")
            .arg(directory.join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut broker = Self { directory, process };
        let begun = Instant::now();
        for listener in [(Ipv4Addr::LOCALHOST, WATCHER_PORT), (HOST_V4, DEVICE_PORT)] {
            while TcpStream::connect(listener).is_err() {
                let ended = broker.process.try_wait().unwrap();
                assert!(
                    ended.is_none() && begun.elapsed() < READY_WITHIN,
                    "Mosquitto does not listen: {}",
                    broker.log()
                );
                thread::sleep(Duration::from_millis(10));
            }
        }
        broker
    }

    /// Where watchers find it.
    pub fn url() -> String {
        format!("mqtts://{}:{WATCHER_PORT}", Ipv4Addr::LOCALHOST)
    }

    /// Ends it without a farewell to its clients.
    pub fn kill(mut self) -> Killed {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        Killed(self.directory.clone())
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(log_of(&self.directory)).unwrap_or_default()
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("Mosquitto wrote:\n{}", self.log());
        }
    }
}

/// A broker that was killed.
pub struct Killed(PathBuf);

impl Killed {
    /// Starts it again.
    pub fn start(self) -> Mosquitto {
        Mosquitto::launch(self.0)
    }
}

fn log_of(directory: &Path) -> PathBuf {
    directory.join("mosquitto.log")
}

fn configuration(directory: &Path, credentials: Credentials) -> String {
    let file = |name: &str| directory.join(name).display().to_string();
    let certificate = certificates::HUB_FILES.map(file);
    let tls = format!("certfile {}\nkeyfile {}\n", certificate[0], certificate[1]);
    let authority = file(certificates::CA_PEM);
    let wants = credentials == Credentials::Certificate;
    // The user because it would change to one who may not read the key.
    format!(
        "user root\n\
         allow_anonymous true\n\
         log_dest stderr\n\
         log_type all\n\
         listener {WATCHER_PORT} {localhost}\n{tls}\
         listener {DEVICE_PORT} {HOST_V4}\n{tls}\
         cafile {authority}\n\
         require_certificate {wants}\n\
         use_identity_as_username {wants}\n",
        localhost = Ipv4Addr::LOCALHOST,
    )
}
