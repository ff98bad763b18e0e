//! Policy documents as they are stored: the text as it was written, compiled when first needed.

use base::CommonError;
use policy::{Form, Policy, Problems};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A policy document. Only its text is stored; the compiled form lives as long as the record does
/// in the store's cache, so it is as coherent as the record is.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Document {
    text: Box<str>,
    /// Principals that the text names by ARN, with the unique ids they had when it was written.
    principal_ids: BTreeMap<String, String>,
    #[serde(skip)]
    compiled: OnceLock<Result<Policy, Problems>>,
}

impl Document {
    /// The document with this text.
    ///
    /// # Errors
    /// When the text is no policy of this form.
    pub(crate) fn parse(text: &str, form: Form) -> Result<Self, Problems> {
        let policy = Policy::parse(text, form)?;
        Ok(Self {
            text: text.into(),
            principal_ids: BTreeMap::new(),
            compiled: OnceLock::from(Ok(policy)),
        })
    }

    /// The document whose text is known to be a policy.
    pub(crate) fn stored(text: &str) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same document, its principals bound to the unique ids that they have now: whoever takes
    /// the name of a deleted user or role does not take its place.
    #[must_use]
    pub(crate) fn bound_to(mut self, principal_ids: BTreeMap<String, String>) -> Self {
        if let Some(Ok(policy)) = self.compiled.take() {
            let bound = policy.with_principal_ids(&principal_ids);
            self.compiled = OnceLock::from(Ok(bound));
        }
        self.principal_ids = principal_ids;
        self
    }

    /// The text as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The policy.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when what is stored is no policy of this form. SECURITY: a policy
    /// that cannot be read refuses the request; to leave it out could leave out a Deny.
    pub(crate) fn policy(&self, form: Form) -> Result<&Policy, CommonError> {
        let compiled = self.compiled.get_or_init(|| {
            let policy = Policy::parse(&self.text, form)?;
            Ok(policy.with_principal_ids(&self.principal_ids))
        });
        compiled
            .as_ref()
            .map_err(|problems| CommonError::internal(problems.clone()))
    }

    /// About how many bytes it takes in memory, compiled.
    pub(crate) fn weight(&self) -> usize {
        // Compiled forms are of the order of their text.
        let ids: usize = self
            .principal_ids
            .iter()
            .map(|(arn, id)| arn.len() + id.len() + 64)
            .sum();
        size_of::<Self>() + 4 * self.text.len() + ids
    }
}

impl Clone for Document {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            principal_ids: self.principal_ids.clone(),
            compiled: OnceLock::new(),
        }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.principal_ids == other.principal_ids
    }
}

impl Eq for Document {}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Document").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    #[test]
    fn a_copy_compiles_again_and_is_equal() {
        let document = Document::parse(ALLOW, Form::Identity).unwrap();

        let copy = document.clone();

        assert_eq!(copy, document);
        assert_eq!(copy.policy(Form::Identity).unwrap().statements().count(), 1);
    }

    #[test]
    fn what_is_no_policy_refuses_instead_of_allowing() {
        let document = Document {
            text: "{}".into(),
            ..Document::default()
        };

        let refused = document.policy(Form::Identity);

        assert!(matches!(refused, Err(CommonError::Internal(_))));
        assert!(Document::parse("{}", Form::Identity).is_err());
    }
}
