//! Indicators of STIX 2.0 and 2.1: a bundle, a list of objects, or one object.

mod pattern;

use std::borrow::Cow;

use serde::Deserialize;
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
    pattern_type: Option<Cow<'a, str>>,
    #[serde(default)]
    revoked: bool,
    valid_until: Option<Cow<'a, str>>,
    confidence: Option<f64>,
    #[serde(default)]
    indicator_types: Vec<Cow<'a, str>>,
    /// What indicators of STIX 2.0 have for `indicator_types`.
    #[serde(default)]
    labels: Vec<Cow<'a, str>>,
}

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
    let objects = match objects(json) {
        Ok(objects) => objects,
        Err(error) => {
            let message = message(&error);
            return sink.fault(|| place(json, json, &error), Fault::Json { message });
        }
    };
    for object in objects {
        match serde_json::from_str::<Object<'_>>(object.get()) {
            Ok(object) if object.kind == "indicator" => indicator(&object, json, sink),
            // Reports, relations, identities: they come with the indicators and list nothing.
            Ok(_) => {}
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

fn indicator(object: &Object<'_>, json: &str, sink: &mut Sink<'_>) {
    let is_stix = object
        .pattern_type
        .as_deref()
        .is_none_or(|kind| kind == "stix");
    let Some(raw) = object.pattern.filter(|_| is_stix && !object.revoked) else {
        return sink.skip();
    };
    if is_over(object.valid_until.as_deref(), sink.builder.now) {
        return sink.skip();
    }
    let start = offset_in(json, raw.get()).unwrap_or(0);
    let place = |offset| Place::of(json.as_bytes(), start + offset);
    let fault = |message: &str| Fault::Pattern {
        id: object.id.clone().into_owned(),
        message: message.to_owned(),
    };
    let Ok(Quoted(pattern)) = serde_json::from_str(raw.get()) else {
        return sink.fault(|| place(0), fault("it is no text"));
    };
    // Without escapes the pattern's characters stand in the file as they are, after the quotation mark.
    let is_as_written = matches!(pattern, Cow::Borrowed(_));
    let offset = |offset: usize| if is_as_written { 1 + offset } else { 0 };
    let found = match pattern::read(&pattern) {
        Ok(found) => found,
        Err(error) => return sink.fault(|| place(offset(error.offset)), fault(error.message)),
    };
    for _ in 0..found.others {
        sink.skip();
    }
    let category = object.indicator_types.first().or(object.labels.first());
    let category = Category::text(category.map_or("", |category| category));
    for address in found.addresses {
        sink.prefix(
            || place(offset(address.offset)),
            &address.text,
            category.clone(),
            score(object.confidence),
        );
    }
}

/// A text that stays where it is, if it can.
#[derive(Deserialize)]
struct Quoted<'a>(#[serde(borrow)] Cow<'a, str>);

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
