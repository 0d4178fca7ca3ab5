//! Device twins: what is desired of a device and what it reports, as JSON objects with a version each.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The most that either half may have, in bytes of JSON; as in IoT Hub.
const MAX_HALF: usize = 32 << 10;

/// How deep objects may be in each other; as in IoT Hub.
const MAX_DEPTH: usize = 10;

/// The most that all twins may have, in bytes of JSON.
const MAX_ALL: usize = 64 << 20;

/// Why a twin is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// No JSON object, or one that is too deep.
    #[error("a change of a twin is a JSON object of at most {MAX_DEPTH} levels")]
    Malformed,
    /// More than a half may have.
    #[error("a twin has at most {} KiB of each, desired and reported", MAX_HALF >> 10)]
    TooLarge,
    /// More than all may have.
    #[error("the hub has no room for more twins")]
    Full,
}

impl TwinError {
    /// The status by which a device is told.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::TooLarge => 413,
            Self::Full => 429,
        }
    }
}

/// The twins of all devices, in memory.
#[derive(Debug, Default)]
pub(super) struct Twins {
    twins: HashMap<String, Twin>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Twin {
    desired: Half,
    reported: Half,
}

#[derive(Debug)]
struct Half {
    properties: Map<String, Value>,
    version: u64,
    bytes: usize,
}

impl Default for Half {
    fn default() -> Self {
        Self {
            properties: Map::new(),
            version: 1,
            bytes: 0,
        }
    }
}

impl Twins {
    /// A device's twin, as it gets it.
    pub fn document(&self, device: &str) -> Vec<u8> {
        let new = Twin::default();
        let twin = self.twins.get(device).unwrap_or(&new);
        let halves = [("desired", &twin.desired), ("reported", &twin.reported)];
        let document: Map<_, _> = halves
            .into_iter()
            .map(|(name, half)| {
                (
                    name.to_owned(),
                    Value::Object(half.versioned(&half.properties)),
                )
            })
            .collect();
        Value::Object(document).to_string().into_bytes()
    }

    /// A device reports something; gives the version of what it has reported.
    pub fn report(&mut self, device: &str, patch: &[u8]) -> Result<u64, TwinError> {
        let patch = parse(patch)?;
        self.change(device, &patch, |twin| &mut twin.reported)
    }

    /// Something is desired of a device; gives the version, and what the device is told.
    pub fn desire(&mut self, device: &str, patch: &[u8]) -> Result<(u64, Vec<u8>), TwinError> {
        let patch = parse(patch)?;
        let version = self.change(device, &patch, |twin| &mut twin.desired)?;
        let half = Half {
            version,
            ..Half::default()
        };
        let told = Value::Object(half.versioned(&patch));
        Ok((version, told.to_string().into_bytes()))
    }

    fn change(
        &mut self,
        device: &str,
        patch: &Map<String, Value>,
        half: impl Fn(&mut Twin) -> &mut Half,
    ) -> Result<u64, TwinError> {
        let mut properties = match self.twins.get_mut(device) {
            Some(twin) => half(twin).properties.clone(),
            None => Map::new(),
        };
        merge(&mut properties, patch);
        let bytes = Value::Object(properties.clone()).to_string().len() + device.len();
        if bytes > MAX_HALF {
            return Err(TwinError::TooLarge);
        }
        let before = match self.twins.get_mut(device) {
            Some(twin) => half(twin).bytes,
            None => 0,
        };
        if self.bytes - before + bytes > MAX_ALL {
            return Err(TwinError::Full);
        }
        self.bytes = self.bytes - before + bytes;
        let half = half(self.twins.entry(device.to_owned()).or_default());
        half.properties = properties;
        half.bytes = bytes;
        half.version += 1;
        Ok(half.version)
    }
}

impl Half {
    fn versioned(&self, properties: &Map<String, Value>) -> Map<String, Value> {
        let mut properties = properties.clone();
        properties.insert("$version".into(), self.version.into());
        properties
    }
}

fn parse(patch: &[u8]) -> Result<Map<String, Value>, TwinError> {
    match serde_json::from_slice(patch) {
        Ok(Value::Object(mut patch)) if depth(&patch) <= MAX_DEPTH => {
            // The hub counts versions.
            patch.remove("$version");
            Ok(patch)
        }
        _ => Err(TwinError::Malformed),
    }
}

fn depth(object: &Map<String, Value>) -> usize {
    let inner = object.values().map(|value| match value {
        Value::Object(object) => depth(object),
        _ => 0,
    });
    1 + inner.max().unwrap_or(0)
}

/// RFC 7396: `null` removes, objects merge, all else replaces.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(patch) => {
                let place = target.entry(name).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(target) = place {
                    merge(target, patch);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(twins: &Twins) -> Value {
        serde_json::from_slice(&twins.document("a")).unwrap()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    #[test]
    fn a_twin_has_what_was_desired_and_reported() {
        let mut twins = Twins::default();
        let empty = json!({"desired": {"$version": 1}, "reported": {"$version": 1}});
        assert_eq!(document(&twins), empty);
        let patch = json!({"on": true, "led": {"red": 1, "blue": 2}});
        assert_eq!(twins.report("a", &bytes(&patch)), Ok(2));
        let patch = json!({"on": null, "led": {"red": null, "green": 3}, "$version": 77});
        assert_eq!(twins.report("a", &bytes(&patch)), Ok(3));
        let (version, told) = twins.desire("a", br#"{"on":false}"#).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        assert_eq!((version, told), (2, json!({"on": false, "$version": 2})));
        let expected = json!({
            "desired": {"on": false, "$version": 2},
            "reported": {"led": {"blue": 2, "green": 3}, "$version": 3},
        });
        assert_eq!(document(&twins), expected);
        // Of one device alone.
        let of_b: Value = serde_json::from_slice(&twins.document("b")).unwrap();
        assert_eq!(of_b, empty);
    }

    #[test]
    fn what_is_no_change_changes_nothing() {
        let mut twins = Twins::default();
        let deep = (0..MAX_DEPTH).fold(json!({}), |inner, _| json!({"x": inner}));
        let large = json!({"x": "y".repeat(MAX_HALF)});
        for (patch, error) in [
            (b"".to_vec(), TwinError::Malformed),
            (b"[1]".to_vec(), TwinError::Malformed),
            (b"{\"a\":".to_vec(), TwinError::Malformed),
            (b"{".repeat(100_000), TwinError::Malformed),
            (bytes(&deep), TwinError::Malformed),
            (bytes(&large), TwinError::TooLarge),
        ] {
            assert_eq!(twins.report("a", &patch), Err(error));
        }
        assert_eq!(document(&twins), document(&Twins::default()));
        assert!(twins.report("a", &bytes(&deep["x"])).is_ok());
    }

    #[test]
    fn all_twins_together_have_a_limit() {
        let mut twins = Twins::default();
        let large = bytes(&json!({"x": "y".repeat(MAX_HALF - 100)}));
        let full = (0..).find_map(|number| twins.report(&format!("{number}"), &large).err());
        assert_eq!(full, Some(TwinError::Full));
        assert!(twins.bytes <= MAX_ALL);
        // What there is can be made smaller.
        assert!(twins.report("0", br#"{"x":null}"#).is_ok());
        assert!(twins.report("new", br#"{"x":1}"#).is_ok());
    }
}
