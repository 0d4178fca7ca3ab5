//! STIX patterns, as far as they name addresses.
//!
//! Addresses act that the pattern compares with `=`, `IN` or `ISSUBSET`, when comparisons are joined by `OR`. What asks for
//! something beside an address (`AND`, `NOT`, `FOLLOWEDBY`, a time window) would say more than it does if its addresses acted
//! alone: it is counted as another kind.

use core::cell::Cell;
use std::borrow::Cow;

/// How deep parentheses may nest.
const DEEPEST: u32 = 64;

/// What a pattern names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub addresses: Vec<Address<'a>>,
    /// Comparisons of another kind.
    pub others: usize,
}

/// An address or prefix, and where in the pattern it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub offset: usize,
    pub text: Cow<'a, str>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub offset: usize,
    pub message: &'static str,
}

/// Properties that are addresses of a peer.
const ADDRESSES: [&str; 4] = [
    "ipv4-addr:value",
    "ipv6-addr:value",
    "network-traffic:dst_ref.value",
    "network-traffic:src_ref.value",
];

pub(super) fn read(pattern: &str) -> Result<Found<'_>, Error> {
    match single(pattern) {
        Some(address) => Ok(Found {
            addresses: vec![address],
            others: 0,
        }),
        None => parse(pattern),
    }
}

/// The address of a pattern that says no more than that: nearly all of a feed's.
fn single(pattern: &str) -> Option<Address<'_>> {
    let comparison = pattern.strip_prefix('[')?.strip_suffix(']')?;
    let mut paths = ADDRESSES.iter();
    let rest = paths.find_map(|path| comparison.strip_prefix(path))?;
    let operator = rest.trim_start_matches(' ');
    let rest = match operator.strip_prefix('=') {
        Some(rest) => rest,
        // A word ends the path only behind a space.
        None if operator.len() < rest.len() => operator.strip_prefix("ISSUBSET")?,
        None => return None,
    };
    let value = rest.trim_start_matches(' ').strip_prefix('\'')?;
    let value = value.strip_suffix('\'')?;
    let is_plain = !value.bytes().any(|byte| matches!(byte, b'\'' | b'\\'));
    is_plain.then(|| Address {
        // Behind it are a quotation mark and the bracket.
        offset: pattern.len() - value.len() - 2,
        text: Cow::Borrowed(value),
    })
}

fn parse(pattern: &str) -> Result<Found<'_>, Error> {
    let mut parser = Parser {
        text: pattern,
        at: 0,
        depth: 0,
        ahead: Cell::new(None),
    };
    let found = parser.observations()?;
    match parser.peek() {
        Token::End => Ok(found),
        _ => Err(parser.error("something stands after its end")),
    }
}

/// What a part of a pattern asks for.
enum Part<'a> {
    /// Any of these addresses, or one of so many other things.
    Any(Found<'a>),
    /// That an address is one: nothing beside it.
    Neutral,
}

impl<'a> Part<'a> {
    fn other() -> Self {
        Self::Any(Found {
            addresses: Vec::new(),
            others: 1,
        })
    }

