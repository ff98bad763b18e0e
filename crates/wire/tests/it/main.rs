//! The crate as an operation uses it: declared, parsed, validated, audited, answered.

mod query;

use base::{Plaintext, Timestamp};
use serde_json::{Value, json};
use wire::json::{MessageKey, Object, Output, Writer, error_body};
use wire::{Input as _, Pattern, Rejection, Shape, UNBOUNDED, probe};

use strongroom_wire as wire;

static REGION_PATTERN: Pattern = Pattern {
    text: r"^([a-z]+-)+\d+$",
    matches: |text| {
        text.rsplit_once('-').is_some_and(|(words, number)| {
            !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
                && words
                    .split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
        })
    },
    example: "eu-central-1",
    counterexample: "eu_central_1",
};

const NAME: Shape = Shape::text(1, 512);
const TOKEN: Shape = Shape::text(32, 64);
const DESCRIPTION: Shape = Shape::text(0, 2_048);
const SECRET_STRING: Shape = Shape::text(1, 65_536).in_bytes().sensitive();
const SECRET_BINARY: Shape = Shape::blob(1, 65_536);
const TAG_KEY: Shape = Shape::text(1, 128);
const TAG_VALUE: Shape = Shape::text(0, 256);
const TAGS: Shape = Shape::list(&Shape::structure(Tag::SHAPE), 0, UNBOUNDED);
const REGION: Shape = Shape::text(1, 128).matching(&REGION_PATTERN);
const REPLICAS: Shape = Shape::list(&Shape::structure(Replica::SHAPE), 1, UNBOUNDED);
const FORCE: Shape = Shape::boolean();

wire::input! {
    /// A tag.
    pub(crate) struct Tag {
        /// Its key.
        pub(crate) key: Option<String> = audited "Key" TAG_KEY,
        /// Its value.
        pub(crate) value: Option<String> = audited "Value" TAG_VALUE,
    }
}

wire::input! {
    /// Where to replicate to.
    struct Replica {
        region: Option<String> = audited "Region" REGION,
    }
}

wire::input! {
    /// What `CreateSecret` takes.
    struct CreateSecret {
        name: String = required audited "Name" NAME,
        client_request_token: Option<String> = audited "ClientRequestToken" TOKEN,
        description: Option<String> = audited "Description" DESCRIPTION,
        secret_string: Option<Plaintext> = "SecretString" SECRET_STRING,
        secret_binary: Option<Plaintext> = "SecretBinary" SECRET_BINARY,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        add_replica_regions: Option<Vec<Replica>> = audited "AddReplicaRegions" REPLICAS,
        force_overwrite_replica_secret: Option<bool> = audited "ForceOverwriteReplicaSecret" FORCE,
    }
}

struct Created<'a> {
    name: &'a str,
    tags: &'a [Tag],
    value: &'a Plaintext,
}

impl Output for Created<'_> {
    fn write(&self, object: &mut Object<'_>) {
        object.text("Name", self.name);
        object.timestamp("CreatedDate", Timestamp::from_millis(1_500));
        object.objects("Tags", self.tags, |tag, object| {
            object.opt_text("Key", tag.key.as_deref());
            object.opt_text("Value", tag.value.as_deref());
        });
        object.plaintext("SecretString", self.value);
    }
}

