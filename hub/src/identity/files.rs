//! Where a hub keeps its keys and certificates: files in its data folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use x509_parser::{
    pem::parse_x509_pem,
    prelude::{FromDer, GeneralName, X509Certificate},
};

use super::{
    authority::{Authority, AuthorityError, Issued},
    seal::{SealingKey, SealingKeyError, write_secret},
};
use crate::{
    address,
    store::{check_owner, make_private},
};

/// What stays as it is in a file's name.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A hub's folder.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    folder: PathBuf,
}

/// Why a file of a key or certificate cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The system says so.
    #[error("{path}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// There are no certificates yet.
    #[error("{path} is not there: run `defender hub init` first", path = .0.display())]
    None(PathBuf),
    /// There are certificates already, and devices trust them.
    #[error(
        "{path} is there already, and devices may trust it: `--renew` makes a new certificate of the hub alone; to make all anew move its folder away",
        path = .0.display()
    )]
    Exists(PathBuf),
    /// The certificates cannot be made, or used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// The files of a certificate that was made for a device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceFiles {
    /// The certificate in PEM.
    pub certificate: PathBuf,
    /// Its key in PEM.
    pub key: PathBuf,
    /// The certificate in DER, as NetX Secure reads it.
    pub certificate_der: PathBuf,
    /// Its key in PKCS #1 DER, likewise.
    pub key_der: PathBuf,
}

impl KeyFiles {
    /// The files of the hub that keeps what it knows in this folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { folder }
    }

    /// The key that seals those of devices. It is made if it is not there.
    ///
    /// # Errors
    /// [`SealingKeyError`] when it cannot be had.
    pub fn sealing_key(&self) -> Result<SealingKey, SealingKeyError> {
        SealingKey::open(&self.folder.join("sealing.key"))
    }

    /// The hub's certificate in PEM.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.tls("hub.pem")
    }

    /// The key of the hub's certificate in PEM.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.tls("hub.key")
    }

    /// The certificate that devices are to trust, in PEM.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.tls("ca.pem")
    }

    /// The certificate that devices are to trust, in DER.
    #[must_use]
    pub fn ca_der(&self) -> PathBuf {
        self.tls("ca.der")
    }

    fn tls(&self, name: &str) -> PathBuf {
        self.folder.join("tls").join(name)
    }

    /// Makes an authority, and a certificate of a hub with these names and addresses.
    ///
    /// # Errors
    /// [`KeyFileError`] when there is one already, or it cannot be made.
    pub fn init(&self, names: &[String]) -> Result<(), KeyFileError> {
        let ca = self.ca();
        if ca.exists() {
            return Err(KeyFileError::Exists(ca));
        }
        let (authority, key) = Authority::make("threadx-defender hub")?;
        let issued = authority.issue_hub(names)?;
        let der = parse_x509_pem(authority.certificate().as_bytes()).map(|(_, pem)| pem.contents);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| KeyFileError::File { path, error }
        };
        make_private(&self.folder).map_err(at(&self.folder))?;
        check_owner(&self.folder).map_err(at(&self.folder))?;
        // All of it or nothing: what a run that was ended has left goes.
        let new = self.folder.join(format!("tls.{}", std::process::id()));
        match fs::remove_dir_all(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&new)(error)),
            _ => {}
        }
        put(&new.join("ca.key"), key.as_bytes())?;
        put(&new.join("hub.key"), issued.key_pem.as_bytes())?;
        put(&new.join("hub.pem"), issued.certificate_pem.as_bytes())?;
        put(&new.join("ca.der"), &der.unwrap_or_default())?;
        put(&new.join("ca.pem"), authority.certificate().as_bytes())?;
        let folder = self.folder.join("tls");
        fs::rename(&new, &folder).map_err(at(&folder))
    }

    /// Makes a new certificate of the hub, and a new key, by the authority that is there: devices need nothing. It is for these names and
    /// addresses, or for those of the certificate before when there are none. Returns what it is for.
    ///
    /// # Errors
    /// [`KeyFileError`] when there is no authority, or the certificate cannot be made.
    pub fn renew(&self, names: &[String]) -> Result<Vec<String>, KeyFileError> {
        let authority = self.authority()?;
        let names = match names {
            [] => self.names(),
            names => names.to_vec(),
        };
        let issued = authority.issue_hub(&names)?;
        // A hub that reads between the two notices that they do not belong together, and keeps what it has.
        for (path, content) in [
            (self.key(), issued.key_pem),
            (self.certificate(), issued.certificate_pem),
        ] {
            let new = path.with_extension(format!("new.{}", std::process::id()));
            let at = |error| KeyFileError::File {
                path: path.clone(),
                error,
            };
            put(&new, content.as_bytes())?;
            fs::rename(&new, &path).map_err(at)?;
        }
        Ok(names)
    }

    /// Issues a certificate for a device.
    ///
    /// # Errors
    /// [`KeyFileError`] when there is no authority, or the certificate cannot be made.
    pub fn issue(&self, device: &str) -> Result<Issued, KeyFileError> {
        Ok(self.authority()?.issue_device(device)?)
    }

    fn authority(&self) -> Result<Authority, KeyFileError> {
        let [ca, key] = [self.ca(), self.tls("ca.key")];
        Ok(Authority::from_pem(&get(&ca)?, &get(&key)?)?)
    }

    /// The names and addresses that the hub's certificate is for; none without one.
    fn names(&self) -> Vec<String> {
        let names = self.look(|certificate| {
            let names = certificate.subject_alternative_name().ok()??;
            let names = names.value.general_names.iter();
            let names = names.filter_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                GeneralName::IPAddress(octets) => Some(address::from_octets(octets)?.to_string()),
                _ => None,
            });
            Some(names.collect())
        });
        names.unwrap_or_default()
    }

    /// The name under which devices know the hub: the common name of its certificate; `None` without one.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        self.look(|certificate| {
            let name = certificate.subject().iter_common_name().next()?;
            Some(name.as_str().ok()?.to_owned())
        })
    }

    /// Looks at the hub's certificate, if there is one.
    fn look<T>(&self, at: impl FnOnce(&X509Certificate<'_>) -> Option<T>) -> Option<T> {
        let text = fs::read(self.certificate()).ok()?;
        let (_, pem) = parse_x509_pem(&text).ok()?;
        let (_, certificate) = X509Certificate::from_der(&pem.contents).ok()?;
        at(&certificate)
    }
}

