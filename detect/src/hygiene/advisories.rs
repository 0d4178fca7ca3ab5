//! Known vulnerabilities, and which versions are still mended: a data file with sources and date.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::version::{Product, System, Version};
use crate::alert::Severity;
use crate::place::Faulty;
use crate::toml_file;

/// The advisories that come with this program.
pub const BUILT_IN: &str = include_str!("../../data/advisories.toml");

/// A known vulnerability.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Advisory {
    /// Its name, such as a CVE number.
    pub id: String,
    /// What has it.
    pub product: Product,
    /// The part that has it.
    pub component: String,
    /// The first version that has it; all from the beginning if none is named.
    pub first_affected: Option<Version>,
    /// The first version that has it no more.
    pub fixed: Option<Version>,
    /// The last version that is known to have it, where it is not known which one mends it.
    pub last_affected: Option<Version>,
    /// Its CVSS base score; `None` where nobody has given one.
    pub score: Option<f32>,
    /// What goes wrong.
    pub summary: String,
    /// What a device must have or do for it to matter.
    pub needs: String,
    /// Where that was read.
    pub source: String,
    /// Whether the source was read again when the file was made.
    #[serde(default = "yes")]
    pub checked: bool,
}

fn yes() -> bool {
    true
}

/// How a version relates to an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Affected {
    /// It has the vulnerability, if the device uses the part.
    Yes,
    /// It may have it: the patch level is not known.
    Maybe,
}

impl Advisory {
    /// Whether a version has it.
    #[must_use]
    pub fn affects(&self, version: Version) -> Option<Affected> {
        let is_affected = |version: [u16; 3]| {
            let from = self
                .first_affected
                .is_none_or(|first| first.lowest() <= version);
            let before = self.fixed.is_none_or(|fixed| version < fixed.lowest());
            let to = self
                .last_affected
                .is_none_or(|last| version <= last.highest());
            from && before && to
        };
        let (lowest, highest) = (version.lowest(), version.highest());
        // What is affected is one range, which may also lie between the two.
        let is_within = || {
            let first = self.first_affected.map(Version::lowest);
            first.is_some_and(|first| lowest < first && first <= highest && is_affected(first))
        };
        match (is_affected(lowest), is_affected(highest)) {
            (true, true) => Some(Affected::Yes),
            (true, false) | (false, true) => Some(Affected::Maybe),
            (false, false) => is_within().then_some(Affected::Maybe),
        }
    }

    /// How bad it is: as CVSS names its scores, Medium where there is none.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.score {
            Some(7.0..) => Severity::High,
            Some(..4.0) => Severity::Low,
            _ => Severity::Medium,
        }
    }
}

/// From which version on a product is mended.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Support {
    /// The product.
    pub product: Product,
    /// The oldest version that still is.
    pub oldest: Version,
    /// Where that was read.
    pub source: String,
}

/// What is known of versions.
#[derive(Debug, Clone)]
pub struct Advisories(Arc<File>);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    checked: Option<Datetime>,
    #[serde(default)]
    support: Vec<Support>,
    #[serde(default)]
    advisory: Vec<Advisory>,
}

/// Why a file of advisories cannot be used.
pub type AdvisoriesError = Faulty<Fault>;

/// What is wrong with a file of advisories.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; detect/data/advisories.toml shows the form")]
pub struct Fault(String);

impl Advisories {
    /// Reads a file of advisories, in TOML.
    ///
    /// # Errors
    /// [`AdvisoriesError`] says where the text is wrong.
    pub fn parse(text: &str) -> Result<Self, AdvisoriesError> {
        let reading = toml_file::read(text);
        let problems = reading.problems.into_iter();
        let problems = problems.map(|problem| problem.map(Fault)).collect();
        let file = Faulty::unless(reading.value, problems)?;
        Ok(Self(Arc::new(file)))
    }

    /// The day on which the file was checked, if it states one.
    #[must_use]
    pub fn checked(&self) -> Option<String> {
        self.0.checked.as_ref().map(ToString::to_string)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Advisory] {
        &self.0.advisory
    }

    /// Which versions are still mended.
    #[must_use]
    pub fn support(&self) -> &[Support] {
        &self.0.support
    }

    /// Those that a system has or may have, the worst first.
    #[must_use]
    pub fn of(&self, system: &System) -> Vec<(&Advisory, Affected)> {
        let affects = |advisory: &Advisory| advisory.affects(system.version(advisory.product)?);
        let mut found: Vec<_> = self
            .all()
            .iter()
            .filter_map(|advisory| Some((advisory, affects(advisory)?)))
            .collect();
        found.sort_by(|(a, how_a), (b, how_b)| {
            let scores = b.score.unwrap_or(0.0).total_cmp(&a.score.unwrap_or(0.0));
            how_a.cmp(how_b).then(scores)
        });
        found
    }
}

/// Those that come with this program.
impl Default for Advisories {
    fn default() -> Self {
        // That the file can be read is for a test.
        static BUILT_IN_FILE: LazyLock<Advisories> = LazyLock::new(|| {
            Advisories::parse(BUILT_IN).unwrap_or_else(|_| Advisories(Arc::default()))
        });
        BUILT_IN_FILE.clone()
    }
}
