//! An image's sections and symbols.

use std::collections::BTreeMap;

use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Code.
    Text,
    /// Data that is only read.
    ReadOnly,
    /// Data that is copied from flash when the program starts.
    Data,
    /// Data that is all zero when the program starts.
    Zero,
}

/// Something with a name and a size.
#[derive(Debug)]
pub struct Symbol {
    /// As it reads in the source.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// In bytes.
    pub size: u64,
    /// Where it begins.
    pub address: u64,
    /// Which of its bytes are not zero, from its beginning, if it is [`Kind::Data`].
    pub not_zero: Vec<usize>,
}

/// What is looked at of an image.
#[derive(Debug)]
pub struct Image {
    /// One at an address, by address.
    pub symbols: Vec<Symbol>,
    /// Bytes of read-only data, with or without a symbol.
    pub read_only: u64,
    /// The code, for those who look for calls.
    pub text: Vec<u8>,
    /// Where the code begins.
    pub text_address: u64,
}

/// Why an image cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No ELF file.
    #[error("not an ELF file: {0}")]
    Format(#[from] object::Error),
    /// No code.
    #[error("the image has no section .text: was it linked with cortex-m-rt's link.x?")]
    NoText,
}

impl Image {
    /// Reads an ELF file.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let file = object::File::parse(bytes)?;
        let text = file.section_by_name(".text").ok_or(Error::NoText)?;
        let mut symbols = BTreeMap::new();
        for symbol in file.symbols() {
            if !matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data) || symbol.size() == 0 {
                continue;
            }
            let Some(section) = symbol.section_index() else {
                continue;
            };
            let section = file.section_by_index(section)?;
            let kind = match section.kind() {
                SectionKind::Text => Kind::Text,
                SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => Kind::ReadOnly,
                SectionKind::Data => Kind::Data,
                SectionKind::UninitializedData => Kind::Zero,
                _ => continue,
            };
            // Bit 0 of a function's address says that it is Thumb code.
            let address = match kind {
                Kind::Text => symbol.address() & !1,
                _ => symbol.address(),
            };
            let bytes = match kind {
                Kind::Data => section.data_range(symbol.address(), symbol.size())?,
                _ => None,
            };
            let bytes = bytes.unwrap_or_default().iter().enumerate();
            // Aliases are one function.
            symbols.entry(address).or_insert(Symbol {
                name: format!("{:#}", rustc_demangle::demangle(symbol.name()?)),
                kind,
                size: symbol.size(),
                address,
                not_zero: bytes
                    .filter(|(_, byte)| **byte != 0)
                    .map(|(at, _)| at)
                    .collect(),
            });
        }
        let read_only = file
            .section_by_name(".rodata")
            .map_or(0, |section| section.size());
        Ok(Self {
            symbols: symbols.into_values().collect(),
            read_only,
            text: text.data()?.to_owned(),
            text_address: text.address(),
        })
    }

    /// Calls and jumps to functions that `is_wanted` says yes to: who calls, and whom.
    pub fn calls(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<(&str, &str)> {
        let functions = || {
            self.symbols
                .iter()
                .filter(|symbol| symbol.kind == Kind::Text)
        };
        let mut calls = Vec::new();
        for caller in functions() {
            let Some(begin) = caller.address.checked_sub(self.text_address) else {
                continue;
            };
            let code = self
                .text
                .get(begin as usize..(begin + caller.size) as usize)
                .unwrap_or_default();
            for (index, word) in code.chunks_exact(2).enumerate() {
                let Some(next) = code.get(2 * index + 2..2 * index + 4) else {
                    continue;
                };
                let offset = branch(
                    u16::from_le_bytes([word[0], word[1]]),
                    u16::from_le_bytes([next[0], next[1]]),
                );
                let Some(offset) = offset else { continue };
                let target = (caller.address + 2 * index as u64 + 4).wrapping_add_signed(offset);
                if let Some(callee) =
                    functions().find(|symbol| symbol.address == target && is_wanted(&symbol.name))
                {
                    calls.push((caller.name.as_str(), callee.name.as_str()));
                }
            }
        }
        calls
    }
}

/// How far a `BL` or `B.W` goes from the place behind it, if the two halfwords are one (encodings T1 and T4).
fn branch(first: u16, second: u16) -> Option<i64> {
    // The highest bit of `BL` and `B.W` with 25 bits; `B.W` with a condition has 21 bits and is told by its bit 12.
    if first & 0xF800 != 0xF000 || second & 0x9000 != 0x9000 {
        return None;
    }
    let bit = |at: u16| u32::from(second >> at & 1);
    let sign = u32::from(first >> 10 & 1);
    let (i1, i2) = (!(bit(13) ^ sign) & 1, !(bit(11) ^ sign) & 1);
    let high = u32::from(first & 0x3FF);
    let low = u32::from(second & 0x7FF);
    let offset = sign << 24 | i1 << 23 | i2 << 22 | high << 12 | low << 1;
    Some(i64::from((offset << 7).cast_signed() >> 7))
}

#[cfg(test)]
mod tests {
    use super::branch;

    /// As the assembler encodes them.
    #[test]
    fn branches_are_decoded() {
        assert_eq!(
            branch(0xF000, 0xF800),
            Some(0),
            "bl to the next instruction"
        );
        assert_eq!(branch(0xF7FF, 0xFFFE), Some(-4), "bl to itself");
        assert_eq!(branch(0xF000, 0xB802), Some(4), "b.w over two");
        assert_eq!(branch(0xF000, 0x8000), None, "a conditional branch");
        assert_eq!(branch(0x4770, 0xBF00), None, "bx lr, nop");
    }
}
