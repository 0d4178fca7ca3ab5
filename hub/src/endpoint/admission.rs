//! Who is let in: a claim, what the directory knows of it, and what the client has shown.

use defender_detect::input::Refusal;

use super::{
    claim::{Claim, Proof},
    codec::ConnectReturnCode,
    topic::{self, Target},
};
use crate::identity::{
    Credential, Device, Role, SealingKey,
    sas::{self, SasError},
    thumbprint::Shown,
};

/// A client that is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name: of a device, the one in its topics.
    pub id: String,
    /// What it may do.
    pub access: Access,
    /// When its token ends, in Unix time.
    pub until: Option<u64>,
    /// As whom it is enrolled.
    pub enrolled: Option<Device>,
}

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Speak for itself.
    Device,
    /// See all, and send to all.
    Service,
    /// Either, on this machine alone: it is not enrolled.
    Anybody,
}

/// Why a client is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// What it is told.
    pub code: ConnectReturnCode,
    /// What detection is told, if anything.
    pub reason: Option<Refusal>,
    /// Whether that is about somebody who is enrolled.
    pub is_of_enrolled: bool,
}

impl Refused {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self.reason {
            None => "unavailable",
            Some(Refusal::CertificateMismatch) => "certificate-mismatch",
            Some(Refusal::CertificateExpired) => "certificate-expired",
            Some(Refusal::SasTokenExpired) => "token-expired",
            Some(Refusal::SasTokenInvalid) => "token-invalid",
            Some(Refusal::UnknownDevice) => "unknown",
            Some(_) => "unauthorized",
        }
    }

    fn unauthorized(reason: Refusal) -> Self {
        Self {
            code: ConnectReturnCode::NotAuthorized,
            reason: Some(reason),
            is_of_enrolled: true,
        }
    }
}

/// What is known when a client asks to be let in.
pub(super) struct Known<'a> {
    /// Who is enrolled under the name that it says.
    pub identity: Option<&'a Device>,
    /// Whether its client id is that of somebody who is enrolled.
    pub is_client_enrolled: bool,
    /// The certificate that it has shown.
    pub shown: Option<&'a Shown>,
    /// Unix time.
    pub now: u64,
    /// Whether those who are not enrolled are let in.
    pub is_open: bool,
}

/// Decides. It takes as long as a password is hashed, if there is one.
pub(super) fn decide(
    claim: &Claim,
    known: &Known<'_>,
    sealing: &SealingKey,
) -> Result<Member, Refused> {
    let is_of_enrolled = known.identity.is_some();
    admit(claim, known, sealing).map_err(|refused| Refused {
        is_of_enrolled,
        ..refused
    })
}

fn admit(claim: &Claim, known: &Known<'_>, sealing: &SealingKey) -> Result<Member, Refused> {
    let member = match known.identity {
        Some(device) => enrolled(claim, device, known, sealing)?,
        None if known.is_open && !known.is_client_enrolled => Member {
            id: claim.client.clone(),
            access: Access::Anybody,
            until: None,
            enrolled: None,
        },
        // Its client id is somebody's who would have to prove it.
        None if known.is_open => return Err(Refused::unauthorized(Refusal::Unauthorized)),
        None => return Err(Refused::unauthorized(Refusal::UnknownDevice)),
    };
    let may_send =
        |topic: &str| matches!(topic::target(topic, &member.id), Some(Target::Telemetry));
    match &claim.will {
        Some((topic, _)) if !may_send(topic) => Err(Refused::unauthorized(Refusal::Unauthorized)),
        _ => Ok(member),
    }
}

fn enrolled(
    claim: &Claim,
    device: &Device,
    known: &Known<'_>,
    sealing: &SealingKey,
) -> Result<Member, Refused> {
    let access = match device.role {
        Role::Device => Access::Device,
        Role::Service => Access::Service,
    };
    // A service may have many connections, a device is one.
    if access == Access::Device && claim.client != device.id.as_str() {
        return Err(Refused {
            code: ConnectReturnCode::BadClientId,
            ..Refused::unauthorized(Refusal::Unauthorized)
        });
    }
    Ok(Member {
        id: device.id.as_str().to_owned(),
        access,
        until: proven(claim, device, known, sealing)?,
        enrolled: Some(device.clone()),
    })
}

