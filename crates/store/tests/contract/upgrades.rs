//! Bodies of older versions are upgraded when read. The files were written once and stay.

use crate::support::{Bench, on_every_engine, read};
use serde::{Deserialize, Serialize};
use strongroom_store::{
    CodecError, Column, Key, Kind, Record, StoreError, Value, decode_body, encode_body, key,
};

/// A card as it was first stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CardV1 {
    holder: String,
}

/// A card as it is stored now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Card {
    holder: String,
    level: u32,
}

impl From<CardV1> for Card {
    fn from(CardV1 { holder }: CardV1) -> Self {
        Self { holder, level: 1 }
    }
}

const DECLARATION: Kind = Kind {
    name: "test_card",
    service: "test",
    version: 2,
    key: &[Column::text("holder")],
    columns: &[],
    indexes: &[],
    cached: true,
};
static CARD_V1: Kind = Kind {
    version: 1,
    ..DECLARATION
};
static CARD: Kind = DECLARATION;

impl Record for Card {
    const KIND: &'static Kind = &CARD;

    fn key(&self) -> Key {
        key![&self.holder]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body::<CardV1>(body).map(Self::from),
            2 => decode_body(body),
            unknown => Err(CodecError::UnknownVersion(unknown)),
        }
    }

    fn weight(&self) -> usize {
        self.holder.len()
    }
}

/// The program before the upgrade.
impl Record for CardV1 {
    const KIND: &'static Kind = &CARD_V1;

    fn key(&self) -> Key {
        key![&self.holder]
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
        self.holder.len()
    }
}

#[test]
fn every_version_ever_written_is_read() {
    let v1 = include_bytes!("../records/card/v1.bin");
    let v2 = include_bytes!("../records/card/v2.bin");

    assert_eq!(
        Card::decode(1, v1),
        Ok(Card {
            holder: String::from("ada"),
            level: 1
        })
    );
    let grace = Card {
        holder: String::from("grace"),
        level: 7,
    };
    assert_eq!(Card::decode(2, v2), Ok(grace.clone()));
    assert_eq!(grace.encode().as_deref(), Ok(v2.as_slice()));
    assert_eq!(Card::decode(3, v2), Err(CodecError::UnknownVersion(3)));
}

on_every_engine! {
    an_older_record_is_upgraded_and_rewritten_by_an_update,
    a_newer_record_is_an_error_in_lists_too,
}

async fn an_older_record_is_upgraded_and_rewritten_by_an_update(bench: Bench) {
    let old = bench.store_of(&[&CARD_V1]).unwrap();
    let mut tx = old.begin();
    tx.insert(CardV1 {
        holder: String::from("ada"),
    });
    tx.commit(Vec::new()).await.unwrap();
    drop(old);

    let new = bench.store_of(&[&CARD]).unwrap();
    let mut tx = new.begin();
    let seen = tx.get::<Card>(&key!["ada"]).await.unwrap().unwrap();
    let raised = Card {
        level: seen.record.level + 1,
        ..(*seen.record).clone()
    };
    tx.update(raised.clone(), seen.rev);
    tx.commit(Vec::new()).await.unwrap();

    let again = read::<Card>(&new, &key!["ada"]).await.unwrap().unwrap();
    assert_eq!(*again.record, raised);
}

async fn a_newer_record_is_an_error_in_lists_too(bench: Bench) {
    let new = bench.store_of(&[&CARD]).unwrap();
    let mut tx = new.begin();
    tx.insert(Card {
        holder: String::from("ada"),
        level: 3,
    });
    tx.commit(Vec::new()).await.unwrap();
    drop(new);

    let old = bench.store_of(&[&CARD_V1]).unwrap();
    let got = read::<CardV1>(&old, &key!["ada"]).await.unwrap_err();
    let query = strongroom_store::Query::primary(9);
    let listed = old.begin().query::<CardV1>(&query).await.unwrap_err();

    for error in [got, listed] {
        assert!(matches!(
            error,
            StoreError::Codec {
                source: CodecError::UnknownVersion(2),
                ..
            }
        ));
    }
}
