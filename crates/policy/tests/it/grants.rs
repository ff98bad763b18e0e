//! Grants on a resource: they let in whom they name without anybody else's leave.

use serde_json::{Value, json};
use strongroom_policy::{
    Caller, Context, Decision, Form, Identity, Kind, Named, Policies, Policy, Request, Rule,
    Values, evaluate,
};

const USER: &str = "arn:aws:iam::111122223333:user/alice";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";
const ACCOUNT: &str = "arn:aws:iam::111122223333:root";

struct NoKeys;

impl Context for NoKeys {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

#[derive(Default)]
struct Case<'a> {
    grant: Option<&'a str>,
    identity: Option<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    key: Option<Value>,
}

fn statement(effect: &str, principal: Option<&str>) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "kms:Decrypt", "Resource": "*" });
    if let Some(principal) = principal {
        statement["Principal"] = json!({ "AWS": principal });
    }
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn allow() -> Option<Value> {
    Some(statement("Allow", None))
}

fn nothing() -> Option<Value> {
    let other = statement("Allow", None).to_string();
    serde_json::from_str(&other.replace("kms:Decrypt", "kms:Encrypt")).ok()
}

impl Case<'_> {
    /// The decision about `identity`, whose account is or is not the owner of the key.
    fn decide(&self, identity: Identity<'_>, owner: &str) -> (bool, Option<Kind>) {
        let parse = |json: &Option<Value>, form| {
            let text = json.as_ref().map(Value::to_string);
            text.map(|text| Policy::parse(&text, form).unwrap())
        };
        let grant = self.grant.map(|name| statement("Allow", Some(name)));
        let grant = parse(&grant, Form::Resource);
        let identity_policy = parse(&self.identity, Form::Identity);
        let boundary = parse(&self.boundary, Form::Identity);
        let session = parse(&self.session, Form::Identity);
        let key = parse(&self.key, Form::Resource);
        fn named<'a>(policy: &'a Option<Policy>) -> Option<Named<'a>> {
            let policy = policy.as_ref()?;
            Some(Named { name: "p", policy })
        }
        let session = named(&session).map(|one| vec![one]);
        let (identity_policy, grant) = (named(&identity_policy), named(&grant));
        let policies = Policies {
            identity: identity_policy.as_slice(),
            boundary: named(&boundary),
            session: session.as_deref(),
            resource: named(&key),
            grants: grant.as_slice(),
            rule: Rule::ResourceRequired,
            ..Policies::default()
        };
        let request = Request {
            action: "kms:Decrypt",
            resource: "arn:aws:kms:us-east-1:111122223333:key/1",
            resource_account: Some(owner),
            caller: Caller {
                account: "111122223333",
                identity,
            },
            context: &NoKeys,
        };
        let decision: Decision<'_> = evaluate(&request, &policies);
        (decision.is_allowed(), decision.kind())
    }
}

fn user() -> Identity<'static> {
    Identity::User {
        arn: USER,
        id: "AIDA1",
    }
}

fn session() -> Identity<'static> {
    Identity::Session {
        session_arn: SESSION,
        role_arn: ROLE,
        role_id: "AROA1",
    }
}

const ALLOWED: (bool, Option<Kind>) = (true, Some(Kind::Resource));

#[test]
fn a_grant_suffices_within_and_across_accounts() {
    for owner in ["111122223333", "999988887777"] {
        for (grant, identity) in [(USER, user()), (ROLE, session()), (SESSION, session())] {
            let case = Case {
                grant: Some(grant),
                ..Case::default()
            };
            assert_eq!(case.decide(identity, owner), ALLOWED, "{grant} {owner}");
        }
    }
}

#[test]
fn a_grant_lets_in_nobody_else() {
    for (grant, identity) in [(USER, session()), (ROLE, user()), (SESSION, user())] {
        let case = Case {
            grant: Some(grant),
            identity: allow(),
            ..Case::default()
        };
        let denied = (false, Some(Kind::Resource));
        assert_eq!(case.decide(identity, "111122223333"), denied, "{grant}");
    }
}

#[test]
fn a_denial_anywhere_beats_a_grant() {
    let deny = || Some(statement("Deny", None));
    let denial_of = |case: &Case<'_>| case.decide(user(), "111122223333");
    let granted = || Case {
        grant: Some(USER),
        ..Case::default()
    };

    for (case, kind) in [
        (
            Case {
                identity: deny(),
                ..granted()
            },
            Kind::Identity,
        ),
        (
            Case {
                boundary: deny(),
                ..granted()
            },
            Kind::Boundary,
        ),
        (
            Case {
                session: deny(),
                ..granted()
            },
            Kind::Session,
        ),
        (
            Case {
                key: Some(statement("Deny", Some("*"))),
                ..granted()
            },
            Kind::Resource,
        ),
    ] {
        assert_eq!(denial_of(&case), (false, Some(kind)));
    }
}

#[test]
fn a_user_is_bound_by_its_session_and_a_role_by_boundary_and_session() {
    let with = |grant, boundary, session| Case {
        grant: Some(grant),
        boundary,
        session,
        ..Case::default()
    };

    assert_eq!(
        with(USER, nothing(), None).decide(user(), "111122223333"),
        ALLOWED
    );
    assert!(!with(USER, None, nothing()).decide(user(), "111122223333").0);
    assert!(
        !with(ROLE, nothing(), None)
            .decide(session(), "111122223333")
            .0
    );
    assert!(
        !with(ROLE, None, nothing())
            .decide(session(), "111122223333")
            .0
    );
    assert_eq!(
        with(ROLE, allow(), allow()).decide(session(), "111122223333"),
        ALLOWED
    );
    assert_eq!(
        with(SESSION, nothing(), nothing()).decide(session(), "111122223333"),
        ALLOWED
    );
}

#[test]
fn a_grant_to_an_account_leaves_the_last_word_to_its_own_policies() {
    let with = |identity| Case {
        grant: Some(ACCOUNT),
        identity,
        ..Case::default()
    };

    assert!(!with(None).decide(user(), "999988887777").0);
    assert_eq!(with(allow()).decide(user(), "999988887777"), ALLOWED);
    let root = Identity::Root { arn: ACCOUNT };
    assert_eq!(with(None).decide(root, "999988887777"), ALLOWED);
}