/// Whether a client is who it says, and until when.
fn proven(
    claim: &Claim,
    device: &Device,
    known: &Known<'_>,
    sealing: &SealingKey,
) -> Result<Option<u64>, Refused> {
    match (&device.credential, &claim.proof) {
        (Credential::Key(sealed), Proof::Token(token)) => {
            let key = sealing
                .unseal(device.id.as_str(), sealed)
                // The hub has lost its key: nothing that the device did.
                .map_err(|_| Refused {
                    code: ConnectReturnCode::ServiceUnavailable,
                    reason: None,
                    is_of_enrolled: true,
                })?;
            let host = claim.host.as_deref().unwrap_or_default();
            sas::check(token, host, device.id.as_str(), &key, known.now)
                .map(Some)
                .map_err(|error| {
                    Refused::unauthorized(match error {
                        SasError::Expired => Refusal::SasTokenExpired,
                        _ => Refusal::SasTokenInvalid,
                    })
                })
        }
        (Credential::Key(_), Proof::Password(_)) => Err(Refused {
            code: ConnectReturnCode::BadUserNamePassword,
            ..Refused::unauthorized(Refusal::SasTokenInvalid)
        }),
        (Credential::Password(hash), Proof::Password(password)) if hash.is_of(password) => Ok(None),
        (Credential::Password(_), _) => Err(Refused {
            code: ConnectReturnCode::BadUserNamePassword,
            ..Refused::unauthorized(Refusal::Unauthorized)
        }),
        (Credential::Certificate(thumbprint), _) => {
            let shown = known
                .shown
                .ok_or(Refused::unauthorized(Refusal::Unauthorized))?;
            let now = i64::try_from(known.now).unwrap_or(i64::MAX);
            if shown.thumbprint != *thumbprint {
                Err(Refused::unauthorized(Refusal::CertificateMismatch))
            } else if now > shown.valid.1 {
                Err(Refused::unauthorized(Refusal::CertificateExpired))
            } else if now < shown.valid.0 {
                Err(Refused::unauthorized(Refusal::Unauthorized))
            } else {
                Ok(u64::try_from(shown.valid.1).ok())
            }
        }
        (Credential::Key(_), Proof::Nothing) => Err(Refused::unauthorized(Refusal::Unauthorized)),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::identity::{SharedKey, Thumbprint, password::Hashed};

    const NOW: u64 = 1_790_000_000;

    fn claim(proof: Proof) -> Claim {
        Claim {
            client: "a".into(),
            identity: "a".into(),
            host: Some("hub".into()),
            proof,
            is_clean: true,
            keep_alive: 60,
            will: None,
        }
    }

    fn known(device: Option<&Device>) -> Known<'_> {
        Known {
            identity: device,
            is_client_enrolled: false,
            shown: None,
            now: NOW,
            is_open: false,
        }
    }

    fn device(credential: Credential) -> Device {
        Device::new("a".parse().unwrap(), Role::Device, credential, 0)
    }

    fn unauthorized<T>(reason: Refusal) -> Result<T, Refused> {
        Err(Refused::unauthorized(reason))
    }

    /// The same of somebody who is not enrolled.
    fn stranger<T>(reason: Refusal) -> Result<T, Refused> {
        Err(Refused {
            is_of_enrolled: false,
            ..Refused::unauthorized(reason)
        })
    }

    #[test]
    fn a_token_lets_a_device_in_until_it_ends() {
        let sealing = SealingKey::unkept().unwrap();
        let key = SharedKey::from_base64("c2VjcmV0").unwrap();
        let device = device(Credential::Key(sealing.seal("a", &key).unwrap()));
        let known = known(Some(&device));
        let with = |proof| decide(&claim(proof), &known, &sealing);
        let token = |key: &SharedKey, expiry| Proof::Token(key.sign("hub", "a", expiry));
        let member = with(token(&key, NOW + 1)).unwrap();
        assert_eq!(member.access, Access::Device);
        assert_eq!((member.id.as_str(), member.until), ("a", Some(NOW + 1)));
        assert_eq!(
            with(token(&key, NOW)),
            unauthorized(Refusal::SasTokenExpired)
        );
        let forged = SharedKey::from_base64("Zm9yZ2Vk").unwrap();
        assert_eq!(
            with(token(&forged, NOW + 1)),
            unauthorized(Refusal::SasTokenInvalid)
        );
        assert_eq!(with(Proof::Nothing), unauthorized(Refusal::Unauthorized));
        let refused = with(Proof::Password("c2VjcmV0".into())).unwrap_err();
        assert_eq!(refused.code, ConnectReturnCode::BadUserNamePassword);
        // Of another hub.
        let mut elsewhere = claim(token(&key, NOW + 1));
        elsewhere.host = Some("other".into());
        let refused = decide(&elsewhere, &known, &sealing);
        assert_eq!(refused, unauthorized(Refusal::SasTokenInvalid));
        // The hub has another key file: that is no attack.
        let refused = decide(
            &claim(token(&key, NOW + 1)),
            &known,
            &SealingKey::unkept().unwrap(),
        );
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code, refused.reason),
            (ConnectReturnCode::ServiceUnavailable, None)
        );
    }

    #[test]
    fn a_certificate_lets_a_device_in_while_it_is_valid() {
        let sealing = SealingKey::unkept().unwrap();
        let thumbprint = Thumbprint::of(b"its certificate");
        let device = device(Credential::Certificate(thumbprint));
        let with = |shown: Option<Shown>| {
            let known = Known {
                shown: shown.as_ref(),
                ..known(Some(&device))
            };
            decide(&claim(Proof::Nothing), &known, &sealing)
        };
        let now = NOW as i64;
        let shown = |thumbprint, valid| Some(Shown { thumbprint, valid });
        assert!(with(shown(thumbprint, (now - 1, now + 1))).is_ok());
        assert!(with(shown(thumbprint, (now, now))).is_ok());
        let late = with(shown(thumbprint, (now - 9, now - 1)));
        assert_eq!(late, unauthorized(Refusal::CertificateExpired));
        let early = with(shown(thumbprint, (now + 1, now + 9)));
        assert_eq!(early, unauthorized(Refusal::Unauthorized));
        let other = with(shown(Thumbprint::of(b"another"), (now - 1, now + 1)));
        assert_eq!(other, unauthorized(Refusal::CertificateMismatch));
        assert_eq!(with(None), unauthorized(Refusal::Unauthorized));
    }

    #[test]
    fn a_password_lets_in_and_a_service_has_any_client_id() {
        let sealing = SealingKey::unkept().unwrap();
        let hash = Hashed::new(b"secret").unwrap();
        let mut device = device(Credential::Password(hash));
        device.role = Role::Service;
        let mut claim = claim(Proof::Password("secret".into()));
        claim.client = "watcher-1".into();
        let member = decide(&claim, &known(Some(&device)), &sealing).unwrap();
        assert_eq!((member.id.as_str(), member.access), ("a", Access::Service));
        claim.proof = Proof::Password("Secret".into());
        let refused = decide(&claim, &known(Some(&device)), &sealing).unwrap_err();
        assert_eq!(refused.code, ConnectReturnCode::BadUserNamePassword);
        // A device is its client id.
        device.role = Role::Device;
        claim.proof = Proof::Password("secret".into());
        let refused = decide(&claim, &known(Some(&device)), &sealing).unwrap_err();
        assert_eq!(refused.code, ConnectReturnCode::BadClientId);
    }

    #[test]
    fn who_is_not_enrolled_is_let_in_on_this_machine_alone() {
        let sealing = SealingKey::unkept().unwrap();
        let claim = claim(Proof::Nothing);
        let refused = decide(&claim, &known(None), &sealing);
        assert_eq!(refused, stranger(Refusal::UnknownDevice));
        let mut open = known(None);
        open.is_open = true;
        let member = decide(&claim, &open, &sealing).unwrap();
        assert_eq!(member.access, Access::Anybody);
        // But not under the client id of somebody who is enrolled.
        open.is_client_enrolled = true;
        let refused = decide(&claim, &open, &sealing);
        assert_eq!(refused, stranger(Refusal::Unauthorized));
        // And somebody who is enrolled has to prove it there, too.
        let device = device(Credential::Password(Hashed::new(b"secret").unwrap()));
        open.identity = Some(&device);
        assert!(decide(&claim, &open, &sealing).is_err());
    }

    #[test]
    fn a_will_goes_to_own_telemetry_or_nowhere() {
        let sealing = SealingKey::unkept().unwrap();
        let mut open = known(None);
        open.is_open = true;
        let with = |topic: &str| {
            let mut claim = claim(Proof::Nothing);
            claim.will = Some((topic.into(), Bytes::new()));
            decide(&claim, &open, &sealing)
        };
        assert!(with("devices/a/messages/events/").is_ok());
        for topic in [
            "devices/b/messages/events/",
            "$iothub/twin/GET/?$rid=1",
            "x",
        ] {
            assert_eq!(with(topic), stranger(Refusal::Unauthorized), "{topic}");
        }
    }
}
