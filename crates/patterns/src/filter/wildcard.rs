//! Texts with `*`, which stands for any characters, also none.

/// A text with wildcards, cut at these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wildcard {
    /// What stands before the first, between them and after the last `*`. One piece: no `*`.
    pieces: Vec<String>,
}

impl Wildcard {
    pub(super) fn new(text: &str) -> Self {
        Self {
            pieces: text.split('*').map(str::to_owned).collect(),
        }
    }

    /// Whether it means `text`: each piece is sought once, from left to right.
    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, rest @ ..] = self.pieces.as_slice() else {
            return text.is_empty();
        };
        let Some((last, middle)) = rest.split_last() else {
            return text == first;
        };
        let Some(mut left) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        for piece in middle {
            match left.split_once(piece.as_str()) {
                Some((_, after)) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by trying everything.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            ([p, rest @ ..], [t, after @ ..]) if p == t => naive(rest, after),
            _ => false,
        }
    }

    #[test]
    fn the_pattern_of_the_guide_means_the_message_of_the_service() {
        let wildcard = Wildcard::new("*secret because it was marked for deletion*");

        let text =
            "You can't perform this operation on the secret because it was marked for deletion.";
        assert!(wildcard.matches(text));
        assert!(!wildcard.matches("secret because it was marked"));
    }

    proptest! {
        #[test]
        fn a_wildcard_agrees_with_trying_everything(pattern in "[ab*]{0,7}", text in "[ab*é]{0,7}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();

            let expected = naive(&chars(&pattern), &chars(&text));

            prop_assert_eq!(Wildcard::new(&pattern).matches(&text), expected);
        }
    }
}
