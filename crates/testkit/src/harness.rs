use crate::requests::form;
use crate::{
    FakeClock, Issuer, KeptBuckets, RecordedAudit, RecordedMessenger, Reply, SeededEntropy,
};
use base::{AccountId, Clock, Timestamp};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use seal::{KeyRing, RootBundle, RootKeys};
use serde_json::{Value, json};
use services::lambda::{Concurrency, Lambda};
use services::ports::{Executors, Functions};
use services::{App, KINDS, Limits, Outside, PrivateEndpoint, Quotas, Request, Settings, Witness};
use sigv4::{Credentials, sign};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use store::{Database, SqliteOptions, Store, StoreOptions};
use tempfile::TempDir;

/// The services in process, over a store of its own, with an account and its root.
pub struct Harness {
    /// The services.
    pub app: App,
    /// The time.
    pub clock: Arc<FakeClock>,
    /// What was recorded.
    pub audit: Arc<RecordedAudit>,
    /// Where trails deliver to.
    pub buckets: Arc<KeptBuckets>,
    /// Notes what the sessions get to know that a test watches.
    pub witness: Arc<Witness>,
    /// The one issuer of web identity tokens that the services know.
    pub issuer: Arc<Issuer>,
    /// The root of the first account.
    pub root: Caller,
    /// What runs functions.
    pub lambda: Arc<Lambda>,
    /// What carries messages out.
    pub messenger: Arc<RecordedMessenger>,
    /// Where the services keep their records; a clone of theirs.
    pub store: Store,
    parts: Parts,
    _directory: Option<TempDir>,
}

/// What a further node over the same store shares with the first.
struct Parts {
    buckets: Arc<KeptBuckets>,
    entropy: Arc<SeededEntropy>,
    root_keys: Arc<RootKeys>,
    ring: Arc<KeyRing>,
    witness: Arc<Witness>,
    lambda: Arc<Lambda>,
    messenger: Arc<RecordedMessenger>,
    settings: Settings,
}

/// Which engine a harness stores in.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// In memory.
    Memory,
    /// SQLite in a temporary directory.
    Sqlite,
}

/// The way by which a request comes in: by default loopback, over TLS, on the public listener.
#[derive(Clone)]
pub struct Entrance {
    /// The other end of the connection.
    pub source_ip: IpAddr,
    /// Whether the connection is TLS.
    pub is_secure: bool,
    /// A private endpoint.
    pub endpoint: Option<Arc<PrivateEndpoint>>,
}

impl Default for Entrance {
    fn default() -> Self {
        Self {
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            is_secure: true,
            endpoint: None,
        }
    }
}

/// Who calls, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The Region that requests are signed for.
    pub region: String,
    access_key_id: String,
    secret_access_key: Vec<u8>,
    session_token: Option<String>,
}

/// A request that is signed; a test may spoil it.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The query string.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Engine {
    fn open(self) -> (Database, Option<TempDir>) {
        match self {
            Self::Memory => (Database::memory(), None),
            Self::Sqlite => {
                let directory = TempDir::new().unwrap();
                let path = directory.path().join("strongroom.db");
                let database = Database::sqlite(&path, &SqliteOptions::default()).unwrap();
                (database, Some(directory))
            }
        }
    }
}

impl Parts {
    fn app(
        &self,
        clock: &Arc<FakeClock>,
        audit: &Arc<RecordedAudit>,
        issuer: &Arc<Issuer>,
        store: &Store,
        functions: Arc<dyn Functions>,
    ) -> App {
        App::new(Outside {
            clock: clock.clone(),
            entropy: self.entropy.clone(),
            store: store.clone(),
            audit: audit.clone(),
            stream: audit.clone(),
            history: audit.clone(),
            buckets: self.buckets.clone(),
            root: self.root_keys.clone(),
            sealer: self.ring.clone(),
            issuer_keys: issuer.clone(),
            functions,
            messenger: self.messenger.clone(),
            witness: self.witness.clone(),
            lambda: self.lambda.clone(),
            observer: None,
            settings: self.settings.clone(),
        })
    }
}

impl Harness {
    /// Over memory, on 2026-01-15 at noon.
    pub async fn new() -> Self {
        Self::over(Engine::Memory, Limits::default()).await
    }