    fn into_found(self) -> Found<'a> {
        match self {
            Self::Any(found) => found,
            Self::Neutral => Found {
                addresses: Vec::new(),
                others: 1,
            },
        }
    }

    /// Both are asked for.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Neutral, part) | (part, Self::Neutral) => part,
            _ => Self::other(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    End,
    /// Brackets, parentheses, commas and comparisons.
    Sign(&'a str),
    /// A text in quotation marks, as it is written, without these.
    Text(&'a str),
    /// Paths, keywords and numbers.
    Word(&'a str),
    /// A text that does not end.
    Open,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    /// The token that comes, and where it ends, once it was looked at.
    ahead: Cell<Option<(Token<'a>, usize)>>,
}

impl<'a> Parser<'a> {
    fn observations(&mut self) -> Result<Found<'a>, Error> {
        self.nested(|parser| {
            let mut found = Found::default();
            loop {
                // `AND` and `FOLLOWEDBY` bind tighter than `OR`.
                let mut part = parser.observation()?;
                while parser.keyword("AND") || parser.keyword("FOLLOWEDBY") {
                    parser.observation()?;
                    part = Part::other().into_found();
                }
                found.join(part);
                if !parser.keyword("OR") {
                    return Ok(found);
                }
            }
        })
    }

    fn observation(&mut self) -> Result<Found<'a>, Error> {
        let found = match self.next() {
            Token::Sign("[") => {
                let found = self.comparisons()?.into_found();
                self.sign("]", "`]` is missing")?;
                found
            }
            Token::Sign("(") => {
                let found = self.observations()?;
                self.sign(")", "`)` is missing")?;
                found
            }
            _ => return Err(self.error("`[` is missing")),
        };
        Ok(if self.qualifiers() {
            Part::other().into_found()
        } else {
            found
        })
    }

    /// How often, and within which time. Whether there is any.
    fn qualifiers(&mut self) -> bool {
        let mut any = false;
        while let Token::Word("REPEATS" | "WITHIN" | "START") = self.peek() {
            any = true;
            // Everything up to what can follow: their own grammar does not matter.
            loop {
                match self.peek() {
                    Token::Word("OR" | "AND" | "FOLLOWEDBY") => break,
                    Token::Word(_) | Token::Text(_) => self.next(),
                    _ => break,
                };
            }
        }
        any
    }

    fn comparisons(&mut self) -> Result<Part<'a>, Error> {
        self.nested(|parser| {
            let mut any = parser.all_of()?;
            while parser.keyword("OR") {
                let mut found = any.into_found();
                found.join(parser.all_of()?.into_found());
                any = Part::Any(found);
            }
            Ok(any)
        })
    }

    fn all_of(&mut self) -> Result<Part<'a>, Error> {
        let mut all = self.comparison()?;
        while self.keyword("AND") {
            all = all.and(self.comparison()?);
        }
        Ok(all)
    }

    fn comparison(&mut self) -> Result<Part<'a>, Error> {
        let negated = self.keyword("NOT");
        let path = match self.next() {
            Token::Sign("(") => {
                let part = self.comparisons()?;
                self.sign(")", "`)` is missing")?;
                return Ok(if negated { Part::other() } else { part });
            }
            Token::Word("EXISTS") => {
                self.next();
                return Ok(Part::other());
            }
            Token::Word(path) => path,
            _ => return Err(self.error("the path of a property is missing")),
        };
        let negated = self.keyword("NOT") || negated;
        let operator = match self.next() {
            Token::Sign(sign @ ("=" | "==" | "!=" | "<>" | "<" | ">" | "<=" | ">=")) => sign,
            Token::Word(word @ ("IN" | "LIKE" | "MATCHES" | "ISSUBSET" | "ISSUPERSET")) => word,
            _ => return Err(self.error("a comparison is missing")),
        };
        let values = self.values()?;
        if negated || !matches!(operator, "=" | "==" | "IN" | "ISSUBSET") {
            return Ok(Part::other());
        }
        let says_type = values
            .iter()
            .all(|value| matches!(&*value.text, "ipv4-addr" | "ipv6-addr"));
        if path.ends_with("_ref.type") && says_type {
            return Ok(Part::Neutral);
        }
        Ok(match ADDRESSES.contains(&path) {
            true => Part::Any(Found {
                addresses: values,
                others: 0,
            }),
            false => Part::other(),
        })
    }

    /// One value, or several in parentheses.
    fn values(&mut self) -> Result<Vec<Address<'a>>, Error> {
        if self.peek() != Token::Sign("(") {
            return Ok(vec![self.value()?]);
        }
        let mut values = Vec::new();
        loop {
            // The parenthesis, then commas.
            self.next();
            values.push(self.value()?);
            match self.peek() {
                Token::Sign(",") => {}
                _ => break,
            }
        }
        self.sign(")", "`)` is missing")?;
        Ok(values)
    }

    fn value(&mut self) -> Result<Address<'a>, Error> {
        let token = self.next();
        let (text, written) = match token {
            Token::Text(text) => (unescaped(text), text),
            // Numbers, truth values, and the letter before a text that is a time or bytes.
            Token::Word(word) => {
                if let Token::Text(_) = self.peek() {
                    self.next();
                }
                (Cow::Borrowed(word), word)
            }
            Token::Open => return Err(self.error("a text does not end")),
            _ => return Err(self.error("a value is missing")),
        };
        let offset = crate::place::offset_in(self.text, written).unwrap_or(0);
        Ok(Address { offset, text })
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEEPEST {
            return Err(self.error("parentheses nest too deep"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn error(&self, message: &'static str) -> Error {
        Error {
            offset: self.at.min(self.text.len()),
            message,
        }
    }

    fn sign(&mut self, sign: &str, message: &'static str) -> Result<(), Error> {
        match self.peek() {
            Token::Sign(found) if found == sign => {
                self.next();
                Ok(())
            }
            _ => Err(self.error(message)),
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is_there = self.peek() == Token::Word(keyword);
        if is_there {
            self.next();
        }
        is_there
    }

    fn peek(&self) -> Token<'a> {
        let ahead = self.ahead.get().unwrap_or_else(|| self.token());
        self.ahead.set(Some(ahead));
        ahead.0
    }

    fn next(&mut self) -> Token<'a> {
        let (token, end) = self.ahead.take().unwrap_or_else(|| self.token());
        self.at = end;
        token
    }

    /// The token that comes, and where it ends.
    fn token(&self) -> (Token<'a>, usize) {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let sign = |length: usize| (Token::Sign(&rest[..length]), start + length);
        match rest.as_bytes() {
            [] => (Token::End, start),
            [b'<', b'>' | b'=', ..] | [b'>' | b'!' | b'=', b'=', ..] => sign(2),
            [
                b'[' | b']' | b'(' | b')' | b',' | b'=' | b'<' | b'>' | b'!',
                ..,
            ] => sign(1),
            [b'\'', ..] => match text_end(&rest[1..]) {
                Some(end) => (Token::Text(&rest[1..=end]), start + end + 2),
                None => (Token::Open, self.text.len()),
            },
            _ => {
                let end = word_end(rest);
                (Token::Word(&rest[..end]), start + end)
            }
        }
    }
}

impl Found<'_> {
    fn join(&mut self, mut other: Self) {
        self.addresses.append(&mut other.addresses);
        self.others += other.others;
    }
}

