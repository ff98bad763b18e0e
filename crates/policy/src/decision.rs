//! What comes out of an evaluation, in a form that explains itself.

/// The answer, with the statement or the lack that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The request may go on.
    Allowed {
        /// The statement that grants it. `None` for the root of the account that owns the
        /// resource, whom no policy needs to allow.
        by: Option<Cause<'a>>,
    },
    /// A statement forbids the request.
    ExplicitlyDenied {
        /// That statement.
        by: Cause<'a>,
    },
    /// Nothing forbids the request, but somebody who must allow it does not.
    ImplicitlyDenied {
        /// The kind of policy that would have to allow it.
        missing: Kind,
    },
}

impl<'a> Decision<'a> {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// `allowed`, `explicitDeny` or `implicitDeny`, as IAM's simulations call it.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Allowed { .. } => "allowed",
            Self::ExplicitlyDenied { .. } => "explicitDeny",
            Self::ImplicitlyDenied { .. } => "implicitDeny",
        }
    }

    /// The kind of policy that decided, or that would have had to allow. `None` for a root that
    /// no policy needs to allow.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::ImplicitlyDenied { missing } => Some(*missing),
            Self::Allowed { .. } | Self::ExplicitlyDenied { .. } => {
                self.cause().map(|cause| cause.kind)
            }
        }
    }

    /// The statement that decided, if one did.
    pub fn cause(&self) -> Option<Cause<'a>> {
        match self {
            Self::Allowed { by } => *by,
            Self::ExplicitlyDenied { by } => Some(*by),
            Self::ImplicitlyDenied { .. } => None,
        }
    }

    /// Why not, as the last part of AWS's refusal. `None` when the request is allowed.
    pub fn reason(&self, action: &str) -> Option<String> {
        match self {
            Self::Allowed { .. } => None,
            Self::ExplicitlyDenied { by } => Some(format!(
                "with an explicit deny in {} {}",
                by.kind.article(),
                by.kind.name()
            )),
            Self::ImplicitlyDenied { missing } => Some(format!(
                "because no {} allows the {action} action",
                missing.name()
            )),
        }
    }
}

/// The statement that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause<'a> {
    /// In which role its policy took part.
    pub kind: Kind,
    /// The place of its policy among those of that role, from 0.
    pub place: usize,
    /// What its policy is called.
    pub policy: &'a str,
    /// Its position in the policy, from 0.
    pub statement: usize,
    /// Its `Sid`, when it has one.
    pub sid: Option<&'a str>,
}

/// The part a policy plays in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Attached to the caller: grants.
    Identity,
    /// Attached to the resource: grants.
    Resource,
    /// The most an identity's policies can grant.
    Boundary,
    /// The most a session can do.
    Session,
    /// The most that passes through a private endpoint.
    Endpoint,
    /// The most anyone in an account can do.
    Guardrail,
}

impl Kind {
    /// What AWS's refusals call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Endpoint => "VPC endpoint policy",
            Self::Guardrail => "service control policy",
        }
    }

    /// The article that goes before [`name`](Self::name).
    pub const fn article(self) -> &'static str {
        match self {
            Self::Identity => "an",
            Self::Resource | Self::Boundary | Self::Session | Self::Endpoint | Self::Guardrail => {
                "a"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_tells_its_outcome_and_what_made_it() {
        let by = Cause {
            kind: Kind::Session,
            place: 0,
            policy: "p",
            statement: 1,
            sid: Some("S"),
        };

        let told = [
            Decision::Allowed { by: None },
            Decision::Allowed { by: Some(by) },
            Decision::ExplicitlyDenied { by },
            Decision::ImplicitlyDenied {
                missing: Kind::Boundary,
            },
        ]
        .map(|decision| (decision.outcome(), decision.kind(), decision.cause()));

        assert_eq!(
            told,
            [
                ("allowed", None, None),
                ("allowed", Some(Kind::Session), Some(by)),
                ("explicitDeny", Some(Kind::Session), Some(by)),
                ("implicitDeny", Some(Kind::Boundary), None),
            ]
        );
    }

    #[test]
    fn reasons_are_worded_as_aws_words_them() {
        let implicit = |missing| {
            Decision::ImplicitlyDenied { missing }
                .reason("s:A")
                .unwrap()
        };
        let explicit = |kind| {
            let by = Cause {
                kind,
                place: 0,
                policy: "p",
                statement: 0,
                sid: None,
            };
            Decision::ExplicitlyDenied { by }.reason("s:A").unwrap()
        };

        for (kind, name, noun) in [
            (
                Kind::Identity,
                "identity-based policy",
                "an identity-based policy",
            ),
            (
                Kind::Resource,
                "resource-based policy",
                "a resource-based policy",
            ),
            (
                Kind::Boundary,
                "permissions boundary",
                "a permissions boundary",
            ),
            (Kind::Session, "session policy", "a session policy"),
            (
                Kind::Endpoint,
                "VPC endpoint policy",
                "a VPC endpoint policy",
            ),
            (
                Kind::Guardrail,
                "service control policy",
                "a service control policy",
            ),
        ] {
            assert_eq!(
                implicit(kind),
                format!("because no {name} allows the s:A action")
            );
            assert_eq!(explicit(kind), format!("with an explicit deny in {noun}"));
        }
        assert_eq!(Decision::Allowed { by: None }.reason("s:A"), None);
    }
}