    /// Over memory, with functions that run in these executors.
    pub async fn running(executors: Executors, concurrency: Concurrency) -> Self {
        let lambda = Lambda::new(executors, concurrency);
        let settings = Settings {
            quotas: Quotas::unthrottled(Limits::default()),
            ..Settings::default()
        };
        Self::built(Engine::Memory, settings, lambda, None).await
    }

    /// Over `engine`, with these limits, and without throttling: time stands still in tests.
    pub async fn over(engine: Engine, limits: Limits) -> Self {
        let settings = Settings {
            quotas: Quotas::unthrottled(limits),
            ..Settings::default()
        };
        let lambda = Lambda::new(Executors::default(), Concurrency::default());
        Self::built(engine, settings, lambda, None).await
    }

    /// Over memory, with these quotas.
    pub async fn under(quotas: Quotas) -> Self {
        let settings = Settings {
            quotas,
            ..Settings::default()
        };
        let lambda = Lambda::new(Executors::default(), Concurrency::default());
        Self::built(Engine::Memory, settings, lambda, None).await
    }

    /// Over memory, with these quotas, and with functions that run in these executors.
    pub async fn running_under(executors: Executors, quotas: Quotas) -> Self {
        let settings = Settings {
            quotas,
            ..Settings::default()
        };
        let lambda = Lambda::new(executors, Concurrency::default());
        Self::built(Engine::Memory, settings, lambda, None).await
    }

    /// Over `engine`, with what calls functions.
    pub async fn with(engine: Engine, settings: Settings, functions: Arc<dyn Functions>) -> Self {
        let lambda = Lambda::new(Executors::default(), Concurrency::default());
        Self::built(engine, settings, lambda, Some(functions)).await
    }

    async fn built(
        engine: Engine,
        settings: Settings,
        lambda: Lambda,
        functions: Option<Arc<dyn Functions>>,
    ) -> Self {
        let lambda = Arc::new(lambda);
        let functions = functions.unwrap_or_else(|| lambda.clone());
        let clock = Arc::new(FakeClock::at(Timestamp::from_millis(NOON)));
        let entropy = Arc::new(SeededEntropy::new(1));
        let audit = Arc::new(RecordedAudit::default());
        let issuer = Arc::new(Issuer::new("https://issuer.example/cluster"));
        let bundle = RootBundle::generate(entropy.clone(), clock.now()).unwrap();
        let ring = Arc::new(KeyRing::generate(entropy.clone(), clock.now()).unwrap());
        let (database, directory) = engine.open();
        let options = StoreOptions::default();
        let store = Store::new(database, ring.clone(), entropy.clone(), KINDS, &options).unwrap();
        let witness = Arc::new(Witness::default());
        let buckets = Arc::new(KeptBuckets::default());
        let messenger = Arc::new(RecordedMessenger::default());
        let parts = Parts {
            buckets: buckets.clone(),
            entropy,
            root_keys: Arc::new(RootKeys::new(bundle)),
            ring,
            witness: witness.clone(),
            lambda: lambda.clone(),
            messenger: messenger.clone(),
            settings,
        };
        let app = parts.app(&clock, &audit, &issuer, &store, functions);
        let root = Caller::create(&app, "123456789012").await;
        Self {
            app,
            clock,
            audit,
            buckets,
            witness,
            issuer,
            root,
            lambda,
            messenger,
            store,
            parts,
            _directory: directory,
        }
    }

    /// One more node over the same store.
    pub fn another_node(&self, functions: Arc<dyn Functions>) -> App {
        self.parts.app(
            &self.clock,
            &self.audit,
            &self.issuer,
            &self.store,
            functions,
        )
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The root of one more account.
    pub async fn another_account(&self, id: &str) -> Caller {
        Caller::create(&self.app, id).await
    }

    /// Calls an operation of Secrets Manager as the first account's root.
    pub async fn call(&self, operation: &str, body: Value) -> Reply {
        self.call_as(&self.root, operation, body).await
    }

    /// Calls an operation as `caller`, and checks that the answer left exactly one event.
    pub async fn call_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        self.json_as(caller, "secretsmanager", operation, body)
            .await
    }

    /// Calls an operation of KMS as the first account's root.
    pub async fn kms(&self, operation: &str, body: Value) -> Reply {
        self.kms_as(&self.root, operation, body).await
    }

