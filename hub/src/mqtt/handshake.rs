//! What a failed TLS handshake means, in sentences that say what to do.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, OtherError, pki_types::UnixTime};

/// Why a hub is there, but no encrypted connection came about. Displayed, it goes on a sentence that began with the hub.
///
/// Names that the hub's certificate says are text that anybody may have written: escape control characters before a
/// terminal sees them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// Its certificate was issued by somebody else than those trusted.
    #[error(
        "shows a certificate of an issuer that is not trusted; name the certificate of its issuer with --ca FILE"
    )]
    UnknownIssuer,
    /// Its certificate is for somebody else.
    #[error("shows a certificate for {names}, not for the host of the URL; use one of its names there", names = list(.0))]
    OtherName(Vec<String>),
    /// Its certificate names no host.
    #[error(
        "shows a certificate that names no host (subjectAltName), which is needed; have one issued with its name"
    )]
    NoName,
    /// Its certificate was valid.
    #[error("shows a certificate that is not valid now: it expired {days} ago; have it renewed", days = days(*.0))]
    Expired(u64),
    /// Its certificate will be valid.
    #[error(
        "shows a certificate that is not valid now: it begins in {days}; is the clock of this machine right?",
        days = days(*.0)
    )]
    NotYetValid(u64),
    /// Its certificate is that of an issuer.
    #[error(
        "shows the certificate of a certificate authority (CA) as its own; have that authority issue one for the hub, \
         and let the hub show it"
    )]
    AuthorityAsHub,
    /// Its certificate is of a version that is long out of use.
    #[error("shows a certificate of X.509 version 1 or 2; have one of version 3 issued")]
    OldCertificate,
    /// Its certificate is for another use.
    #[error(
        "shows a certificate that is not one for servers (extended key usage serverAuth); have one issued that is"
    )]
    OtherUse,
    /// Its certificate was taken back.
    #[error("shows a certificate that was revoked; have a new one issued")]
    Revoked,
    /// Its certificate will not do for another reason.
    #[error("shows a certificate that cannot be accepted: {0}; have another one issued")]
    Certificate(CertificateError),
    /// It wants to know more about us than we can tell.
    #[error(
        "asks for a certificate of its clients, which this client cannot show; use a port where it does not"
    )]
    WantsCertificate,
    /// It does not want to go on.
    #[error(
        "refused the TLS handshake ({0:?}); it may ask for a certificate of its clients, which this client cannot show, or \
         have no name or cipher in common with it"
    )]
    Refused(AlertDescription),
    /// It speaks versions of TLS that nobody should.
    #[error("offers no version of TLS or cipher that is safe to use; TLS 1.2 or 1.3 is needed")]
    Incompatible,
    /// It speaks another protocol.
    #[error("does not answer in TLS; is the port one for mqtt://?")]
    NoTls,
    /// Something else.
    #[error("does not come to terms about TLS: {0}")]
    Other(rustls::Error),
}

/// The connection ended where the hub's part of the handshake should have come: it did not understand ours.
#[derive(Debug, thiserror::Error)]
#[error("no answer in TLS")]
struct NoAnswer;

/// An error of a TLS handshake, with what it means when the hub closed the connection in place of an answer.
pub(super) fn closed_instead(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => io::Error::other(NoAnswer),
        _ => error,
    }
}

impl HandshakeError {
    /// What an error on the way to a hub says about the handshake; `None` when something else was in the way.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        if cause::<NoAnswer>(error).is_some() {
            return Some(Self::NoTls);
        }
        Some(match cause::<rustls::Error>(error)? {
            rustls::Error::InvalidCertificate(reason) => Self::of_certificate(reason),
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
                Self::WantsCertificate
            }
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
            | rustls::Error::PeerIncompatible(_) => Self::Incompatible,
            rustls::Error::AlertReceived(alert) => Self::Refused(*alert),
            rustls::Error::InvalidMessage(_) => Self::NoTls,
            other => Self::Other(other.clone()),
        })
    }

    fn of_certificate(reason: &CertificateError) -> Self {
        let seconds = |from: UnixTime, to: UnixTime| to.as_secs().saturating_sub(from.as_secs());
        match reason {
            // A bad signature is that of a namesake of a trusted issuer.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                Self::NoName
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::OtherName(presented.clone())
            }
            CertificateError::NotValidForName => Self::OtherName(Vec::new()),
            CertificateError::ExpiredContext { time, not_after } => {
                Self::Expired(seconds(*not_after, *time))
            }
            CertificateError::Expired => Self::Expired(0),
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::NotYetValid(seconds(*time, *not_before))
            }
            CertificateError::NotValidYet => Self::NotYetValid(0),
            CertificateError::Revoked => Self::Revoked,
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                Self::OtherUse
            }
            CertificateError::Other(OtherError(other)) => match other.downcast_ref() {
                Some(webpki::Error::CaUsedAsEndEntity) => Self::AuthorityAsHub,
                Some(webpki::Error::UnsupportedCertVersion) => Self::OldCertificate,
                _ => Self::Certificate(reason.clone()),
            },
            other => Self::Certificate(other.clone()),
        }
    }
}

/// What an error goes back to, if that is an `E`.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // `source` of an I/O error is that of the error in it.
        next = match error.downcast_ref::<io::Error>() {
            Some(outer) => outer.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    None
}

/// The names of a certificate as a sentence has them. They come as `DnsName("hub.example")` and `IpAddress(192.0.2.1)`.
fn list(names: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
        inner.trim_matches(['"', ')']).to_owned()
    };
    match names {
        [] => "other names".to_owned(),
        names => names.iter().map(bare).collect::<Vec<_>>().join(", "),
    }
}

/// A time as a sentence has it.
fn days(seconds: u64) -> String {
    const DAY: u64 = 24 * 60 * 60;
    match seconds / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
