//! Leases: one of several nodes at a time does what has a name, and nobody who lost it stores
//! anything.
//!
//! A lease is two records. One says who holds it, and changes only when that changes; with it the
//! fencing token rises. The other says until when, and changes whenever the holder renews. A fenced
//! transaction reads the first: it cannot commit once somebody else has the lease, and is not in the
//! way of a renewal.

use crate::{
    CodecError, Column, ColumnType, Key, Kind, Record, Store, StoreError, Tx, Value, Versioned,
    decode_body, encode_body, key,
};
use base::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The records of leases. A store that gives leases is opened with it.
pub static LEASES: Kind = Kind {
    name: "lease",
    service: "store",
    version: 1,
    key: &[
        Column::text("name"),
        Column {
            name: "half",
            ty: ColumnType::Int,
        },
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// A hold on something that one at a time may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    token: u64,
}

impl Lease {
    /// What it is a lease of.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number: larger than that of every lease of this name before it.
    pub fn token(&self) -> u64 {
        self.token
    }
}

impl Store {
    /// The present moment as all nodes have it: the database's where there are several, and `own`
    /// where there is one.
    pub async fn now(&self, own: Timestamp) -> Result<Timestamp, StoreError> {
        match self.inner.engine().now() {
            Some(now) => now.await,
            None => Ok(own),
        }
    }

    /// Takes the lease called `name` for `owner`, for the time `ttl`. `None`: another has it.
    ///
    /// Who has it already takes it again, with another token: what an earlier run of it still does is
    /// fenced off.
    pub async fn lease(
        &self,
        name: &str,
        owner: &str,
        ttl: Duration,
        own_now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let now = self.now(own_now).await?;
        let mut tx = self.begin();
        let holder = Half::find(&mut tx, name, HOLDER).await?;
        let expiry = Half::find(&mut tx, name, EXPIRY).await?;
        let (held_by, last_token) = match holder.as_ref().map(|found| &*found.record) {
            Some(Half::Holder { owner, token, .. }) => (owner.as_deref(), *token),
            _ => (None, 0),
        };
        let until = match expiry.as_ref().map(|found| &*found.record) {
            Some(Half::Expiry { until, .. }) => Timestamp::from_millis(*until),
            _ => now,
        };
        if held_by.is_some_and(|holder| holder != owner) && until > now {
            return Ok(None);
        }
        let token = last_token.saturating_add(1);
        let taken = Half::Holder {
            name: name.to_owned(),
            owner: Some(owner.to_owned()),
            token,
        };
        taken.put(&mut tx, holder);
        Half::ending(name, now, ttl).put(&mut tx, expiry);
        match tx.commit(Vec::new()).await {
            Ok(_) => Ok(Some(Lease {
                name: name.to_owned(),
                token,
            })),
            // Another was quicker.
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Holds `lease` for the time `ttl` from now on. `false`: another has it, or it was given back.
    ///
    /// One that has ended can be renewed as long as nobody has taken it.
    pub async fn renew(
        &self,
        lease: &Lease,
        ttl: Duration,
        own_now: Timestamp,
    ) -> Result<bool, StoreError> {
        let now = self.now(own_now).await?;
        let mut tx = self.begin();
        if !tx.holds(lease).await? {
            return Ok(false);
        }
        let expiry = Half::find(&mut tx, &lease.name, EXPIRY).await?;
        Half::ending(&lease.name, now, ttl).put(&mut tx, expiry);
        match tx.commit(Vec::new()).await {
            Ok(_) => Ok(true),
            // Only the holder renews, so somebody else has become that.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives `lease` back, if it is still held.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.begin();
        if !tx.holds(lease).await? {
            return Ok(());
        }
        let holder = Half::find(&mut tx, &lease.name, HOLDER).await?;
        let free = Half::Holder {
            name: lease.name.clone(),
            owner: None,
            token: lease.token,
        };
        free.put(&mut tx, holder);
        match tx.commit(Vec::new()).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Tx {
    /// Has the commit answer [`StoreError::Conflict`] unless `lease` is still held then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not any more.
    pub async fn fence(&mut self, lease: &Lease) -> Result<(), StoreError> {
        if self.holds(lease).await? {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }

    /// Whether `lease` is held, which has to be so until the commit.
    async fn holds(&mut self, lease: &Lease) -> Result<bool, StoreError> {
        let holder = Half::find(self, &lease.name, HOLDER).await?;
        Ok(matches!(
            holder.as_ref().map(|found| &*found.record),
            Some(Half::Holder { owner: Some(_), token, .. }) if *token == lease.token
        ))
    }
}

/// One of the two records of a lease.
#[derive(Clone, Serialize, Deserialize)]
enum Half {
    Holder {
        name: String,
        owner: Option<String>,
        token: u64,
    },
    Expiry {
        name: String,
        until: i64,
    },
}

impl Half {
    async fn find(
        tx: &mut Tx,
        name: &str,
        half: i64,
    ) -> Result<Option<Versioned<Self>>, StoreError> {
        tx.get::<Self>(&key![name, half]).await
    }

    fn ending(name: &str, now: Timestamp, ttl: Duration) -> Self {
        let millis = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        Self::Expiry {
            name: name.to_owned(),
            until: now.as_millis().saturating_add(millis),
        }
    }

    fn put(self, tx: &mut Tx, before: Option<Versioned<Self>>) {
        match before {
            Some(before) => tx.update(self, before.rev),
            None => tx.insert(self),
        }
    }
}

impl Record for Half {
    const KIND: &'static Kind = &LEASES;

    fn key(&self) -> Key {
        match self {
            Self::Holder { name, .. } => key![name, HOLDER],
            Self::Expiry { name, .. } => key![name, EXPIRY],
        }
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body(body),
            unknown => Err(CodecError::UnknownVersion(unknown)),
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>()
    }
}

const HOLDER: i64 = 0;
const EXPIRY: i64 = 1;