/// Takes a request through every gate. Gives the audit record's part, and the input or the refusal.
fn take(body: &Value) -> (String, Result<CreateSecret, Rejection>) {
    let parsed = match wire::parse(CreateSecret::SHAPE, body.to_string().as_bytes()) {
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
fn a_request_passes_all_gates_to_its_answer() {
    let body = json!({
        "Name": "prod/db",
        "ClientRequestToken": "0123456789abcdef0123456789abcdef",
        "SecretString": "{\"password\":\"hunter2\"}",
        "Tags": [{"Key": "team", "Value": "red"}, {"Key": "tier"}],
        "AddReplicaRegions": [{"Region": "eu-west-1", "KmsKeyId": "unknown here"}],
        "ForceOverwriteReplicaSecret": false,
        "Unheard": {"of": [1]},
    });

    let (parameters, input) = take(&body);

    let Ok(input) = input else {
        panic!("refused");
    };
    let created = Created {
        name: &input.name,
        tags: input.tags.as_deref().unwrap_or_default(),
        value: input.secret_string.as_ref().unwrap(),
    };
    let Ok(answer) = Writer::output(&created) else {
        panic!("not text");
    };
    assert_eq!(
        std::str::from_utf8(answer.as_ref()).unwrap(),
        concat!(
            r#"{"Name":"prod/db","CreatedDate":1.5,"#,
            r#""Tags":[{"Key":"team","Value":"red"},{"Key":"tier"}],"#,
            r#""SecretString":"{\"password\":\"hunter2\"}"}"#
        )
    );
    assert_eq!(
        parameters,
        concat!(
            r#"{"name":"prod/db","clientRequestToken":"0123456789abcdef0123456789abcdef","#,
            r#""tags":[{"key":"team","value":"red"},{"key":"tier"}],"#,
            r#""addReplicaRegions":[{"region":"eu-west-1"}],"forceOverwriteReplicaSecret":false}"#
        )
    );
    assert_eq!(
        input.add_replica_regions.unwrap()[0].region.as_deref(),
        Some("eu-west-1")
    );
    assert_eq!(
        input.client_request_token.map(|token| token.len()),
        Some(32)
    );
    assert_eq!(input.force_overwrite_replica_secret, Some(false));
    assert!(input.secret_binary.is_none() && input.description.is_none());
}

#[test]
fn a_refused_request_is_audited_and_answered_in_full() {
    let (parameters, refused) = take(&json!({"Name": "", "SecretString": "", "Description": "d"}));

    let rejection = refused.err().unwrap();
    let body = error_body(rejection.code(), rejection.message(), MessageKey::Lower);
    assert_eq!(
        std::str::from_utf8(body.as_ref()).unwrap(),
        concat!(
            r#"{"__type":"ValidationException","message":"2 validation errors detected: "#,
            r#"Value '' at 'name' failed to satisfy constraint: "#,
            r#"Member must have length greater than or equal to 1; "#,
            r#"Value at 'secretString' failed to satisfy constraint: "#,
            r#"Member must have length greater than or equal to 1"}"#
        )
    );
    assert_eq!(parameters, r#"{"name":"","description":"d"}"#);
}

#[test]
fn every_violation_is_answered_as_predicted() {
    for violation in probe::violations(CreateSecret::SHAPE) {
        let (parameters, refused) = take(&violation.body);

        let Some(rejection) = refused.err() else {
            panic!("accepted: {}", violation.what);
        };
        assert_eq!(
            (rejection.code(), rejection.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
        assert!(serde_json::from_str::<Value>(&parameters).is_ok());
    }
}

#[test]
fn the_bounds_themselves_are_accepted() {
    let largest = json!({
        "Name": "é".repeat(512),
        "ClientRequestToken": "t".repeat(64),
        "Description": "",
        "SecretString": "s".repeat(65_536),
        "SecretBinary": data_encoding::BASE64.encode(&[0; 65_536]),
        "Tags": [],
        "AddReplicaRegions": [{"Region": "us-gov-west-1"}],
    });

    let (_, input) = take(&largest);

    let Ok(input) = input else {
        panic!("refused");
    };
    assert_eq!(input.secret_string.map(|value| value.len()), Some(65_536));
    assert_eq!(input.secret_binary.map(|value| value.len()), Some(65_536));
    assert!(take(&probe::minimal(CreateSecret::SHAPE)).1.is_ok());
    assert!(take(&probe::complete(CreateSecret::SHAPE)).1.is_ok());
}
