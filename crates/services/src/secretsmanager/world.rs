//! For unit tests: the services over a store in memory, as one caller of one Region sees them.

use super::error::Error;
use super::model::Secret;
use super::model::tests::a_secret;
use super::records::SecretValue;
use super::values::{self, GivenValue};
use crate::app::{App, Outside, Settings};
use crate::audit::{AppendFuture, AuditEntry, AuditSink, Downstream, Facts};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::identity::{Principal, Vouched};
use crate::ports::{
    BucketObject, Buckets, EventHistory, EventStream, HistoryPage, IssuerKeys, IssuerKeysError,
    KeySetFuture, NotLookedUp, NotPut, PortFuture, StreamedEvent,
};
use crate::tx::Lines;
use base::{AccountId, Clock, CommonError, Plaintext, RegionName, Timestamp};
use bytes::Bytes;
use parking_lot::Mutex;
use seal::{KeyRing, RootBundle, RootKeys};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use store::Store;
use testkit::{FakeClock, SeededEntropy};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) principal: Principal,
    region: RegionName,
    vouched: Vouched,
    downstream: Downstream,
}

/// An audit log in memory.
#[derive(Default)]
pub(crate) struct KeptAudit(Mutex<Vec<Bytes>>);

impl AuditSink for KeptAudit {
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_> {
        self.0.lock().push(Bytes::from(entry.line));
        Box::pin(async { Ok(()) })
    }
}

impl EventStream for KeptAudit {
    fn read(&self, after: u64, most: usize) -> PortFuture<'_, Vec<StreamedEvent>, CommonError> {
        let kept = self.0.lock();
        let numbered = (1..).zip(kept.iter().cloned());
        let behind = numbered.filter(|(sequence, _)| *sequence > after);
        let read = behind.take(most);
        let read = read.map(|(sequence, record)| StreamedEvent { sequence, record });
        let read = Ok(read.collect());
        Box::pin(async { read })
    }

    fn newest(&self) -> u64 {
        self.0.lock().len() as u64
    }

    fn grown(&self, _: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

/// Is not looked up.
impl EventHistory for KeptAudit {
    fn look_up(
        &self,
        _: ::audit::index::Question,
        _: usize,
    ) -> PortFuture<'_, HistoryPage, NotLookedUp> {
        Box::pin(async { Ok(HistoryPage::default()) })
    }
}

/// Knows no bucket.
struct NoBuckets;

impl Buckets for NoBuckets {
    fn is_open_to(&self, _: &str, _: &AccountId) -> bool {
        false
    }

    fn put<'a>(&'a self, _: BucketObject<'a>) -> PortFuture<'a, (), NotPut> {
        Box::pin(async { Err(NotPut::Refused(String::from("NoSuchBucket"))) })
    }
}

/// Knows no issuer.
struct NoIssuers;

impl IssuerKeys for NoIssuers {
    fn key_set<'a>(&'a self, _: &'a str, _: bool) -> KeySetFuture<'a> {
        Box::pin(async { Err(IssuerKeysError::Unknown) })
    }
}

impl World {
    /// As the root of the account of `a_secret` in its Region.
    pub(crate) fn new() -> Self {
        Self::seeded(1)
    }

    /// With chance of another seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::from_millis(1_768_478_400_000)));
        let entropy = Arc::new(SeededEntropy::new(seed));
        let ring = Arc::new(KeyRing::generate(entropy.clone(), clock.now()).unwrap());
        let bundle = RootBundle::generate(entropy.clone(), clock.now()).unwrap();
        let store = Store::open_memory(ring.clone(), entropy.clone(), crate::KINDS).unwrap();
        let lambda = Arc::default();
        let audit = Arc::new(KeptAudit::default());
        let app = App::new(Outside {
            clock: clock.clone(),
            root: Arc::new(RootKeys::new(bundle)),
            entropy,
            store,
            stream: audit.clone(),
            history: audit.clone(),
            buckets: Arc::new(NoBuckets),
            audit,
            sealer: ring,
            issuer_keys: Arc::new(NoIssuers),
            lambda: Arc::clone(&lambda),
            functions: lambda,
            messenger: Arc::new(crate::ports::Nobody),
            witness: Arc::default(),
            observer: None,
            settings: Settings::default(),
        });
        Self {
            app,
            clock,
            principal: Principal::root(a_secret("db").account),
            region: a_secret("db").region,
            vouched: Vouched::new(),
            downstream: Downstream::default(),
        }
    }

    /// The same services, as the root of `account` sees them.
    pub(crate) fn seen_by(self, account: &str) -> Self {
        let principal = Principal::root(AccountId::parse(account).unwrap());
        Self { principal, ..self }
    }

    pub(crate) async fn encrypt(
        &self,
        secret: &Secret,
        version_id: &str,
        text: &str,
    ) -> SecretValue {
        let facts = self.facts();
        let plaintext = Plaintext::from(text.to_owned());
        let given = GivenValue::of(Some(&plaintext), None).unwrap().unwrap();
        values::encrypt(&self.cx(&facts), secret, version_id, &given)
            .await
            .unwrap()
    }

    pub(crate) async fn decrypt(
        &self,
        secret: &Secret,
        value: &SecretValue,
    ) -> Result<String, Error> {
        let facts = self.facts();
        let opened = values::decrypt(&self.cx(&facts), &Permit::of_tests(), secret, value).await?;
        Ok(String::from_utf8(opened.expose().to_vec()).unwrap())
    }

    /// Stores `secret` with `versions` versions.
    pub(crate) async fn store(&self, mut secret: Secret, versions: usize) -> Secret {
        let permit = Permit::of_tests();
        let mut tx = self.app.ledger.begin();
        for n in 0..versions {
            let id = format!("version-{n}");
            secret
                .versions
                .add(&id, &["AWSCURRENT".to_owned()], 20)
                .unwrap();
            tx.insert(&permit, self.encrypt(&secret, &id, "hunter2").await);
        }
        tx.insert(&permit, secret.clone());
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
        secret
    }

    /// How many values of `secret` are stored, whether or not the secret is.
    pub(crate) async fn values_of(&self, secret: &Secret) -> usize {
        let query = secret.versions_by_age(10_000);
        let mut tx = self.app.ledger.begin();
        tx.query::<SecretValue>(&query).await.unwrap().len()
    }

    pub(crate) fn cx<'a>(&'a self, facts: &'a Facts<'a>) -> Cx<'a> {
        Cx {
            app: &self.app,
            service: &super::SERVICE,
            principal: &self.principal,
            region: &self.region,
            facts,
            within: None,
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            event_source: "secretsmanager.amazonaws.com",
            event_name: "Test",
            read_only: false,
            region: self.region.as_str(),
            now: self.app.clock.now(),
            request_id: "request",
            source_ip: "127.0.0.1",
            user_agent: "",
            principal: Some(&self.principal),
            access_key_id: None,
            referer: None,
            is_secure: true,
            endpoint: None,
            vouched: &self.vouched,
            via: None,
            calling_service: None,
            downstream: &self.downstream,
            request_parameters: None,
        }
    }
}
