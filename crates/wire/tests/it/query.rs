//! An operation over awsQuery.

use crate::Tag;
use base::{Plaintext, Timestamp};
use strongroom_wire as wire;
use wire::query::{self, QueryRejection};
use wire::xml::{Element, Output};
use wire::{Input as _, Rejection, Shape, UNBOUNDED, patterns, probe};

const ROLE_ARN: Shape = Shape::text(20, 2_048).matching(&patterns::ARN);
const SESSION_NAME: Shape = Shape::text(2, 64).matching(&patterns::SESSION_NAME);
const WEB_IDENTITY_TOKEN: Shape = Shape::text(4, 20_000).sensitive();
const DURATION: Shape = Shape::integer().between(900, 43_200);
const POLICY: Shape = Shape::text(1, 2_048).matching(&patterns::DOCUMENT);
const TAGS: Shape = Shape::list(&Shape::structure(Tag::SHAPE), 0, UNBOUNDED);

wire::input! {
    /// What an operation like `AssumeRoleWithWebIdentity` takes.
    struct Assume {
        role_arn: String = required audited "RoleArn" ROLE_ARN,
        session_name: String = required audited "RoleSessionName" SESSION_NAME,
        token: Plaintext = required "WebIdentityToken" WEB_IDENTITY_TOKEN,
        duration: Option<i64> = audited "DurationSeconds" DURATION,
        policy: Option<String> = audited "Policy" POLICY,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
    }
}

struct Credentials<'a> {
    session: &'a str,
    secret: Plaintext,
    tags: &'a [Tag],
}

impl Output for Credentials<'_> {
    fn write(&self, result: &mut Element<'_>) {
        result.element("Credentials", |credentials| {
            credentials.plaintext("SecretAccessKey", &self.secret);
            credentials.timestamp("Expiration", Timestamp::from_millis(1_768_478_400_500));
        });
        result.text("Session", self.session);
        result.list("Tags", self.tags, |tag, member| {
            member.opt_text("Key", tag.key.as_deref());
            member.opt_text("Value", tag.value.as_deref());
        });
    }
}

/// Takes a form through every gate. Gives the audit record's part, and the input or the refusal.
fn take(body: &[u8]) -> (String, Result<Assume, Rejection>) {
    let parsed = query::parse(body)
        .map_err(|rejection: QueryRejection| Rejection::Validation(rejection.to_string()))
        .and_then(|request| request.parse_input(Assume::SHAPE));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(rejection) => return ("null".to_owned(), Err(rejection)),
    };
    let parameters = parsed.request_parameters();
    let input = parsed.validate().and_then(|()| {
        parsed
            .into_input()
            .map_err(|mismatch| Rejection::Validation(mismatch.to_string()))
    });
    (parameters, input)
}

#[test]
fn a_form_passes_all_gates_to_its_answer() {
    let body = b"Action=Assume&Version=2011-06-15&RoleSessionName=alice\
        &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader&WebIdentityToken=head.body.sig\
        &Tags.member.2.Key=tier&Tags.member.1.Key=team&Tags.member.1.Value=red\
        &DurationSeconds=900&Unheard.member.1=x";

    let (parameters, input) = take(body);

    let Ok(input) = input else {
        panic!("refused");
    };
    assert_eq!(
        parameters,
        concat!(
            r#"{"roleArn":"arn:aws:iam::123456789012:role/reader","roleSessionName":"alice","#,
            r#""durationSeconds":900,"tags":[{"key":"team","value":"red"},{"key":"tier"}]}"#
        )
    );
    assert_eq!(input.role_arn, "arn:aws:iam::123456789012:role/reader");
    assert_eq!(input.token.expose(), b"head.body.sig");
    assert_eq!((input.duration, input.policy), (Some(900), None));
    let output = Credentials {
        session: &input.session_name,
        secret: Plaintext::from("a+b/c&".to_owned()),
        tags: input.tags.as_deref().unwrap_or_default(),
    };
    let answer = query::response("urn:x", "Assume", "request-1", &output);
    assert_eq!(
        std::str::from_utf8(answer.ok().unwrap().as_ref()).unwrap(),
        concat!(
            r#"<AssumeResponse xmlns="urn:x"><AssumeResult><Credentials>"#,
            "<SecretAccessKey>a+b/c&amp;</SecretAccessKey>",
            "<Expiration>2026-01-15T12:00:00Z</Expiration></Credentials>",
            "<Session>alice</Session><Tags>",
            "<member><Key>team</Key><Value>red</Value></member><member><Key>tier</Key></member>",
            "</Tags></AssumeResult>",
            "<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>",
            "</AssumeResponse>"
        )
    );
}

#[test]
fn every_violation_is_answered_as_predicted() {
    for violation in probe::query_violations(Assume::SHAPE) {
        let (parameters, refused) = take(&violation.form("Assume", "2011-06-15"));

        let Some(rejection) = refused.err() else {
            panic!("accepted: {}", violation.what);
        };
        assert_eq!(
            (rejection.query_code(), rejection.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
        assert!(serde_json::from_str::<serde_json::Value>(&parameters).is_ok());
    }
}

#[test]
fn minimal_and_complete_forms_are_accepted() {
    for document in [
        probe::minimal(Assume::SHAPE),
        probe::complete(Assume::SHAPE),
    ] {
        let (_, input) = take(&probe::form(&document, "Assume", "2011-06-15"));

        assert_eq!(input.err(), None, "{document}");
    }
}
