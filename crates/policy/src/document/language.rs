/// The `Version` of the policy language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// `2008-10-17`, also of documents that do not say.
    Of2008,
    /// `2012-10-17`.
    Of2012,
}

impl Language {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "2008-10-17" => Some(Self::Of2008),
            "2012-10-17" => Some(Self::Of2012),
            _ => None,
        }
    }

    /// Whether `${aws:username}` is a variable. In the older language it is plain text.
    pub(crate) fn has_variables(self) -> bool {
        self == Self::Of2012
    }
}