impl DeviceFiles {
    /// Writes a device's certificate and key to new files in a folder.
    ///
    /// # Errors
    /// [`KeyFileError`] when one is there already, or cannot be written.
    pub fn write(folder: &Path, device: &str, issued: &Issued) -> Result<Self, KeyFileError> {
        let name = utf8_percent_encode(device, PLAIN);
        let file = |end: &str| folder.join(format!("{name}{end}"));
        let files = Self {
            certificate: file(".pem"),
            key: file(".key"),
            certificate_der: file(".der"),
            key_der: file(".key.der"),
        };
        put(&files.certificate, issued.certificate_pem.as_bytes())?;
        put(&files.key, issued.key_pem.as_bytes())?;
        put(&files.certificate_der, &issued.certificate)?;
        put(&files.key_der, &issued.key_pkcs1)?;
        Ok(files)
    }
}

fn put(path: &Path, content: &[u8]) -> Result<(), KeyFileError> {
    write_secret(path, content).map_err(|error| KeyFileError::File {
        path: path.into(),
        error,
    })
}

fn get(path: &Path) -> Result<String, KeyFileError> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::None(path.into()),
        _ => KeyFileError::File {
            path: path.into(),
            error,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        endpoint::tls,
        identity::{Thumbprint, thumbprint::Shown},
    };

    #[test]
    fn a_hub_has_certificates_once_and_issues_them_to_devices() {
        let folder = tempfile::tempdir().unwrap();
        let files = KeyFiles::of(&folder.path().join("hub"));
        assert_eq!(files.host(), None);
        assert!(matches!(files.issue("a"), Err(KeyFileError::None(_))));
        files
            .init(&["hub.example".into(), "127.0.0.1".into()])
            .unwrap();
        assert_eq!(files.host().as_deref(), Some("hub.example"));
        assert!(tls::server_config(&files.certificate(), &files.key()).is_ok());
        let again = files.init(&["hub.example".into()]);
        assert!(matches!(again, Err(KeyFileError::Exists(_))));
        let [ca, before, key] =
            [files.ca(), files.certificate(), files.key()].map(|path| get(&path).unwrap());
        let renewed = files.renew(&[]).unwrap();
        assert_eq!(renewed, ["hub.example", "127.0.0.1"]);
        assert_eq!(get(&files.ca()).unwrap(), ca);
        assert_ne!(get(&files.certificate()).unwrap(), before);
        assert_ne!(get(&files.key()).unwrap(), key);
        assert!(tls::server_config(&files.certificate(), &files.key()).is_ok());
        files.renew(&["new.example".into(), "::1".into()]).unwrap();
        assert_eq!(files.host().as_deref(), Some("new.example"));
        assert_eq!(files.renew(&[]).unwrap(), ["new.example", "::1"]);
        assert_eq!(
            fs::read_dir(folder.path().join("hub/tls")).unwrap().count(),
            5
        );
        let issued = files.issue("a").unwrap();
        let written = DeviceFiles::write(folder.path(), "a/../b", &issued).unwrap();
        assert_eq!(written.certificate, folder.path().join("a%2F..%2Fb.pem"));
        let der = fs::read(&written.certificate_der).unwrap();
        assert_eq!(
            Shown::of(&der).unwrap().thumbprint,
            Thumbprint::of(&issued.certificate)
        );
        assert!(DeviceFiles::write(folder.path(), "a/../b", &issued).is_err());
    }
}
