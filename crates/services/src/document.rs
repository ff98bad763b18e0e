//! Policy documents as they are stored: the text as it was written, compiled when first needed.
//!
//! What a document is the policy of is part of its type, so it is never read as anything else.

use base::CommonError;
use policy::{Form, Policy, Problems};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::OnceLock;

/// A policy of an identity or a session.
pub(crate) type IdentityDocument = Document<OfIdentity>;

/// A policy of a resource.
pub(crate) type ResourceDocument = Document<OfResource>;

/// The policy that says who may assume a role.
pub(crate) type TrustDocument = Document<OfTrust>;

/// A policy document. Only its text is stored; the compiled policy lives as long as the record does
/// in the store's cache, so it is as coherent as the record is.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct Document<F> {
    text: Box<str>,
    /// Principals that the text names by ARN, with the unique ids they had when it was written.
    principal_ids: BTreeMap<String, String>,
    #[serde(skip)]
    compiled: OnceLock<Result<Policy, Problems>>,
    #[serde(skip)]
    of: PhantomData<fn() -> F>,
}

/// What a document is the policy of.
pub(crate) trait DocumentForm: 'static {
    const FORM: Form;
}

/// See [`IdentityDocument`].
pub(crate) enum OfIdentity {}

/// See [`ResourceDocument`].
pub(crate) enum OfResource {}

/// See [`TrustDocument`].
pub(crate) enum OfTrust {}

impl DocumentForm for OfIdentity {
    const FORM: Form = Form::Identity;
}

impl DocumentForm for OfResource {
    const FORM: Form = Form::Resource;
}

impl DocumentForm for OfTrust {
    const FORM: Form = Form::Trust;
}

/// A document of whatever form, for those who only explain.
pub(crate) trait AnyDocument {
    /// As [`Document::policy`].
    fn policy(&self) -> Result<&Policy, CommonError>;
}

impl<F> Document<F> {
    fn holding(text: &str, compiled: OnceLock<Result<Policy, Problems>>) -> Self {
        Self {
            text: text.into(),
            principal_ids: BTreeMap::new(),
            compiled,
            of: PhantomData,
        }
    }

    /// The document whose text is known to be a policy.
    pub(crate) fn stored(text: &str) -> Self {
        Self::holding(text, OnceLock::new())
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

    /// The principals that the text names by ARN, with the unique ids they had when it was written.
    pub(crate) fn principal_ids(&self) -> &BTreeMap<String, String> {
        &self.principal_ids
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

impl<F: DocumentForm> Document<F> {
    /// The document with this text.
    ///
    /// # Errors
    /// When the text is no policy of this form.
    pub(crate) fn parse(text: &str) -> Result<Self, Problems> {
        let policy = Policy::parse(text, F::FORM)?;
        Ok(Self::holding(text, OnceLock::from(Ok(policy))))
    }

    /// The policy.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when what is stored is no policy of this form. SECURITY: a policy
    /// that cannot be read refuses the request; to leave it out could leave out a Deny.
    pub(crate) fn policy(&self) -> Result<&Policy, CommonError> {
        let compiled = self.compiled.get_or_init(|| {
            let policy = Policy::parse(&self.text, F::FORM)?;
            Ok(policy.with_principal_ids(&self.principal_ids))
        });
        compiled
            .as_ref()
            .map_err(|problems| CommonError::internal(problems.clone()))
    }
}

impl<F: DocumentForm> AnyDocument for Document<F> {
    fn policy(&self) -> Result<&Policy, CommonError> {
        self.policy()
    }
}

impl<F> Clone for Document<F> {
    fn clone(&self) -> Self {
        Self {
            principal_ids: self.principal_ids.clone(),
            ..Self::stored(&self.text)
        }
    }
}

impl<F> PartialEq for Document<F> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.principal_ids == other.principal_ids
    }
}

impl<F> Eq for Document<F> {}

impl<F> std::fmt::Debug for Document<F> {
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
        let document = IdentityDocument::parse(ALLOW).unwrap();

        let copy = document.clone();

        assert_eq!(copy, document);
        assert_eq!(copy.policy().unwrap().statements().count(), 1);
    }

    #[test]
    fn what_is_no_policy_refuses_instead_of_allowing() {
        let document = IdentityDocument::stored("{}");

        let refused = document.policy();

        assert!(matches!(refused, Err(CommonError::Internal(_))));
        assert!(IdentityDocument::parse("{}").is_err());
    }

    #[test]
    fn a_policy_of_one_form_is_none_of_another() {
        let named = ALLOW.replace("\"Action\"", "\"Principal\":\"*\",\"Action\"");

        let identity = IdentityDocument::stored(&named);
        let resource = ResourceDocument::stored(&named);

        assert!(identity.policy().is_err());
        assert!(resource.policy().is_ok());
        assert!(ResourceDocument::parse(ALLOW).is_err());
        assert!(TrustDocument::parse(&named).is_err());
    }

    #[test]
    fn what_it_is_the_policy_of_is_not_stored() {
        let ids = BTreeMap::from([("arn".to_owned(), "id".to_owned())]);
        let document = IdentityDocument::parse(ALLOW).unwrap().bound_to(ids);

        let stored = serde_json::to_value(&document).unwrap();

        let expected = serde_json::json!({ "text": ALLOW, "principal_ids": { "arn": "id" } });
        assert_eq!(stored, expected);
        assert_eq!(
            serde_json::from_value::<IdentityDocument>(stored).unwrap(),
            document
        );
    }
}
