use std::fmt;

/// Where a value stands in a request, as AWS prints it: `filters.1.member.key`.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The request itself.
    Root,
    /// The member of a structure.
    Member(&'a Self, &'static str),
    /// The item of a list, counted from 1.
    Item(&'a Self, usize),
    /// A value of a map, by its key.
    Entry(&'a Self, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => LowerCamel(name).fmt(f),
            Self::Member(parent, name) => write!(f, "{parent}.{}", LowerCamel(name)),
            Self::Item(parent, number) => write!(f, "{parent}.{number}.member"),
            Self::Entry(parent, key) => write!(f, "{parent}.{key}.member"),
        }
    }
}

/// A member's name with its first letter in lower case: `SecretId` as `secretId`.
pub(crate) struct LowerCamel(pub(crate) &'static str);

impl fmt::Display for LowerCamel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        if let Some(first) = rest.next() {
            write!(f, "{}", first.to_ascii_lowercase())?;
        }
        f.write_str(rest.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_lower_camel_with_numbered_items() {
        let filters = Path::Member(&Path::Root, "Filters");
        let first = Path::Item(&filters, 1);
        let key = Path::Member(&first, "Key");

        let texts = [filters, first, key, Path::Root].map(|path| path.to_string());

        assert_eq!(
            texts,
            ["filters", "filters.1.member", "filters.1.member.key", ""]
        );
    }

    #[test]
    fn only_the_first_letter_changes() {
        let texts = ["SecretId", "KmsKeyId", "RotationLambdaARN", "ARN", "x", ""]
            .map(|name| LowerCamel(name).to_string());

        assert_eq!(
            texts,
            ["secretId", "kmsKeyId", "rotationLambdaARN", "aRN", "x", ""]
        );
    }
}