    /// Calls an operation of KMS as `caller`.
    pub async fn kms_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        self.json_as(caller, "kms", operation, body).await
    }

    /// Calls an operation of CloudTrail as the first account's root.
    pub async fn cloudtrail(&self, operation: &str, body: Value) -> Reply {
        self.cloudtrail_as(&self.root, operation, body).await
    }

    /// Calls an operation of CloudTrail as `caller`.
    pub async fn cloudtrail_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        let mut reply = self.json_as(caller, "cloudtrail", operation, body).await;
        reply.text_member = "message";
        reply
    }

    /// Creates a key of the first account in KMS, and gives its ARN.
    pub async fn a_key(&self) -> String {
        let created = self.kms("CreateKey", json!({})).await.ok();
        created["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    /// Calls an operation of a JSON service, and checks that the answer left exactly one event.
    pub async fn json_as(
        &self,
        caller: &Caller,
        service: &str,
        operation: &str,
        body: Value,
    ) -> Reply {
        let signed = caller.signed_json(service, operation, &body, self.clock.now());
        let mut reply = self.send(signed).await;
        if service == "kms" {
            reply.text_member = "message";
        }
        if !self.audit.is_failing() {
            let events = self.audit.events_of(&reply.request_id);
            let own = |event: &&Value| {
                event["eventType"] == "AwsApiCall" && event["eventName"] == operation
            };
            assert_eq!(
                events.iter().filter(own).count(),
                1,
                "{operation}: {events:?}"
            );
        }
        reply
    }

    /// Calls an operation of IAM as the first account's root.
    pub async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.iam_as(&self.root, action, parameters).await
    }

    /// Calls an operation of IAM as `caller`.
    pub async fn iam_as(
        &self,
        caller: &Caller,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Reply {
        let form = form(action, "2010-05-08", parameters);
        self.query_as(caller, "iam", action, &form).await
    }

    /// Calls an operation of STS as `caller`.
    pub async fn sts_as(
        &self,
        caller: &Caller,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Reply {
        let form = form(action, "2011-06-15", parameters);
        self.query_as(caller, "sts", action, &form).await
    }

    /// Calls an operation of SNS as the first account's root.
    pub async fn sns(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.sns_as(&self.root, action, parameters).await
    }

    /// Calls an operation of SNS as `caller`.
    pub async fn sns_as(
        &self,
        caller: &Caller,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Reply {
        let form = form(action, "2010-03-31", parameters);
        self.query_as(caller, "sns", action, &form).await
    }

    /// Calls an operation of EventBridge as the first account's root.
    pub async fn rules(&self, operation: &str, body: Value) -> Reply {
        self.rules_as(&self.root, operation, body).await
    }

    /// Calls an operation of EventBridge as `caller`.
    pub async fn rules_as(&self, caller: &Caller, operation: &str, body: Value) -> Reply {
        let mut reply = self.json_as(caller, "events", operation, body).await;
        reply.text_member = "message";
        reply
    }

    /// Delivers every message that is due.
    pub async fn deliver(&self) {
        while self.app.deliver_next("test").await.unwrap() {}
    }

    /// Judges every alarm that is due.
    pub async fn judge(&self) {
        while self.app.judge_alarms().await.unwrap() {}
    }

    /// Has everything that follows the audit log catch up, judges alarms, and delivers what comes of it.
    pub async fn follow(&self) {
        while self.app.follow().await.unwrap() {}
        self.judge().await;
        self.deliver().await;
    }

    /// Calls a Query operation, and checks that the answer left exactly one event.
    async fn query_as(&self, caller: &Caller, service: &str, action: &str, form: &str) -> Reply {
        let signed = caller.signed_form(service, form, self.clock.now());
        let reply = self.send(signed).await;
        if !self.audit.is_failing() {
            let events = self.audit.events_of(&reply.request_id);
            let own =
                |event: &&Value| event["eventType"] == "AwsApiCall" && event["eventName"] == action;
            assert_eq!(events.iter().filter(own).count(), 1, "{action}: {events:?}");
        }
        reply
    }

    /// Creates a user with an access key and, if given, one inline policy called `p`.
    pub async fn a_user(&self, name: &str, policy: Option<&Value>) -> Caller {
        self.iam("CreateUser", &[("UserName", name)]).await.xml_ok();
        if let Some(policy) = policy {
            self.allow(name, policy).await;
        }
        let key = self.iam("CreateAccessKey", &[("UserName", name)]).await;
        let key = &key.xml_ok()["CreateAccessKeyResult"]["AccessKey"];
        Caller {
            account: self.root.account.clone(),
            region: self.root.region.clone(),
            access_key_id: key["AccessKeyId"].as_str().unwrap().to_owned(),
            secret_access_key: key["SecretAccessKey"].as_str().unwrap().into(),
            session_token: None,
        }
    }

    /// Puts the inline policy `p` of a user.
    pub async fn allow(&self, user: &str, policy: &Value) {
        let parameters = [
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", &policy.to_string()),
        ];
        self.iam("PutUserPolicy", &parameters).await.xml_ok();
    }

    /// A session of `role_arn` that `caller` assumes under the session name `session`.
    pub async fn assume(&self, caller: &Caller, role_arn: &str) -> Caller {
        let parameters = [("RoleArn", role_arn), ("RoleSessionName", "session")];
        let reply = self.sts_as(caller, "AssumeRole", &parameters).await;
        let account = role_arn.split(':').nth(4).unwrap();
        Caller::of_session(account, &reply.xml_ok()["AssumeRoleResult"]["Credentials"])
    }

    /// Sends a request as it is.
    pub async fn send(&self, signed: Signed) -> Reply {
        self.send_through(signed, &Entrance::default()).await
    }

    /// Sends a request as it is, by another way in.
    pub async fn send_through(&self, signed: Signed, entrance: &Entrance) -> Reply {
        Reply::of(&self.app.call(signed.through(entrance)).await)
    }

    /// Creates a secret with a value, and gives its ARN. The version's id is `token(0)`.
    pub async fn a_secret(&self, name: &str, value: &str) -> String {
        let body = json!({
            "Name": name, "SecretString": value, "ClientRequestToken": crate::token(0),
        });
        let created = self.call("CreateSecret", body).await.ok();
        created["ARN"].as_str().unwrap().to_owned()
    }

    /// Everything that the API shows of the first account's secrets in `us-east-1`, values apart:
    /// for asserting that nothing changed.
    pub async fn everything(&self) -> Value {
        let mut all = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut body = json!({ "IncludePlannedDeletion": true });
            if !token.is_null() {
                body["NextToken"] = token;
            }
            let page = self.call("ListSecrets", body).await.ok();
            for secret in page["SecretList"].as_array().unwrap() {
                let body = json!({ "SecretId": secret["ARN"], "IncludeDeprecated": true });
                let versions = self.call("ListSecretVersionIds", body).await.ok();
                all.push(json!({ "secret": secret, "versions": versions["Versions"] }));
            }
            token = page["NextToken"].clone();
            if token.is_null() {
                return Value::Array(all);
            }
        }
    }
}

impl Signed {
    /// The request that it becomes on its way in.
    pub fn through(self, entrance: &Entrance) -> Request {
        let entrance = entrance.clone();
        Request {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: self.headers,
            body: Bytes::from(self.body),
            source_ip: entrance.source_ip,
            is_secure: entrance.is_secure,
            endpoint: entrance.endpoint,
        }
    }
}

impl Caller {
    async fn create(app: &App, id: &str) -> Self {
        let new = app
            .create_account(AccountId::parse(id).unwrap())
            .await
            .unwrap();
        Self {
            account: new.account_id.to_string(),
            region: "us-east-1".to_owned(),
            access_key_id: new.access_key_id,
            secret_access_key: new.secret_access_key.expose().to_vec(),
            session_token: None,
        }
    }

    /// The holder of temporary credentials, as STS's answers show them.
    pub fn of_session(account: &str, credentials: &Value) -> Self {
        let text = |member: &str| credentials[member].as_str().unwrap().to_owned();
        Self {
            account: account.to_owned(),
            region: "us-east-1".to_owned(),
            access_key_id: text("AccessKeyId"),
            secret_access_key: text("SecretAccessKey").into_bytes(),
            session_token: Some(text("SessionToken")),
        }
    }

    /// The same caller with another session token, or none.
    pub fn with_session_token(&self, token: Option<&str>) -> Self {
        Self {
            session_token: token.map(str::to_owned),
            ..self.clone()
        }
    }

    /// The session token.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// The id of the access key.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The same caller in another Region.
    pub fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// A caller with the same access key id and another secret.
    pub fn with_secret(&self, secret: &str) -> Self {
        Self {
            secret_access_key: secret.as_bytes().to_vec(),
            ..self.clone()
        }
    }

    /// A caller with another access key id.
    pub fn with_access_key_id(&self, id: &str) -> Self {
        Self {
            access_key_id: id.to_owned(),
            ..self.clone()
        }
    }

    /// A signed request for an operation of Secrets Manager.
    pub fn signed(&self, operation: &str, body: &Value, now: Timestamp) -> Signed {
        self.signed_json("secretsmanager", operation, body, now)
    }

    /// A signed request for an operation of a JSON service.
    pub fn signed_json(
        &self,
        service: &str,
        operation: &str,
        body: &Value,
        now: Timestamp,
    ) -> Signed {
        let prefix = match service {
            "cloudtrail" => "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
            "kms" => "TrentService",
            "events" => "AWSEvents",
            "logs" => "Logs_20140328",
            "monitoring" => "GraniteServiceVersion20100801",
            other => other,
        };
        let target = format!("{prefix}.{operation}");
        self.signed_to(service, &target, body.to_string().as_bytes(), now)
    }

    /// A signed request with any target and body.
    pub fn signed_raw(&self, target: &str, body: &[u8], now: Timestamp) -> Signed {
        self.signed_to("secretsmanager", target, body, now)
    }

    fn signed_to(&self, service: &str, target: &str, body: &[u8], now: Timestamp) -> Signed {
        let mut headers = HeaderMap::new();
        let content_type = match service {
            "monitoring" => "application/x-amz-json-1.0",
            _ => "application/x-amz-json-1.1",
        };
        headers.insert("content-type", HeaderValue::from_static(content_type));
        headers.insert("x-amz-target", HeaderValue::from_str(target).unwrap());
        self.sign(service, headers, body, now)
    }

    /// A signed request for an action of STS.
    pub fn signed_query(&self, body: &str, now: Timestamp) -> Signed {
        self.signed_form("sts", body, now)
    }

    /// A signed request for an action of a Query service.
    pub fn signed_form(&self, service: &str, body: &str, now: Timestamp) -> Signed {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert("content-type", form);
        self.sign(service, headers, body.as_bytes(), now)
    }

    /// What the caller signs with.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: &self.secret_access_key,
            session_token: self.session_token.as_deref(),
        }
    }

    fn sign(&self, service: &str, headers: HeaderMap, body: &[u8], now: Timestamp) -> Signed {
        let unsigned = Signed {
            method: Method::POST,
            path: "/".to_owned(),
            query: String::new(),
            headers,
            body: body.to_vec(),
        };
        self.sign_any(service, unsigned, now)
    }

    /// A signed request of rpc-v2-cbor for an operation of CloudWatch.
    pub fn signed_cbor(&self, operation: &str, body: &[u8], now: Timestamp) -> Signed {
        let mut headers = HeaderMap::new();
        let cbor = HeaderValue::from_static("application/cbor");
        headers.insert("content-type", cbor);
        let protocol = HeaderValue::from_static("rpc-v2-cbor");
        headers.insert("smithy-protocol", protocol);
        let unsigned = Signed {
            method: Method::POST,
            path: format!("/service/GraniteServiceVersion20100801/operation/{operation}"),
            query: String::new(),
            headers,
            body: body.to_vec(),
        };
        self.sign_any("monitoring", unsigned, now)
    }

    /// Signs a request of any method and path.
    pub(crate) fn sign_any(&self, service: &str, mut unsigned: Signed, now: Timestamp) -> Signed {
        let host = HeaderValue::from_static("localhost:8443");
        unsigned.headers.insert("host", host);
        let request = sigv4::Request {
            method: unsigned.method.as_str(),
            path: &unsigned.path,
            query: &unsigned.query,
            headers: &unsigned.headers,
            body: &unsigned.body,
        };
        let added = sign(&request, &self.credentials(), &self.region, service, now).unwrap();
        unsigned.headers.extend(added);
        unsigned
    }
}

/// 2026-01-15T12:00:00Z.
const NOON: i64 = 1_768_478_400_000;
