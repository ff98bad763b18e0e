//! Calling Lambda, and an executor that does what a test tells it.

use crate::{Caller, Harness, Reply, Signed};
use http::{HeaderMap, HeaderValue, Method};
use parking_lot::Mutex;
use serde_json::{Value, json};
use services::ports::{
    Code, Executed, Execution, ExecutionFuture, Executor, FunctionFailure, Interpreter, LogLine,
    NotExecuted, Package,
};
use std::sync::Arc;
use std::time::Duration;
use wire::probe::{RestRequest, rest};

impl Harness {
    /// Calls an operation of Lambda as the first account's root.
    pub async fn lambda(&self, operation: &str, body: Value) -> Reply {
        self.lambda_as(&self.root, operation, body).await
    }

    /// Calls an operation of Lambda as `caller`, and checks that the answer left exactly one event.
    pub async fn lambda_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        let signed = caller.signed_rest("lambda", operation, &body, self.now());
        let mut reply = self.send(signed).await;
        reply.text_member = "message";
        let info = operation_of("lambda", operation);
        if !self.audit.is_failing() {
            let events = self.audit.events_of(&reply.request_id);
            let own = |event: &&Value| {
                event["eventSource"] == "lambda.amazonaws.com"
                    && event["eventType"] == "AwsApiCall"
                    && event["eventName"] == info.event_name
            };
            let count = events.iter().filter(own).count();
            assert_eq!(count, 1, "{operation}: {events:?}");
        }
        reply
    }

    /// Calls an operation of CloudWatch Logs as the first account's root.
    pub async fn logs(&self, operation: &str, body: Value) -> Reply {
        self.logs_as(&self.root, operation, body).await
    }

    /// Calls an operation of CloudWatch Logs as `caller`.
    pub async fn logs_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        let mut reply = self.json_as(caller, "logs", operation, body).await;
        reply.text_member = "message";
        reply
    }

    /// Calls an operation of CloudWatch in awsJson as the first account's root.
    pub async fn cloudwatch(&self, operation: &str, body: Value) -> Reply {
        self.cloudwatch_as(&self.root, operation, body).await
    }

    /// Calls an operation of CloudWatch in awsJson as `caller`.
    pub async fn cloudwatch_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        let mut reply = self.json_as(caller, "monitoring", operation, body).await;
        reply.text_member = "message";
        reply
    }

    /// Creates a role that Lambda may assume, with one inline policy if given, and gives its ARN.
    pub async fn a_function_role(&self, name: &str, policy: Option<&Value>) -> String {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        });
        let parameters = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ];
        let created = self.iam("CreateRole", &parameters).await.xml_ok();
        if let Some(policy) = policy {
            let parameters = [
                ("RoleName", name),
                ("PolicyName", "p"),
                ("PolicyDocument", &policy.to_string()),
            ];
            self.iam("PutRolePolicy", &parameters).await.xml_ok();
        }
        let arn = &created["CreateRoleResult"]["Role"]["Arn"];
        arn.as_str().unwrap().to_owned()
    }

    /// Creates a function of the smallest zip file there is, and gives its ARN.
    pub async fn a_function(&self, name: &str, role: &str) -> String {
        let body = json!({
            "FunctionName": name, "Runtime": "python3.12", "Handler": "f.handler", "Role": role,
            "Code": { "ZipFile": EMPTY_ZIP },
        });
        let created = self.lambda("CreateFunction", body).await;
        created.done(201)["FunctionArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Reply {
    /// The body of a success of a REST service. Panics otherwise.
    #[track_caller]
    pub fn done(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.content_type, "application/json");
        match self.text.as_str() {
            "" => Value::Null,
            _ => self.json(),
        }
    }

    /// Asserts that a REST service refused with this status, exception and text.
    #[track_caller]
    pub fn rest_refused(&self, status: u16, code: &str, message: &str) {
        let body = self.json();
        let text = body.get("Message").or(body.get("message"));
        assert_eq!(
            (self.status, self.error_type.as_deref(), text),
            (status, Some(code), Some(&json!(message))),
        );
    }
}

impl Caller {
    /// A signed request for an operation of a REST service. Panics where restJson1 cannot say it.
    pub fn signed_rest(
        &self,
        service: &str,
        operation: &str,
        body: &Value,
        now: base::Timestamp,
    ) -> Signed {
        let http = operation_of(service, operation).http.unwrap();
        let request = rest(body, http).expect("restJson1 can say it");
        let method = Method::from_bytes(http.method.as_bytes()).unwrap();
        self.signed_rest_request(service, method, request, now)
    }

    /// A signed request of a REST service, in any words.
    pub fn signed_rest_request(
        &self,
        service: &str,
        method: Method,
        request: RestRequest,
        now: base::Timestamp,
    ) -> Signed {
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers {
            headers.insert(name, HeaderValue::try_from(value).unwrap());
        }
        self.sign_any(
            service,
            Signed {
                method,
                path: request.path,
                query: request.query,
                headers,
                body: request.body,
            },
            now,
        )
    }
}

fn operation_of(service: &str, operation: &str) -> services::OperationInfo {
    services::operations(service)
        .find(|info| info.name == operation)
        .expect("the operation is there")
}

