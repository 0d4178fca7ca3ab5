//! Sinks from their sections of the configuration.

use std::path::Path;

use toml::Spanned;

use super::StartError;
use crate::{
    config::{Secret, SinkSections, SyslogTransport},
    mqtt,
    sink::{Alertmanager, HttpTarget, OcsfLines, Rotation, Sink, Syslog, SyslogTarget, Webhook},
};

type Named = (String, Box<dyn Sink>);

/// Every sink, with its name.
pub(super) fn build(sections: &SinkSections) -> Result<Vec<Named>, StartError> {
    let mut sinks: Vec<Named> = Vec::new();
    for section in sections.ocsf.iter().map(Spanned::as_ref) {
        let sink = if section.file == Path::new("-") {
            OcsfLines::standard_output()
        } else {
            let rotation = Rotation {
                size: section.rotate_at,
                keep: section.keep,
            };
            OcsfLines::file(section.file.clone(), rotation)
        };
        sinks.push((section.name.clone(), Box::new(sink)));
    }
    for section in sections.webhook.iter().map(Spanned::as_ref) {
        let target = HttpTarget::new(&section.url, section.ca.as_deref())?;
        let secret = section.secret.as_ref().map(Secret::read).transpose()?;
        let sink = Webhook::new(target, secret.as_deref());
        sinks.push((section.name.clone(), Box::new(sink)));
    }
    for section in sections.alertmanager.iter().map(Spanned::as_ref) {
        let target = HttpTarget::new(&section.url, section.ca.as_deref())?;
        let token = section.token.as_ref().map(Secret::read).transpose()?;
        let sink = Alertmanager::new(&target, token.as_deref());
        sinks.push((section.name.clone(), Box::new(sink)));
    }
    for section in sections.syslog.iter().map(Spanned::as_ref) {
        let address = section.address.clone();
        let target = match section.transport {
            SyslogTransport::Udp => SyslogTarget::Udp(address),
            SyslogTransport::Tcp => SyslogTarget::Tcp(address),
            SyslogTransport::Tls => {
                SyslogTarget::Tls(address, mqtt::client_config(section.ca.as_deref())?)
            }
        };
        sinks.push((section.name.clone(), Box::new(Syslog::new(target))));
    }
    Ok(sinks)
}
