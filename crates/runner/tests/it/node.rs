//! Node functions with our own runtime client.

use crate::bench::{Bench, execution, has, node, skip, zip};
use serde_json::json;

#[tokio::test]
async fn handlers_answer_by_promise_by_callback_and_by_neither() {
    if !has("node") {
        return skip("node is not installed");
    }
    let bench = Bench::new().await;
    let sources = [
        "exports.handler = async (event) => ({ got: event })",
        "exports.handler = (event, context, done) => setTimeout(() => done(null, { got: event }), 5)",
        "exports.handler = (event, context) => context.succeed({ got: event })",
    ];

    for source in sources {
        assert_eq!(bench.run(node(source)).await.json(), json!({"got": {}}));
    }
    let silent = bench
        .run(node("exports.handler = () => { console.log('hi') }"))
        .await;
    assert_eq!(silent.json(), json!(null));
    assert!(silent.log.contains("hi"), "{silent:#?}");
}

#[tokio::test]
async fn modules_of_both_kinds_are_loaded() {
    if !has("node") {
        return skip("node is not installed");
    }
    let bench = Bench::new().await;
    let module =
        "import { answer } from './lib/answer.mjs';\nexport const handler = async () => answer;";
    let answer = ("lib/answer.mjs", "export const answer = 42;");
    let kinds = [
        zip(&[("app.mjs", module), answer]),
        zip(&[
            ("app.js", module),
            answer,
            ("package.json", r#"{"type":"module"}"#),
        ]),
        zip(&[("app.cjs", "exports.handler = async () => 42")]),
        zip(&[("app/index.js", "exports.handler = async () => 42")]),
    ];

    for kind in kinds {
        let ran = bench
            .run(execution("nodejs18.x", "app.handler", kind, "{}"))
            .await;

        assert_eq!(ran.json(), json!(42));
    }
}

#[tokio::test]
async fn a_handler_learns_about_its_invocation() {
    if !has("node") {
        return skip("node is not installed");
    }
    let bench = Bench::new().await;
    let source = "
exports.handler = async (event, c) => [c.functionName, c.functionVersion, c.memoryLimitInMB,
    c.logGroupName, c.getRemainingTimeInMillis() > 20000, c.awsRequestId.length];";

    let ran = bench.run(node(source)).await;

    let expected = json!(["rotate", "$LATEST", "256", "/aws/lambda/rotate", true, 36]);
    assert_eq!(ran.json(), expected);
}

#[tokio::test]
async fn failures_of_a_handler_are_told_with_their_type() {
    let cases = [
        (
            "exports.handler = async () => { throw new RangeError('far') }",
            "RangeError",
            "far",
        ),
        (
            "exports.handler = (e, c, done) => done('plain')",
            "string",
            "plain",
        ),
        (
            "exports.handler = () => { setTimeout(() => { throw new Error('late') }); }",
            "Error",
            "late",
        ),
        (
            "exports.handler = async () => ({ big: 1n })",
            "TypeError",
            "Do not know how to serialize a BigInt",
        ),
    ];

    for (source, error_type, message) in cases {
        fails("app.handler", source, error_type, message).await;
    }
}

#[tokio::test]
async fn what_keeps_a_function_from_starting_is_told() {
    let cases = [
        (
            "app.missing",
            "",
            "Runtime.HandlerNotFound",
            "app.missing is undefined or not exported",
        ),
        ("app", "", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "app.handler",
            "exports.handler = (",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected end of input",
        ),
        (
            "nothing.handler",
            "",
            "Runtime.ImportModuleError",
            "Error: Cannot find module",
        ),
        (
            "app.handler",
            "require('not-there')",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'not-there'",
        ),
        (
            "app.handler",
            "throw new RangeError('at import')",
            "RangeError",
            "at import",
        ),
    ];

    for (handler, source, error_type, message) in cases {
        fails(handler, source, error_type, message).await;
    }
}

async fn fails(handler: &str, source: &str, error_type: &str, message: &str) {
    if !has("node") {
        return skip("node is not installed");
    }
    let bench = Bench::new().await;
    let code = zip(&[("app.js", source)]);

    let ran = bench
        .run(execution("nodejs18.x", handler, code, "{}"))
        .await;

    assert_eq!(ran.error_type, error_type, "{ran:#?}");
    assert!(ran.message.starts_with(message), "{ran:#?}");
    assert!(ran.log.contains("Invoke Error"), "{ran:#?}");
}
