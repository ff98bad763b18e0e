//! The four steps of a rotation, as AWS's template for functions of one's own has them.
//!
//! There is no password to change anywhere: `setSecret` and `testSecret` read what they would need
//! and go on. So what is measured is the server, and no database.

use super::caller::Caller;
use crate::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a function is called with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    step: String,
    secret_id: String,
    client_request_token: String,
    rotation_token: Option<String>,
}

/// Does the step that `event` names.
pub(super) async fn take(caller: &mut Caller, event: &Event) -> Result<(), Error> {
    let described = caller
        .call("DescribeSecret", &json!({"SecretId": event.secret_id}))
        .await?;
    let stages = described
        .get("VersionIdsToStages")
        .and_then(Value::as_object)
        .ok_or_else(|| Error::Step(String::from("the secret has no versions")))?;
    if standing(stages, event)? == Standing::Finished {
        return Ok(());
    }
    match event.step.as_str() {
        "createSecret" => create(caller, event).await,
        "setSecret" => {
            event.value(caller, "AWSCURRENT").await?;
            event.value(caller, "AWSPENDING").await.map(|_| ())
        }
        "testSecret" => event.value(caller, "AWSPENDING").await.map(|_| ()),
        "finishSecret" => finish(caller, event, current(stages)).await,
        other => Err(Error::Step(format!("`{other}` is no step"))),
    }
}

/// Whether there is something left to do.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Pending,
    Finished,
}

fn standing(stages: &Map<String, Value>, event: &Event) -> Result<Standing, Error> {
    let labels = stages.get(&event.client_request_token);
    if labels.is_some_and(|labels| has(labels, "AWSCURRENT")) {
        return Ok(Standing::Finished);
    }
    if labels.is_some_and(|labels| has(labels, "AWSPENDING")) {
        return Ok(Standing::Pending);
    }
    let version = &event.client_request_token;
    Err(Error::Step(format!("version `{version}` is not pending")))
}

/// The version that applications get.
fn current(stages: &Map<String, Value>) -> Option<&str> {
    let mut versions = stages.iter();
    versions
        .find(|(_, labels)| has(labels, "AWSCURRENT"))
        .map(|(version, _)| version.as_str())
}

/// Whether `label` is among `labels`.
pub(super) fn has(labels: &Value, label: &str) -> bool {
    labels
        .as_array()
        .is_some_and(|labels| labels.iter().any(|one| one == label))
}

async fn create(caller: &mut Caller, event: &Event) -> Result<(), Error> {
    let current = event.value(caller, "AWSCURRENT").await?;
    if caller
        .find("GetSecretValue", &event.wanted("AWSPENDING"))
        .await?
        .is_some()
    {
        return Ok(());
    }
    let drawn = caller
        .call("GetRandomPassword", &json!({"PasswordLength": 32}))
        .await?;
    let password = drawn.get("RandomPassword").and_then(Value::as_str);
    let value = password.and_then(|password| with_password(&current, password));
    let value = value.ok_or_else(|| Error::Step(String::from("the secret has no password")))?;
    let mut input = json!({
        "SecretId": event.secret_id,
        "ClientRequestToken": event.client_request_token,
        "SecretString": value,
        "VersionStages": ["AWSPENDING"],
    });
    if let (Some(token), Some(members)) = (&event.rotation_token, input.as_object_mut()) {
        members.insert(String::from("RotationToken"), json!(token));
    }
    caller.call("PutSecretValue", &input).await.map(|_| ())
}

/// `value` with another password. `None` without one.
fn with_password(value: &str, password: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(value).ok()?;
    *value.get_mut("password")? = json!(password);
    Some(value.to_string())
}

async fn finish(caller: &mut Caller, event: &Event, from: Option<&str>) -> Result<(), Error> {
    let input = json!({
        "SecretId": event.secret_id,
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": event.client_request_token,
        "RemoveFromVersionId": from,
        "RotationToken": event.rotation_token,
    });
    let moved = caller.call("UpdateSecretVersionStage", &input).await;
    moved.map(|_| ())
}

impl Event {
    fn wanted(&self, label: &str) -> Value {
        let mut wanted = json!({"SecretId": self.secret_id, "VersionStage": label});
        if label == "AWSPENDING"
            && let Some(members) = wanted.as_object_mut()
        {
            members.insert(String::from("VersionId"), json!(self.client_request_token));
        }
        wanted
    }

    /// The value of the version with `label`.
    async fn value(&self, caller: &mut Caller, label: &str) -> Result<String, Error> {
        let found = caller.call("GetSecretValue", &self.wanted(label)).await?;
        let value = found.get("SecretString").and_then(Value::as_str);
        value
            .map(str::to_owned)
            .ok_or_else(|| Error::Step(format!("{label} has no text")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        serde_json::from_value(json!({
            "Step": "createSecret", "SecretId": "arn:s", "ClientRequestToken": "new",
            "RotationToken": "t",
        }))
        .unwrap()
    }

    fn stages(stages: &Value) -> Map<String, Value> {
        stages.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_pending_is_to_be_done_and_what_is_current_is_finished() {
        let pending = stages(&json!({"old": ["AWSCURRENT"], "new": ["AWSPENDING"]}));
        let finished =
            stages(&json!({"old": ["AWSPREVIOUS"], "new": ["AWSCURRENT", "AWSPENDING"]}));

        assert_eq!(standing(&pending, &event()).unwrap(), Standing::Pending);
        assert_eq!(standing(&finished, &event()).unwrap(), Standing::Finished);
    }

    #[test]
    fn a_version_without_its_label_stops_the_step() {
        for other in [
            json!({"old": ["AWSCURRENT"]}),
            json!({"old": ["AWSCURRENT"], "new": []}),
            json!({"old": ["AWSCURRENT"], "new": ["AWSPREVIOUS"]}),
        ] {
            let refused = standing(&stages(&other), &event());

            assert!(matches!(refused, Err(Error::Step(_))), "{other}");
        }
    }

    #[test]
    fn the_current_version_is_found_by_its_label() {
        let found = stages(&json!({"a": ["AWSPREVIOUS"], "b": ["X", "AWSCURRENT"]}));

        assert_eq!(current(&found), Some("b"));
        assert_eq!(current(&Map::new()), None);
    }

    #[test]
    fn only_the_password_of_a_value_changes() {
        let changed = with_password(r#"{"username":"u","password":"old"}"#, "n\"w").unwrap();

        let changed: Value = serde_json::from_str(&changed).unwrap();
        assert_eq!(changed, json!({"username": "u", "password": "n\"w"}));
        assert_eq!(with_password(r#"{"username":"u"}"#, "n"), None);
        assert_eq!(with_password("text", "n"), None);
    }

    #[test]
    fn the_pending_value_is_asked_for_by_its_version() {
        let event = event();

        assert_eq!(
            event.wanted("AWSPENDING"),
            json!({"SecretId": "arn:s", "VersionStage": "AWSPENDING", "VersionId": "new"})
        );
        assert_eq!(
            event.wanted("AWSCURRENT"),
            json!({"SecretId": "arn:s", "VersionStage": "AWSCURRENT"})
        );
    }
}
