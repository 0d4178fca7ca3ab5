//! Patterns of names: `*` stands for any characters, `?` for one.

/// Whether a name fits a pattern. Takes at most as many steps as the product of both lengths.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    // Where to go on when what follows the last `*` does not fit: there it takes one character more.
    let mut retry = None;
    loop {
        let mut rest = pattern.clone();
        match (rest.next(), name.clone().next()) {
            (Some('*'), _) => {
                pattern = rest;
                retry = Some((pattern.clone(), name.clone()));
            }
            (Some(expected), Some(found)) if expected == '?' || expected == found => {
                pattern = rest;
                name.next();
            }
            (None, None) => return true,
            _ => {
                let Some((after, mut from)) = retry.take() else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                pattern = after.clone();
                name = from.clone();
                retry = Some((after, from));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the definition says, slowly.
    fn slowly(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=name.len()).any(|taken| slowly(rest, &name[taken..])),
            ([b'?', rest @ ..], [_, name @ ..]) => slowly(rest, name),
            ([first, rest @ ..], [other, name @ ..]) => first == other && slowly(rest, name),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn names_fit_patterns(pattern in "[ab*?]{0,8}", name in "[abc]{0,8}") {
            prop_assert_eq!(matches(&pattern, &name), slowly(pattern.as_bytes(), name.as_bytes()));
        }
    }

    #[test]
    fn a_character_is_no_byte() {
        assert!(matches("t?r", "tür"));
        assert!(!matches("t??r", "tür"));
    }

    #[test]
    fn a_hostile_name_does_not_take_long() {
        assert!(!matches(
            &"a*".repeat(100),
            &"a".repeat(10_000).replace("aa", "ab")[..128]
        ));
    }
}
