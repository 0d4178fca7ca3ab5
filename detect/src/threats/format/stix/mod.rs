//! Indicators of STIX 2.0 and 2.1: a bundle, a list of objects, or one object.

mod pattern;

use core::fmt;
use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    json::{message, place},
    place::{Place, offset_in},
    threats::{builder::Sink, label::Category, report::Fault},
};

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(borrow)]
    objects: Option<Vec<&'a RawValue>>,
}

/// What matters of an object here.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    pattern: Option<&'a RawValue>,
    #[serde(borrow)]
    pattern_type: Option<Text<'a>>,
    #[serde(default)]
    revoked: bool,
    #[serde(borrow)]
    valid_until: Option<Text<'a>>,
    confidence: Option<f64>,
    #[serde(borrow, default)]
    indicator_types: Vec<Text<'a>>,
    /// What indicators of STIX 2.0 have for `indicator_types`.
    #[serde(borrow, default)]
    labels: Vec<Text<'a>>,
}

/// A text that stays where it is, if it can.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

pub(super) fn read(text: &[u8], sink: &mut Sink<'_>) {
    let json = match core::str::from_utf8(text) {
        Ok(json) => json,
        Err(error) => {
            let message = "it is not UTF-8".to_owned();
            return sink.fault(
                || Place::of(text, error.valid_up_to()),
                Fault::Json { message },
            );
        }
    };
    // In one go, as long as all is as it should be.
    let mut seen = 0;
    let is_bundle = json.trim_start().starts_with('{');
    let mut parser = serde_json::Deserializer::from_str(json);
    let objects = Objects {
        json,
        sink: &mut *sink,
        seen: &mut seen,
    };
    let read = match is_bundle {
        true => parser.deserialize_map(InBundle(objects)),
        false => objects.deserialize(&mut parser),
    };
    if read.and_then(|()| parser.end()).is_err() {
        one_by_one(text, json, seen, sink);
    }
}

/// The same object by object behind those that were `seen`, and says what is wrong with which.
#[cold]
fn one_by_one(text: &[u8], json: &str, seen: usize, sink: &mut Sink<'_>) {
    let objects = match objects(json) {
        Ok(objects) => objects,
        Err(error) => {
            let message = message(&error);
            return sink.fault(|| place(json, json, &error), Fault::Json { message });
        }
    };
    for object in objects.into_iter().skip(seen) {
        match serde_json::from_str::<Object<'_>>(object.get()) {
            Ok(object) => take(&object, json, sink),
            Err(error) => {
                let place = || Place::of(text, offset_in(json, object.get()).unwrap_or(0));
                sink.fault(
                    place,
                    Fault::Json {
                        message: message(&error),
                    },
                );
            }
        }
    }
}

/// The objects of a bundle, of a list, or the one that the text is.
fn objects(json: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    if json.trim_start().starts_with('[') {
        return serde_json::from_str(json);
    }
    let bundle: Bundle<'_> = serde_json::from_str(json)?;
    match bundle.objects {
        Some(objects) => Ok(objects),
        None => Ok(vec![serde_json::from_str(json)?]),
    }
}

/// A list of objects, which are taken as they come.
struct Objects<'j, 's, 'b> {
    json: &'j str,
    sink: &'s mut Sink<'b>,
    /// How many there were.
    seen: &'s mut usize,
}

impl<'j> DeserializeSeed<'j> for Objects<'j, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'j> Visitor<'j> for Objects<'j, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(object) = list.next_element::<Object<'j>>()? {
            take(&object, self.json, self.sink);
            *self.seen += 1;
        }
        Ok(())
    }
}

/// A bundle with its objects.
struct InBundle<'j, 's, 'b>(Objects<'j, 's, 'b>);

impl<'j> Visitor<'j> for InBundle<'j, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bundle")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut bundle: A) -> Result<(), A::Error> {
        let mut objects = Some(self.0);
        while let Some(Text(name)) = bundle.next_key()? {
            match objects.take_if(|_| name == "objects") {
                Some(objects) => bundle.next_value_seed(objects)?,
                None if name == "objects" => return Err(A::Error::duplicate_field("objects")),
                None => drop(bundle.next_value::<IgnoredAny>()?),
            }
        }
        match objects {
            // It is an object itself.
            Some(_) => Err(A::Error::missing_field("objects")),
            None => Ok(()),
        }
    }
}

/// Reports, relations, identities come with the indicators and list nothing.
fn take(object: &Object<'_>, json: &str, sink: &mut Sink<'_>) {
    if object.kind == "indicator" {
        indicator(object, json, sink);
    }
}

fn indicator(object: &Object<'_>, json: &str, sink: &mut Sink<'_>) {
    let is_stix = object
        .pattern_type
        .as_ref()
        .is_none_or(|kind| kind.0 == "stix");
    let Some(raw) = object.pattern.filter(|_| is_stix && !object.revoked) else {
        return sink.skip();
    };
    let until = object.valid_until.as_ref().map(|until| &*until.0);
    if is_over(until, sink.builder.now) {
        return sink.skip();
    }
    let raw = raw.get();
    let start = offset_in(json, raw).unwrap_or(0);
    let place = |offset| Place::of(json.as_bytes(), start + offset);
    let fault = |message: &str| Fault::Pattern {
        id: object.id.clone().into_owned(),
        message: message.to_owned(),
    };
    // Without escapes the pattern's characters stand in the file as they are, after the quotation mark.
    let as_written = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    let as_written = as_written.filter(|raw| !raw.contains('\\'));
    let pattern = match as_written {
        Some(pattern) => Ok(Cow::Borrowed(pattern)),
        None => serde_json::from_str(raw).map(|Text(pattern)| pattern),
    };
    let Ok(pattern) = pattern else {
        return sink.fault(|| place(0), fault("it is no text"));
    };
    let offset = |offset| as_written.map_or(0, |_| 1 + offset);
    let found = match pattern::read(&pattern) {
        Ok(found) => found,
        Err(error) => return sink.fault(|| place(offset(error.offset)), fault(error.message)),
    };
    for _ in 0..found.others {
        sink.skip();
    }
    let category = object.indicator_types.first().or(object.labels.first());
    let category = Category::text(category.map_or("", |category| &*category.0));
    for address in found.addresses {
        sink.prefix(
            || place(offset(address.offset)),
            &address.text,
            category.clone(),
            score(object.confidence),
        );
    }
}

/// A confidence of 0 to 100.
fn score(confidence: Option<f64>) -> Option<u8> {
    let confidence = confidence.filter(|confidence| (0.0..=100.0).contains(confidence))?;
    // Within range, and its fraction does not matter.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(confidence as u8)
}

/// Whether it is past the time until which an indicator is valid.
fn is_over(valid_until: Option<&str>, now: Option<i64>) -> bool {
    let until = valid_until.and_then(|time| time.parse::<jiff::Timestamp>().ok());
    matches!((until, now), (Some(until), Some(now)) if until.as_second() <= now)
}
