use serde::Serialize;
use std::fmt;

/// That a caller may not: the text for the caller, and what decided it.
#[derive(Clone, Debug)]
pub struct Denial {
    /// Complete, in AWS's form.
    pub text: String,
    /// For the audit record, and for those who may have it explained. `None` where no policy did.
    pub decided: Option<Box<Decided>>,
}

/// What decided a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// `allowed`, `explicitDeny` or `implicitDeny`, as IAM's simulations say it.
    pub outcome: &'static str,
    /// The action that was asked for, such as `secretsmanager:GetSecretValue`.
    pub action: &'static str,
    /// `None` for the root of the resource's account, whom no policy has to allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_type: Option<&'static str>,
    /// What the policy is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Counted from one, as a person counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// The `Sid` of the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Whether the resource belongs to the caller's own account.
    #[serde(skip)]
    pub is_own: bool,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
