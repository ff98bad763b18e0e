//! Kinds, records, a sealer and the engines for the cases.

use base::{Context, Entropy, Plaintext, SealError, Sealed, Sealer};
use std::hash::{DefaultHasher, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "postgres")]
use std::time::Duration;
#[cfg(feature = "postgres")]
use strongroom_store::PostgresOptions;
use strongroom_store::{
    CodecError, Column, Database, Index, Key, Kind, Query, Record, SqliteOptions, Store,
    StoreError, StoreOptions, Value, Versioned, decode_body, encode_body, key,
};

/// Makes a test of each case for each engine.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::support::Bench::memory()).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::support::Bench::sqlite()).await;
            })+
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                if let Some(bench) = $crate::support::Bench::postgres() {
                    super::$case(bench).await;
                }
            })+
        }
    };
}
pub(crate) use on_every_engine;

#[cfg(feature = "postgres")]
pub(crate) mod postgres;

/// A database that stores can be opened over, again and again.
pub(crate) struct Bench {
    memory: Option<Database>,
    #[cfg(feature = "postgres")]
    pub(crate) postgres: Option<postgres::Place>,
    dir: tempfile::TempDir,
    entropy: Arc<SeededEntropy>,
    pub(crate) cache_bytes: u64,
}

impl Bench {
    pub(crate) fn memory() -> Self {
        Self {
            memory: Some(Database::memory()),
            ..Self::sqlite()
        }
    }

    pub(crate) fn sqlite() -> Self {
        Self {
            memory: None,
            #[cfg(feature = "postgres")]
            postgres: None,
            dir: tempfile::tempdir().unwrap(),
            entropy: Arc::default(),
            cache_bytes: 1 << 20,
        }
    }

    /// One of each engine.
    pub(crate) fn all() -> Vec<Self> {
        #[cfg(feature = "postgres")]
        let others = Self::postgres();
        #[cfg(not(feature = "postgres"))]
        let others = None;
        [Self::memory(), Self::sqlite()]
            .into_iter()
            .chain(others)
            .collect()
    }

    /// In the server that all tests share; `None`: there is none, and none is needed.
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::at(postgres::Place::shared()?))
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn at(place: postgres::Place) -> Self {
        Self {
            postgres: Some(place),
            ..Self::sqlite()
        }
    }

    /// The settings of a node called `name`.
    #[cfg(feature = "postgres")]
    pub(crate) fn node(&self, name: &str) -> PostgresOptions {
        let place = self.postgres.as_ref().unwrap();
        let mut options = PostgresOptions::parse(&place.url()).unwrap();
        options.schema.clone_from(&place.schema);
        options.node = name.to_owned();
        // The machine may be busy.
        options.connect_timeout = Duration::from_secs(20);
        options.pool_timeout = Duration::from_secs(20);
        options
    }

    /// A store of a node with these settings.
    #[cfg(feature = "postgres")]
    pub(crate) fn store_with(&self, options: &PostgresOptions) -> Store {
        let database = Database::postgres(options, self.entropy.clone()).unwrap();
        self.over(database, &[&ITEM, &TWIN]).unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("store.db")
    }

    pub(crate) fn database(&self) -> Database {
        #[cfg(feature = "postgres")]
        if self.postgres.is_some() {
            return Database::postgres(&self.node("one"), self.entropy.clone()).unwrap();
        }
        match &self.memory {
            Some(database) => database.clone(),
            None => Database::sqlite(&self.path(), &SqliteOptions::default()).unwrap(),
        }
    }

    pub(crate) fn store(&self) -> Store {
        self.store_of(&[&ITEM, &TWIN]).unwrap()
    }

    pub(crate) fn store_of(&self, kinds: &[&'static Kind]) -> Result<Store, StoreError> {
        self.over(self.database(), kinds)
    }

    fn over(&self, database: Database, kinds: &[&'static Kind]) -> Result<Store, StoreError> {
        let options = StoreOptions {
            cache_bytes: self.cache_bytes,
        };
        Store::new(
            database,
            Arc::new(FakeSealer),
            self.entropy.clone(),
            kinds,
            &options,
        )
    }

    /// Ends `store` and opens another one over what it kept.
    pub(crate) async fn reopen(&self, store: Store) -> Store {
        self.end(store).await;
        self.store()
    }

    /// Ends `store`. What is in memory would be gone if that were closed.
    pub(crate) async fn end(&self, store: Store) {
        if self.memory.is_none() {
            store.close().await.unwrap();
        }
    }
}

/// A thing with a key of two columns, a number and a text that may be missing, and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) due: Option<i64>,
    pub(crate) owner: Option<String>,
    pub(crate) text: String,
}

pub(crate) fn item(account: &str, name: &str) -> Item {
    Item {
        account: account.to_owned(),
        name: name.to_owned(),
        due: None,
        owner: None,
        text: String::new(),
    }
}

impl Item {
    pub(crate) fn due(mut self, due: i64) -> Self {
        self.due = Some(due);
        self
    }

