//! Labels in the words of their lists.

use std::collections::BTreeMap;

use super::{
    label::{Category, Description},
    table::Label,
};

/// What each label says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Named {
    lists: Box<[String]>,
    labels: Box<[Entry]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    list: u32,
    score: Option<u8>,
    category: Option<Box<str>>,
}

impl Named {
    pub fn new(
        lists: Box<[String]>,
        descriptions: Vec<Description>,
        categories: BTreeMap<u8, String>,
    ) -> Self {
        let category = |category| match category {
            Category::None => None,
            Category::Text(text) => Some(text),
            Category::Number(number) => Some(match categories.get(&number) {
                Some(name) => name.as_str().into(),
                None => format!("category {number}").into(),
            }),
        };
        let labels = descriptions.into_iter().map(|description| Entry {
            list: u32::try_from(description.list).unwrap_or(u32::MAX),
            score: description.score,
            category: category(description.category),
        });
        Self {
            labels: labels.collect(),
            lists,
        }
    }

    /// List, category and score of a label; nothing for what does not act.
    pub fn get(&self, label: Label) -> Option<(&str, Option<&str>, Option<u8>)> {
        let entry = self.labels.get(usize::from(label).checked_sub(1)?)?;
        let list = self.lists.get(usize::try_from(entry.list).ok()?)?;
        Some((list, entry.category.as_deref(), entry.score))
    }

    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(String::as_str)
    }

    /// Bytes that the names hold.
    pub fn size(&self) -> usize {
        let lists = self
            .lists
            .iter()
            .map(|name| size_of::<String>() + name.len());
        let labels = self.labels.iter().map(|entry| {
            size_of::<Entry>() + entry.category.as_ref().map_or(0, |category| category.len())
        });
        lists.sum::<usize>() + labels.sum::<usize>()
    }
}
