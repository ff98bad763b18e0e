//! Functions that bring their own program.

use crate::bench::{Bench, execution, has, script, skip, zip};
use serde_json::json;

#[tokio::test]
async fn a_script_speaks_the_runtime_api() {
    if !has("curl") {
        return skip("a shell script needs curl");
    }
    let bench = Bench::new().await;

    let ran = bench
        .run(script(
            r#"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
event=$(curl -sS -D "$HOME/headers" "$api/invocation/next")
id=$(sed -n 's/^lambda-runtime-aws-request-id: \([^\r]*\).*/\1/pI' "$HOME/headers")
curl -sS -d '"forged"' "$api/invocation/other-id/response"
curl -sS -d "{\"event\": $event, \"handler\": \"$_HANDLER\"}" "$api/invocation/$id/response"
"#,
        ))
        .await;

    assert_eq!(ran.json(), json!({"event": {}, "handler": "unused"}));
    assert!(ran.log.contains("InvalidRequestID"), "{ran:#?}");
}

#[tokio::test]
async fn ending_without_an_answer_is_told_with_the_status() {
    let bench = Bench::new().await;

    let clean = bench.run(script("exit 0")).await;
    let failed = bench.run(script("echo no use; exit 3")).await;
    let killed = bench.run(script("kill -SEGV $$")).await;

    assert_eq!(clean.outcome, "exited 0", "{clean:#?}");
    assert_eq!(failed.outcome, "exited 3", "{failed:#?}");
    assert!(failed.log.contains("no use"), "{failed:#?}");
    assert_eq!(killed.outcome, "killed 11", "{killed:#?}");
}

#[tokio::test]
async fn a_zip_without_a_program_is_told() {
    let bench = Bench::new().await;
    let without = execution("provided", "h", zip(&[("readme", "")]), "{}");
    let malformed = execution(
        "provided",
        "h",
        zip(&[("bootstrap", "#!/not/there\n")]),
        "{}",
    );

    for execution in [without, malformed] {
        let ran = bench.run(execution).await;

        assert_eq!(ran.error_type, "Runtime.InvalidEntrypoint", "{ran:#?}");
    }
}
