use super::*;
use crate::functions::fixtures::{Role, plain, refused, text};

#[tokio::test]
async fn every_call_is_written_as_a_client_writes_it() {
    let role = Role::answering(&[
        Ok(
            r#"{"ARN":"arn","RotationEnabled":true,"VersionIdsToStages":{"v1":["AWSCURRENT"]},"CreatedDate":1.5}"#,
        ),
        Ok(r#"{"SecretString":"a\"b","VersionStages":["AWSCURRENT"]}"#),
        Ok("{}"),
        Ok("{}"),
        Ok(r#"{"RandomPassword":"p"}"#),
    ]);
    let secrets = RoleSecrets::new(&role);
    let rules = rotators::Options::default()
        .password_rules(rotators::Engine::Postgres)
        .unwrap();

    let described = secrets.describe("arn").await.unwrap();
    let value = secrets.value("arn", Some("v2"), "AWSPENDING").await;
    secrets
        .put_pending("arn", "v2", Some(&plain("token")), plain("q\"\n"))
        .await
        .unwrap();
    secrets.move_current("arn", "v2", Some("v1")).await.unwrap();
    let password = secrets.random_password(&rules).await;

    assert_eq!(described.rotation_enabled, Some(true));
    assert_eq!(described.versions["v1"], ["AWSCURRENT"]);
    assert_eq!(text(&value.ok().unwrap()), "a\"b");
    assert_eq!(text(&password.ok().unwrap()), "p");
    assert_eq!(
        *role.asked.lock(),
        [
            r#"secretsmanager DescribeSecret {"SecretId":"arn"}"#,
            r#"secretsmanager GetSecretValue {"SecretId":"arn","VersionId":"v2","VersionStage":"AWSPENDING"}"#,
            r#"secretsmanager PutSecretValue {"SecretId":"arn","ClientRequestToken":"v2","SecretString":"q\"\n","VersionStages":["AWSPENDING"],"RotationToken":"token"}"#,
            r#"secretsmanager UpdateSecretVersionStage {"SecretId":"arn","VersionStage":"AWSCURRENT","MoveToVersionId":"v2","RemoveFromVersionId":"v1"}"#,
            r#"secretsmanager GetRandomPassword {"PasswordLength":32,"ExcludeCharacters":"/@\"'\\","ExcludeNumbers":false,"ExcludePunctuation":false,"ExcludeUppercase":false,"ExcludeLowercase":false,"RequireEachIncludedType":true,"IncludeSpace":false}"#,
        ]
    );
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let role = Role::answering(&[
        Err(refused("ResourceNotFoundException", 400)),
        Err(refused("AccessDeniedException", 400)),
        Err(refused("InternalServiceError", 500)),
    ]);
    let secrets = RoleSecrets::new(&role);

    let refusals = [
        secrets.value("arn", None, "AWSCURRENT").await.err(),
        secrets.value("arn", None, "AWSCURRENT").await.err(),
        secrets.value("arn", None, "AWSCURRENT").await.err(),
    ];

    let no = || String::from("no");
    assert_eq!(
        refusals.map(Option::unwrap),
        [
            SecretsError::NotFound(no()),
            SecretsError::Refused {
                code: String::from("AccessDeniedException"),
                message: no(),
            },
            SecretsError::Unavailable(String::from("InternalServiceError: no")),
        ]
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_shows_nothing_of_it() {
    let role = Role::answering(&[
        Ok(r#"{"SecretString":["hunter2"]}"#),
        Ok(r#"{"SecretBinary":"aHVudGVyMg=="}"#),
        Ok(r#"{"RotationEnabled":"hunter2"}"#),
    ]);
    let secrets = RoleSecrets::new(&role);

    let refusals = [
        secrets.value("arn", None, "AWSCURRENT").await.err(),
        secrets.value("arn", None, "AWSCURRENT").await.err(),
        secrets.describe("arn").await.err(),
    ];

    let texts = refusals.map(|refusal| refusal.unwrap().to_string());
    assert_eq!(
        texts,
        [
            "Secrets Manager cannot be reached: the answer to GetSecretValue cannot be read",
            "An error occurred (KeyError): the secret has no SecretString",
            "Secrets Manager cannot be reached: the answer to DescribeSecret cannot be read",
        ]
    );
}
