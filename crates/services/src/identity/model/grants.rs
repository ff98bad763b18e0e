use crate::document::IdentityDocument;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The policies of a user, group or role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grants {
    /// ARNs of attached managed policies, in the order of attachment.
    pub(crate) attached: Vec<String>,
    /// Policies embedded in the identity, by name.
    pub(crate) inline: BTreeMap<String, IdentityDocument>,
}

impl Grants {
    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        let attached: usize = self.attached.iter().map(|arn| arn.len() + 24).sum();
        let inline: usize = self
            .inline
            .iter()
            .map(|(name, document)| name.len() + 48 + document.weight())
            .sum();
        attached + inline
    }
}
