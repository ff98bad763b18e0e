//! Bodies: a record's version and encoded form, sealed to the one row and revision it belongs to.
//!
//! SECURITY: the engine is untrusted. A body opens only in its own service, kind, key and
//! revision, so it cannot be moved or played back into a later revision or a recreated row. Key
//! and columns are readable, so they are computed again from the opened record and compared: a row
//! cannot be filed under another key, nor found through an index it does not belong in. What this
//! cannot show is a whole row removed, or put back to its earlier revision with everything of it.

use crate::engine::Row;
use crate::{CodecError, Key, Kind, Record, Rev, StoreError, Value};
use base::{Context, Plaintext, SealError, Sealer};

/// A record's version and encoded form, before it is sealed.
pub(crate) fn encode<R: Record>(record: &R) -> Result<Plaintext, CodecError> {
    let encoded = Plaintext::new(record.encode()?);
    let mut body = Vec::with_capacity(encoded.len().saturating_add(VERSION_BYTES));
    body.extend_from_slice(&R::KIND.version.to_be_bytes());
    body.extend_from_slice(encoded.expose());
    Ok(Plaintext::new(body))
}

/// Seals a body to its row.
pub(crate) fn seal(
    sealer: &dyn Sealer,
    kind: &'static Kind,
    key: &Key,
    rev: Rev,
    body: &Plaintext,
) -> Result<Vec<u8>, StoreError> {
    in_context(kind, key, rev, |context| {
        sealer.seal(context, body.expose())
    })
    .map(|sealed| sealed.0)
    .map_err(|source| StoreError::Seal {
        kind: kind.name,
        source,
    })
}

/// Opens and decodes the record of a row, and checks that the row is the record's.
pub(crate) fn open<R: Record>(sealer: &dyn Sealer, row: &Row) -> Result<R, StoreError> {
    let kind = R::KIND;
    let corrupt = || StoreError::Corrupt { kind: kind.name };
    let codec = |source| StoreError::Codec {
        kind: kind.name,
        source,
    };
    let opened = in_context(kind, &row.key, row.rev, |context| {
        sealer.open(context, &row.body)
    });
    let body = opened.map_err(|source| not_opened(kind.name, source))?;
    let (version, encoded) = body
        .expose()
        .split_first_chunk::<VERSION_BYTES>()
        .ok_or_else(corrupt)?;
    let record = R::decode(u16::from_be_bytes(*version), encoded).map_err(codec)?;
    if record.key() == row.key && record.columns() == row.columns {
        Ok(record)
    } else {
        Err(corrupt())
    }
}

/// Seals an outbox entry. It has no place of its own yet, so only the table is bound.
pub(crate) fn seal_outbox(sealer: &dyn Sealer, body: &[u8]) -> Result<Vec<u8>, StoreError> {
    sealer
        .seal(Context(&[OUTBOX.as_bytes()]), body)
        .map(|sealed| sealed.0)
        .map_err(|source| StoreError::Seal {
            kind: OUTBOX,
            source,
        })
}

/// Opens an outbox entry.
pub(crate) fn open_outbox(sealer: &dyn Sealer, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    sealer
        .open(Context(&[OUTBOX.as_bytes()]), sealed)
        .map(|body| body.expose().to_vec())
        .map_err(|source| not_opened(OUTBOX, source))
}

/// Does `open`, and when it missed a key, once more with the keys that other nodes have made meanwhile.
///
/// INVARIANT: a key is stored before anything is sealed with it, so what names one that is unknown
/// even then is not authentic; and what is not known because the keys could not be had is not corrupt.
pub(crate) async fn renewing<T>(
    sealer: &dyn Sealer,
    open: impl Fn() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let missed = match open() {
        Err(StoreError::Seal {
            kind,
            source: SealError::UnknownKey,
        }) => kind,
        other => return other,
    };
    let Some(renewed) = sealer.renew() else {
        return Err(StoreError::Corrupt { kind: missed });
    };
    renewed.await.map_err(StoreError::Unavailable)?;
    open().map_err(|error| match error {
        StoreError::Seal {
            kind,
            source: SealError::UnknownKey,
        } => StoreError::Corrupt { kind },
        other => other,
    })
}

fn not_opened(kind: &'static str, source: SealError) -> StoreError {
    match source {
        SealError::NotAuthentic => StoreError::Corrupt { kind },
        SealError::UnknownKey | SealError::Cipher => StoreError::Seal { kind, source },
    }
}

/// The body of `row`, opened and sealed again for the same place and revision.
pub(crate) fn reseal(
    sealer: &dyn Sealer,
    kind: &'static Kind,
    row: &Row,
) -> Result<Vec<u8>, StoreError> {
    let opened = in_context(kind, &row.key, row.rev, |context| {
        sealer.open(context, &row.body)
    });
    let body = opened.map_err(|source| not_opened(kind.name, source))?;
    seal(sealer, kind, &row.key, row.rev, &body)
}

fn in_context<T>(kind: &Kind, key: &Key, rev: Rev, call: impl FnOnce(Context<'_>) -> T) -> T {
    let rev = rev.0.to_be_bytes();
    let values: Vec<Vec<u8>> = key.values().iter().map(Value::to_context).collect();
    let mut fields: Vec<&[u8]> = Vec::with_capacity(values.len().saturating_add(4));
    fields.extend([
        RECORD.as_bytes(),
        kind.service.as_bytes(),
        kind.name.as_bytes(),
        rev.as_slice(),
    ]);
    fields.extend(values.iter().map(Vec::as_slice));
    call(Context(&fields))
}

/// So many bytes of version are in front of the encoded form.
const VERSION_BYTES: usize = 2;
/// First field of a record's context, apart from every other use of the sealer.
const RECORD: &str = "record";
const OUTBOX: &str = "audit_outbox";
