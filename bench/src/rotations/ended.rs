//! How the end of a rotation is known, and that it went well.

use super::steps::has;
use serde_json::{Map, Value};

/// Whether the rotation that was asked for at `since_millis` has ended, by what DescribeSecret says
/// of the secret. `versions` are the one before and the new one.
///
/// # Errors
/// What is wrong with the secret, whether it ended or not.
pub(super) fn has_ended(
    described: &Value,
    versions: &[String; 2],
    since_millis: i64,
) -> Result<bool, String> {
    let [old, new] = versions;
    let stages = described
        .get("VersionIdsToStages")
        .and_then(Value::as_object)
        .ok_or_else(|| String::from("it has no versions"))?;
    let now = with(stages, "AWSCURRENT");
    let wrong = || format!("it has the versions {stages:?}");
    match now.as_slice() {
        [version] if *version == old => return Ok(false),
        [version] if *version == new => {}
        _ => return Err(wrong()),
    }
    let pending = with(stages, "AWSPENDING");
    let is_whole = with(stages, "AWSPREVIOUS") == [old] && pending.iter().all(|one| *one == new);
    if !is_whole {
        return Err(wrong());
    }
    let rotated = described.get("LastRotatedDate").and_then(Value::as_f64);
    // The last label moves a little before the server notes the end.
    Ok(rotated.is_some_and(|seconds| seconds * 1e3 + ROUNDING >= since_millis as f64))
}

/// The versions with `label`.
fn with<'a>(stages: &'a Map<String, Value>, label: &str) -> Vec<&'a String> {
    stages
        .iter()
        .filter(|(_, labels)| has(labels, label))
        .map(|(version, _)| version)
        .collect()
}

/// Of moments that are told as fractions of a second.
const ROUNDING: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ended(stages: &Value, rotated: Option<f64>) -> Result<bool, String> {
        let described = json!({"VersionIdsToStages": stages, "LastRotatedDate": rotated});
        let versions = ["old", "new"].map(String::from);
        has_ended(&described, &versions, 10_000)
    }

    #[test]
    fn a_rotation_is_under_way_while_the_old_version_is_current() {
        for stages in [
            json!({"old": ["AWSCURRENT"]}),
            json!({"old": ["AWSCURRENT"], "new": ["AWSPENDING"]}),
            json!({"old": ["AWSCURRENT", "AWSPENDING"], "older": ["AWSPREVIOUS"]}),
        ] {
            assert_eq!(ended(&stages, Some(9.0)), Ok(false), "{stages}");
        }
    }

    #[test]
    fn it_has_ended_when_the_server_says_so_too() {
        for pending in [json!(["AWSCURRENT"]), json!(["AWSCURRENT", "AWSPENDING"])] {
            let stages = json!({"old": ["AWSPREVIOUS"], "new": pending});

            assert_eq!(ended(&stages, None), Ok(false));
            assert_eq!(ended(&stages, Some(9.0)), Ok(false));
            assert_eq!(ended(&stages, Some(10.0)), Ok(true));
        }
    }

    #[test]
    fn labels_that_no_rotation_leaves_are_wrong_at_any_time() {
        for stages in [
            json!({}),
            json!({"old": ["AWSPREVIOUS"], "new": ["AWSPENDING"]}),
            json!({"old": ["AWSCURRENT"], "new": ["AWSCURRENT"]}),
            json!({"old": ["AWSPREVIOUS"], "other": ["AWSCURRENT"]}),
            json!({"new": ["AWSCURRENT"]}),
            json!({"old": ["AWSPREVIOUS", "AWSPENDING"], "new": ["AWSCURRENT"]}),
            json!({"other": ["AWSPREVIOUS"], "new": ["AWSCURRENT"]}),
        ] {
            for rotated in [Some(9.0), Some(11.0)] {
                assert!(ended(&stages, rotated).is_err(), "{stages}");
            }
        }
        let described = json!({"Name": "s"});
        let versions = ["old", "new"].map(String::from);
        assert!(has_ended(&described, &versions, 0).is_err());
    }
}
