//! Ciphertexts that were moved, relabelled, flipped or cut short: none opens.

use super::kit::*;
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::json;
use testkit::{Harness, Reply};

async fn open(h: &Harness, blob: &[u8]) -> Reply {
    let body = json!({ "CiphertextBlob": BASE64.encode(blob) });
    h.kms("Decrypt", body).await
}

/// The same bytes with `from` replaced by `to`, which is as long.
fn relabelled(blob: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = blob
        .windows(from.len())
        .position(|run| run == from.as_bytes());
    let at = at.unwrap();
    let mut moved = blob.to_vec();
    moved[at..at + to.len()].copy_from_slice(to.as_bytes());
    moved
}

#[tokio::test]
async fn a_ciphertext_relabelled_to_another_key_account_or_region_does_not_open() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let blob = bytes(&json!(encrypted(&h, &key, json!({})).await));

    let to_key = relabelled(&blob, id_of(&key), id_of(&other));
    open(&h, &to_key)
        .await
        .refused("InvalidCiphertextException", "");
    let out_of_reach = "User: arn:aws:iam::123456789012:root is not authorized to perform: \
                        kms:Decrypt on the resource associated with this ciphertext because the \
                        resource does not exist in this Region, no resource-based policies allow \
                        access, or a resource-based policy explicitly denies access";
    for (from, to) in [("123456789012", "999988887777"), ("us-east-1", "eu-west-1")] {
        let moved = relabelled(&blob, from, to);
        open(&h, &moved)
            .await
            .refused("AccessDeniedException", out_of_reach);
    }
    assert_eq!(open(&h, &blob).await.ok()["Plaintext"], SECRET);
}

#[tokio::test]
async fn a_ciphertext_of_another_account_does_not_open_under_a_key_of_ours() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let key = h.a_key().await;
    let created = h.kms_as(&other, "CreateKey", json!({})).await.ok();
    let theirs = created["KeyMetadata"]["KeyId"].as_str().unwrap();
    let body = json!({ "KeyId": theirs, "Plaintext": SECRET });
    let sealed = h.kms_as(&other, "Encrypt", body).await.ok();

    let moved = relabelled(&bytes(&sealed["CiphertextBlob"]), theirs, id_of(&key));
    let moved = relabelled(&moved, "999988887777", "123456789012");

    open(&h, &moved)
        .await
        .refused("InvalidCiphertextException", "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_damaged_ciphertext_never_opens(at: prop::sample::Index, bit in 0..8_u8) {
        crate::block_on(async {
            let h = Harness::new().await;
            let key = h.a_key().await;
            let blob = bytes(&json!(encrypted(&h, &key, json!({})).await));

            let mut flipped = blob.clone();
            let place = at.index(blob.len());
            flipped[place] ^= 1 << bit;
            let shortened = &blob[..place.max(1)];
            let longer = [blob.as_slice(), b"\0"].concat();

            for damaged in [flipped.as_slice(), shortened, &longer] {
                let reply = open(&h, damaged).await;
                let code = reply.json()["__type"].clone();
                let refused = ["InvalidCiphertextException", "AccessDeniedException"];
                assert_eq!(reply.status, 400);
                assert!(refused.contains(&code.as_str().unwrap()), "{code}");
            }
        });
    }
}