    pub(crate) fn owner(mut self, owner: &str) -> Self {
        self.owner = Some(owner.to_owned());
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text = text.to_owned();
        self
    }
}

const KEY: &[Column] = &[Column::text("account"), Column::text("name")];
const COLUMNS: &[Column] = &[Column::int("due"), Column::text("owner")];
const INDEXES: &[Index] = &[
    Index {
        name: "by_due",
        columns: &["due"],
    },
    Index {
        name: "by_owner",
        columns: &["account", "owner", "due"],
    },
    Index {
        name: "by_name",
        columns: &["name"],
    },
];

pub(crate) static ITEM: Kind = ITEM_DECLARATION;

/// For declarations that differ from it.
pub(crate) const ITEM_DECLARATION: Kind = Kind {
    name: "test_item",
    service: "test",
    version: 1,
    key: KEY,
    columns: COLUMNS,
    indexes: INDEXES,
    cached: true,
};

impl Record for Item {
    const KIND: &'static Kind = &ITEM;

    fn key(&self) -> Key {
        key![&self.account, &self.name]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.due.into(), self.owner.as_deref().into()]
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        let Self {
            account,
            name,
            due,
            owner,
            text,
        } = self;
        encode_body(&(account, name, due, owner, text))
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        if version != 1 {
            return Err(CodecError::UnknownVersion(version));
        }
        let (account, name, due, owner, text) = decode_body(body)?;
        Ok(Self {
            account,
            name,
            due,
            owner,
            text,
        })
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.text.len()
    }
}

/// The same as an item in a table of its own, and not cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Twin(pub(crate) Item);

pub(crate) static TWIN: Kind = Kind {
    name: "test_twin",
    service: "test",
    version: 1,
    key: KEY,
    columns: COLUMNS,
    indexes: INDEXES,
    cached: false,
};

impl Record for Twin {
    const KIND: &'static Kind = &TWIN;

    fn key(&self) -> Key {
        self.0.key()
    }

    fn columns(&self) -> Vec<Value> {
        self.0.columns()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        self.0.encode()
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        Item::decode(version, body).map(Self)
    }

    fn weight(&self) -> usize {
        self.0.weight()
    }
}

/// The record under `key`, read by a transaction of its own.
pub(crate) async fn read<R: Record>(
    store: &Store,
    key: &Key,
) -> Result<Option<Versioned<R>>, StoreError> {
    store.begin().get::<R>(key).await
}

/// The item `account`, `name`, without its revision.
pub(crate) async fn item_at(store: &Store, account: &str, name: &str) -> Option<Item> {
    let found = read::<Item>(store, &key![account, name]).await.unwrap();
    found.map(|found| (*found.record).clone())
}

/// Inserts `items` in one transaction.
pub(crate) async fn put(store: &Store, items: impl IntoIterator<Item = Item>) {
    let mut tx = store.begin();
    for item in items {
        tx.insert(item);
    }
    tx.commit(Vec::new()).await.unwrap();
}

/// The names that `query` gives.
pub(crate) async fn names(store: &Store, query: &Query) -> Vec<String> {
    let found = store.begin().query::<Item>(query).await.unwrap();
    found
        .iter()
        .map(|found| found.record.name.clone())
        .collect()
}

/// Authenticates with a keyed hash and hides with a stream of it. Good enough for tests only.
pub(crate) struct FakeSealer;

impl FakeSealer {
    fn hash(context: Context<'_>, part: &[u8], number: u64) -> [u8; 8] {
        let mut hasher = DefaultHasher::new();
        hasher.write(b"a key for tests");
        hasher.write(&context.to_aad());
        hasher.write_u64(number);
        hasher.write(part);
        hasher.finish().to_be_bytes()
    }

    fn xor(context: Context<'_>, tag: &[u8], bytes: &[u8]) -> Vec<u8> {
        let stream = (0_u64..).flat_map(|number| Self::hash(context, tag, number));
        bytes.iter().zip(stream).map(|(a, b)| a ^ b).collect()
    }
}

impl Sealer for FakeSealer {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let tag = Self::hash(context, plaintext, u64::MAX);
        let hidden = Self::xor(context, &tag, plaintext);
        Ok(Sealed([tag.as_slice(), &hidden].concat()))
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        let (tag, hidden) = sealed.split_at_checked(8).ok_or(SealError::NotAuthentic)?;
        let plaintext = Self::xor(context, tag, hidden);
        if Self::hash(context, &plaintext, u64::MAX) == tag {
            Ok(Plaintext::new(plaintext))
        } else {
            Err(SealError::NotAuthentic)
        }
    }
}

/// SplitMix64.
#[derive(Default)]
pub(crate) struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, buf: &mut [u8]) {
        for chunk in buf.chunks_mut(8) {
            let step = 0x9e37_79b9_7f4a_7c15_u64;
            let mut z = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (z ^ (z >> 31)).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