/// Where the quotation mark is that ends a text.
fn text_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Where a path, keyword or number ends. A path may have texts in it after a point, such as `file:hashes.'SHA-256'`.
fn word_end(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += stop(rest).unwrap_or(rest.len());
        let in_path = text[..end].ends_with('.') && text[end..].starts_with('\'');
        match in_path.then(|| text_end(&text[end + 1..])).flatten() {
            Some(length) => end += length + 2,
            None => return end.max(text.chars().next().map_or(0, char::len_utf8)),
        }
    }
}

/// Where the first white space or sign is.
fn stop(text: &str) -> Option<usize> {
    let is_stop = |byte: u8| {
        let is_sign = matches!(
            byte,
            b'(' | b')' | b']' | b',' | b'=' | b'<' | b'>' | b'!' | b'\''
        );
        is_sign || matches!(byte, b'\t'..=b'\r' | b' ')
    };
    let at = text
        .bytes()
        .position(|byte| is_stop(byte) || !byte.is_ascii())?;
    // White space may be of several bytes, too.
    let is_end = |character: char| match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => is_stop(byte),
        _ => character.is_whitespace(),
    };
    text[at..].find(is_end).map(|more| at + more)
}

fn unescaped(text: &str) -> Cow<'_, str> {
    match text.contains('\\') {
        false => Cow::Borrowed(text),
        true => {
            let mut escaped = false;
            let kept = text.chars().filter(|character| {
                escaped = *character == '\\' && !escaped;
                !escaped
            });
            Cow::Owned(kept.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The addresses of a pattern, and how many comparisons are of another kind.
    fn found(pattern: &str) -> (Vec<String>, usize) {
        let found = read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error:?}"));
        for address in &found.addresses {
            assert!(pattern[address.offset..].starts_with(&*address.text));
        }
        let addresses = found.addresses.into_iter();
        let addresses = addresses.map(|address| address.text.into_owned());
        (addresses.collect(), found.others)
    }

    #[test]
    fn addresses_are_found() {
        for (pattern, addresses, others) in [
            ("[ipv4-addr:value = '192.0.2.1']", &["192.0.2.1"][..], 0),
            ("[ipv6-addr:value='2001:db8::1']", &["2001:db8::1"], 0),
            (
                "[ipv4-addr:value ISSUBSET '192.0.2.0/24']",
                &["192.0.2.0/24"],
                0,
            ),
            (
                "[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]",
                &["192.0.2.1", "192.0.2.2"],
                0,
            ),
            (
                "[ipv4-addr:value = '192.0.2.1' OR ipv6-addr:value = '2001:db8::1']",
                &["192.0.2.1", "2001:db8::1"],
                0,
            ),
            (
                "[ipv4-addr:value = '192.0.2.1'] OR ([ipv4-addr:value = '192.0.2.2'])",
                &["192.0.2.1", "192.0.2.2"],
                0,
            ),
            (
                "[(ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a.example')]",
                &["192.0.2.1"],
                1,
            ),
            (
                "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1']",
                &["192.0.2.1"],
                0,
            ),
        ] {
            let expected = addresses.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(found(pattern), (expected, others), "{pattern}");
        }
    }

    /// Were its addresses to act alone, a pattern would accuse more than it does.
    #[test]
    fn what_asks_for_more_than_an_address_is_of_another_kind() {
        for (pattern, others) in [
            (
                "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f0']",
                1,
            ),
            ("[url:value LIKE 'http://%.example/\\'x']", 1),
            ("[ipv4-addr:value != '192.0.2.1']", 1),
            ("[NOT ipv4-addr:value = '192.0.2.1']", 1),
            ("[ipv4-addr:value NOT = '192.0.2.1']", 1),
            ("[ipv4-addr:value ISSUPERSET '192.0.2.1']", 1),
            ("[network-traffic:dst_ref.type = 'ipv4-addr']", 1),
            (
                "[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 80]",
                1,
            ),
            (
                "[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [domain-name:value = 'a.example']",
                1,
            ),
            (
                "[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
                1,
            ),
            (
                "[a:b = '1'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z' OR [EXISTS a:b]",
                2,
            ),
        ] {
            assert_eq!(found(pattern), (Vec::new(), others), "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (pattern, offset, message) in [
            ("", 0, "`[` is missing"),
            ("[ipv4-addr:value]", 17, "a comparison is missing"),
            ("[ipv4-addr:value = ]", 20, "a value is missing"),
            ("[ipv4-addr:value = '1", 21, "a text does not end"),
            ("[a:b = '1'", 10, "`]` is missing"),
            ("([a:b = '1']", 12, "`)` is missing"),
            ("[a:b = '1'] x", 11, "something stands after its end"),
            ("[ = '1']", 3, "the path of a property is missing"),
        ] {
            assert_eq!(read(pattern), Err(Error { offset, message }), "{pattern}");
        }
        let deep = "(".repeat(100_000);
        assert_eq!(
            read(&deep).unwrap_err().message,
            "parentheses nest too deep"
        );
    }

    proptest! {
        /// What is read in one look is what the grammar says.
        #[test]
        fn a_single_address_is_what_the_parser_says(
            pattern in "\\[(ipv[46]-addr:value|network-traffic:dst_ref.value|x:y) {0,2}(=|==|ISSUBSET|IN) {0,2}'[0-9.]{0,3}['\\\\é]?[0-9]?'( |\\))?\\]",
        ) {
            if let Some(address) = single(&pattern) {
                let expected = Found { addresses: vec![address], others: 0 };
                prop_assert_eq!(parse(&pattern), Ok(expected));
            }
        }
    }

    #[test]
    fn a_feeds_patterns_are_read_in_one_look() {
        for pattern in [
            "[ipv4-addr:value = '192.0.2.1']",
            "[ipv6-addr:value='2001:db8::1']",
            "[network-traffic:dst_ref.value ISSUBSET '192.0.2.0/24']",
        ] {
            let address = single(pattern).map(|address| vec![address]);
            assert_eq!(address, parse(pattern).ok().map(|found| found.addresses));
            assert!(address.is_some(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_stops_the_reader(pattern in "([\\[\\]()',=<!.é ]|ipv4-addr:value|OR|AND|NOT|IN|REPEATS|192.0.2.1){0,40}") {
            let _ = read(&pattern);
        }
    }
}
