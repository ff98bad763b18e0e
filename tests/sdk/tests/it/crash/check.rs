//! What the server says after a crash, against what it had acknowledged before.

use super::model::{CURRENT, PREVIOUS, Secret};
use super::writer::{Tracked, Writer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use strongroom_sdk_tests::Client;

/// Asks the server and keeps the ids of the answers.
pub(super) struct Checker {
    client: Client,
    /// The request ids of every answer.
    pub(super) answered: Vec<String>,
    /// The tokens of changes that were carried out though their answer never came.
    pub(super) carried_out: Vec<String>,
}

/// What the server shows of a secret, values apart.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    versions: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    description: Option<String>,
    is_deleted: bool,
}

impl Checker {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            answered: Vec::new(),
            carried_out: Vec::new(),
        }
    }

    /// Each of the writer's secrets is in a state that it may be in, and from now on known to be.
    /// Reads the values written lately, or all of them when this is a `thorough` check.
    pub(super) fn own_secrets(&mut self, writer: &mut Writer, is_thorough: bool) {
        for tracked in &mut writer.own {
            if tracked.is_touched || is_thorough {
                self.own_secret(tracked, is_thorough);
            }
        }
    }

    /// The shared secret has every acknowledged version, and labels in order.
    pub(super) fn shared_secret(&mut self, name: &str, acknowledged: &[String]) {
        let shown = self.show(name).expect("the shared secret is there");
        for token in acknowledged {
            assert!(
                shown.versions.contains(token),
                "lost: the version {token} of {name}"
            );
            self.has_value(name, token, token);
        }
    }

    /// Calls an operation that must succeed.
    pub(super) fn ok(&mut self, operation: &str, body: &Value) -> Value {
        self.ask(operation, body)
            .unwrap_or_else(|error| panic!("{operation} {body}: {error}"))
    }

    fn own_secret(&mut self, tracked: &mut Tracked, is_thorough: bool) {
        let shown = self.show(&tracked.name);
        let possible = tracked.possible();
        let state = possible
            .iter()
            .position(|state| state.as_ref().map(Shown::of) == shown);
        let Some(state) = state else {
            panic!("{} is {shown:?} and not one of {possible:?}", tracked.name);
        };
        if state > 0 {
            let token = tracked.cut.as_ref().and_then(|op| op.token());
            self.carried_out.extend(token.map(str::to_owned));
            tracked.fresh.extend(token.map(str::to_owned));
        }
        tracked.known.clone_from(&possible[state]);
        let fresh = std::mem::take(&mut tracked.fresh);
        tracked.cut = None;
        tracked.is_touched = false;
        let Some(secret) = tracked.known.as_ref().filter(|secret| !secret.is_deleted) else {
            return;
        };
        for (id, value) in &secret.versions {
            if is_thorough || fresh.contains(id) {
                self.has_value(&tracked.name, id, value);
            }
        }
        let current = self.ok("GetSecretValue", &json!({ "SecretId": tracked.name }));
        assert_eq!(
            current["SecretString"],
            secret.current(),
            "{}",
            tracked.name
        );
    }

    fn has_value(&mut self, name: &str, version: &str, value: &str) {
        let read = self.ok(
            "GetSecretValue",
            &json!({ "SecretId": name, "VersionId": version }),
        );
        assert_eq!(
            read["SecretString"], value,
            "the version {version} of {name}"
        );
    }

    fn show(&mut self, name: &str) -> Option<Shown> {
        let described = match self.ask("DescribeSecret", &json!({ "SecretId": name })) {
            Ok(described) => described,
            Err(error) => {
                assert!(
                    error.contains("ResourceNotFoundException"),
                    "{name}: {error}"
                );
                return None;
            }
        };
        let mut versions = BTreeSet::new();
        let mut body = json!({ "SecretId": name, "IncludeDeprecated": true });
        loop {
            let page = self.ok("ListSecretVersionIds", &body);
            let list = page["Versions"]
                .as_array()
                .expect("there is a list of versions");
            versions.extend(list.iter().map(|version| text(&version["VersionId"])));
            if page["NextToken"].is_null() {
                break;
            }
            body["NextToken"] = page["NextToken"].clone();
        }
        Some(Shown {
            labels: labels(name, &described),
            versions,
            description: described["Description"].as_str().map(str::to_owned),
            is_deleted: !described["DeletedDate"].is_null(),
        })
    }

    fn ask(&mut self, operation: &str, body: &Value) -> Result<Value, String> {
        let answer = self
            .client
            .call(operation, body)
            .expect("the server answers");
        self.answered.push(answer.request_id.clone());
        if answer.status == 200 {
            Ok(answer.json())
        } else {
            Err(answer.text)
        }
    }
}

impl Shown {
    fn of(secret: &Secret) -> Self {
        Self {
            versions: secret.versions.keys().cloned().collect(),
            labels: secret.labels.clone(),
            description: secret.description.clone(),
            is_deleted: secret.is_deleted,
        }
    }
}

/// The labels by name. A label on two versions, no current version or one that is its own
/// predecessor fails the test.
fn labels(name: &str, described: &Value) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let versions = described["VersionIdsToStages"]
        .as_object()
        .expect("it has versions");
    for (id, stages) in versions {
        for stage in stages.as_array().expect("a version has a list of labels") {
            let twice = labels.insert(text(stage), id.clone());
            assert_eq!(twice, None, "{name} has {stage} on two versions");
        }
    }
    let current = labels.get(CURRENT);
    assert!(
        current.is_some(),
        "{name} has no current version: {described}"
    );
    assert_ne!(current, labels.get(PREVIOUS), "{name}: {described}");
    labels
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a text").to_owned()
}
