//! What is known of listed prefixes beside themselves, each once.

use std::collections::HashMap;

use super::table::Label;

/// How many different labels there are at most: feeds that describe each address differently shall not fill the memory.
const MOST: usize = 16_384;

/// How many characters of a category are kept.
const CATEGORY: usize = 64;

/// What a list says of a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Description {
    pub list: usize,
    pub category: Category,
    pub score: Option<u8>,
}

/// What a list says that is at a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Category {
    None,
    Text(Box<str>),
    /// A number of Suricata's, which the file of categories names.
    Number(u8),
}

impl Category {
    /// From a field of a list, where `-` and nothing say nothing.
    pub fn text(text: &str) -> Self {
        match text.trim() {
            "" | "-" => Self::None,
            text => Self::Text(text.chars().take(CATEGORY).collect()),
        }
    }
}

/// All descriptions by their numbers, which begin at 1.
#[derive(Debug, Default)]
pub(super) struct Labels {
    numbers: HashMap<Description, Label>,
    descriptions: Vec<Description>,
    /// The last, because lists repeat themselves line by line.
    last: Option<(Description, Label)>,
}

impl Labels {
    /// The label of a description. When there is no room for another, the label of its list alone, if there is one.
    pub fn of(&mut self, description: Description) -> Label {
        if let Some((last, label)) = &self.last
            && *last == description
        {
            return *label;
        }
        let label = match self.numbers.get(&description) {
            Some(label) => *label,
            None if self.descriptions.len() < MOST => self.add(description.clone()),
            None => self.of_list(description.list),
        };
        self.last = Some((description, label));
        label
    }

    /// Makes room for a list, so that what it lists has a label in any case.
    pub fn of_list(&mut self, list: usize) -> Label {
        let description = Description {
            list,
            category: Category::None,
            score: None,
        };
        match self.numbers.get(&description) {
            Some(label) => *label,
            None => self.add(description),
        }
    }

    fn add(&mut self, description: Description) -> Label {
        self.descriptions.push(description.clone());
        let label = Label::try_from(self.descriptions.len()).unwrap_or(Label::MAX);
        self.numbers.insert(description, label);
        label
    }

    pub fn into_descriptions(self) -> Vec<Description> {
        self.descriptions
    }
}