/// What a test makes of a run.
type Script = dyn Fn(&Execution<'_>) -> Result<Executed, NotExecuted> + Send + Sync;

/// An executor that does what it is told, and remembers whom it ran.
pub struct ScriptedExecutor {
    script: Mutex<Arc<Script>>,
    seen: Mutex<Vec<Value>>,
    call: Mutex<Option<(String, String, Value)>>,
    answers: Mutex<Vec<Value>>,
    refused: Option<String>,
    interpreters: Vec<Interpreter>,
}

impl Default for ScriptedExecutor {
    fn default() -> Self {
        Self {
            script: Mutex::new(Arc::new(|execution| {
                Ok(returning(execution.payload.expose()))
            })),
            seen: Mutex::default(),
            call: Mutex::default(),
            answers: Mutex::default(),
            refused: None,
            interpreters: Vec::new(),
        }
    }
}

/// A run that returns `payload` and logs one line.
pub fn returning(payload: &[u8]) -> Executed {
    Executed {
        outcome: Ok(base::Plaintext::new(payload.to_vec())),
        failure_payload: None,
        log: vec![LogLine {
            at: base::Timestamp::from_millis(1_768_478_400_000),
            text: String::from("hello"),
        }],
        init_duration: None,
        duration: Duration::from_millis(12),
        memory_used_mib: Some(34),
    }
}

/// A run that fails.
pub fn failing(kind: &str, message: &str) -> Executed {
    Executed {
        outcome: Err(FunctionFailure {
            kind: kind.to_owned(),
            message: message.to_owned(),
        }),
        ..returning(b"")
    }
}

impl ScriptedExecutor {
    /// Refuses packages whose name or runtime is `what`.
    pub fn refusing(what: &str) -> Self {
        Self {
            refused: Some(what.to_owned()),
            ..Self::default()
        }
    }

    /// Has found these runtimes, none of them with boto3.
    pub fn having(runtimes: &[&str]) -> Self {
        let interpreters = runtimes.iter().map(|runtime| Interpreter {
            runtime: (*runtime).to_owned(),
            has_boto3: false,
        });
        Self {
            interpreters: interpreters.collect(),
            ..Self::default()
        }
    }

    /// Does this from now on.
    pub fn will(
        &self,
        script: impl Fn(&Execution<'_>) -> Result<Executed, NotExecuted> + Send + Sync + 'static,
    ) {
        *self.script.lock() = Arc::new(script);
    }

    /// Calls this operation as the function's role in each run from now on.
    pub fn will_call(&self, service: &str, operation: &str, body: Value) {
        *self.call.lock() = Some((service.to_owned(), operation.to_owned(), body));
    }

    /// What the runs were given, secrets among it.
    pub fn seen(&self) -> Vec<Value> {
        self.seen.lock().clone()
    }

    /// What the calls of the runs were answered.
    pub fn answers(&self) -> Vec<Value> {
        self.answers.lock().clone()
    }
}

impl Executor for ScriptedExecutor {
    fn accepts(&self, _: &base::AccountId, package: &Package) -> Result<(), String> {
        let name = match package {
            Package::Zip { runtime } => runtime,
            Package::Builtin { template } => template,
            Package::Remote { url } => url,
        };
        match &self.refused {
            Some(refused) if refused == name => Err(format!("there is no `{name}` here")),
            _ => Ok(()),
        }
    }

    fn interpreters(&self) -> Result<Vec<Interpreter>, String> {
        Ok(self.interpreters.clone())
    }

    fn run<'a>(&'a self, execution: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(async move {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (runtime, handler) = match &execution.code {
                Code::Zip {
                    runtime, handler, ..
                } => (Some(runtime), Some(handler)),
                Code::Builtin { .. } | Code::Remote { .. } => (None, None),
            };
            let environment: serde_json::Map<String, Value> = execution
                .function
                .environment
                .iter()
                .map(|(name, value)| (name.clone(), json!(text(value.expose()))))
                .collect();
            self.seen.lock().push(json!({
                "requestId": execution.request_id,
                "arn": execution.function.arn,
                "runtime": runtime,
                "handler": handler,
                "environment": environment,
                "payload": text(execution.payload.expose()),
                "accessKeyId": execution.credentials.access_key_id,
                "secretAccessKey": text(execution.credentials.secret_access_key.expose()),
                "sessionToken": text(execution.credentials.session_token.expose()),
                "clientContext": execution.client_context,
                "logStream": execution.log_stream,
                "timeoutSeconds": execution.function.timeout.as_secs(),
            }));
            let call = self.call.lock().clone();
            if let Some((service, operation, body)) = call {
                let body = base::Plaintext::from(body.to_string());
                let answer = execution.api.call(&service, &operation, body).await;
                self.answers.lock().push(match answer {
                    Ok(body) => serde_json::from_slice(body.expose()).unwrap(),
                    Err(error) => json!({
                        "code": error.code, "message": error.message, "status": error.status,
                    }),
                });
            }
            let script = Arc::clone(&*self.script.lock());
            script(&execution)
        })
    }
}

/// The smallest zip file there is: nothing but its end.
pub const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
