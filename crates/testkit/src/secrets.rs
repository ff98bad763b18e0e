use crate::{Harness, token, with};
use serde_json::{Value, json};

/// The shortest way to set a stage, and to look at what became of it. Each panics on a refusal.
impl Harness {
    /// Puts a new version, whose id is `token(n)`; with `stages` null it becomes current.
    pub async fn put(&self, secret_id: &str, n: usize, value: &str, stages: Value) -> Value {
        let body = json!({
            "SecretId": secret_id, "SecretString": value, "ClientRequestToken": token(n),
        });
        let body = with(body, json!({ "VersionStages": stages }));
        self.call("PutSecretValue", body).await.ok()
    }

    /// What DescribeSecret shows.
    pub async fn describe(&self, secret_id: &str) -> Value {
        self.call("DescribeSecret", json!({ "SecretId": secret_id }))
            .await
            .ok()
    }

    /// The labels of the versions, such as `0:[AWSPREVIOUS] 1:[AWSCURRENT,BLUE]`: a version is
    /// shown by the number of its token, labels are sorted, deprecated versions left out.
    pub async fn stages(&self, secret_id: &str) -> String {
        let described = self.describe(secret_id).await;
        let Some(map) = described["VersionIdsToStages"].as_object() else {
            return String::new();
        };
        let mut versions: Vec<(usize, String)> = map
            .iter()
            .map(|(id, stages)| {
                let number = id.split('-').next().unwrap().parse().unwrap();
                let stages = stages.as_array().unwrap().iter();
                let mut names: Vec<&str> = stages.map(|stage| stage.as_str().unwrap()).collect();
                names.sort_unstable();
                (number, names.join(","))
            })
            .collect();
        versions.sort_unstable();
        let shown: Vec<String> = versions
            .iter()
            .map(|(number, names)| format!("{number}:[{names}]"))
            .collect();
        shown.join(" ")
    }

    /// The current text value.
    pub async fn value(&self, secret_id: &str) -> String {
        let read = self
            .call("GetSecretValue", json!({ "SecretId": secret_id }))
            .await
            .ok();
        read["SecretString"].as_str().unwrap().to_owned()
    }
}
