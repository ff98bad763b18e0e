//! Keys that were replaced.

use super::*;
use crate::audit::log::Directory;
use ::audit::{KeyChange, RETENTION, Retention, Statement};

/// A closed segment and its digest under the first key, and where the second one begins: a server died then.
async fn replaced() -> (Rig, FakeOutbox) {
    let (rig, outbox) = Rig::signed().await;
    rig.close();
    let stand = rig.stand();
    let place = (stand.previous, stand.base().unwrap());
    let shelf = Directory(rig.dir.path().to_owned());
    rig.signer
        .replace(&shelf, place, &Arc::new(key(8)))
        .unwrap();
    (rig, outbox)
}

/// The first event of the second key.
const FIRST: u64 = 5;

#[tokio::test]
async fn a_server_that_died_as_the_key_was_replaced_goes_on_with_the_new_one() {
    let (mut rig, outbox) = replaced().await;
    // As the next start finds it.
    rig.signer = signer(vec![(7, FIRST)], 8);

    rig.recovered(&outbox).await;
    rig.write(&["e"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    rig.close();
    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d", "e"]));
    for seed in [7, 8] {
        let keys = key(seed).public().clone().into();
        let report = ::audit::verify(rig.dir.path(), &keys).unwrap();
        assert_eq!((report.problems, report.events), (vec![], 5));
        assert_eq!(report.key_changes[0].first, FIRST);
    }
    let beside = rig.path("public-key.pem");
    assert_eq!(
        fs::read_to_string(beside).unwrap(),
        key(8).public().to_pem()
    );
    let name = format!("public-key-{}.pem", key(7).public().id());
    assert_eq!(
        fs::read_to_string(rig.path(&name)).unwrap(),
        key(7).public().to_pem()
    );
}

#[tokio::test]
async fn a_store_with_the_key_that_was_replaced_is_refused() {
    let (rig, outbox) = replaced().await;
    let next = rig.signer.public();
    let old = Rig {
        signer: signer(vec![], 7),
        ..rig
    };

    let complaint = old.complaint(&outbox).await;

    assert_eq!(next, *key(8).public());
    let name = FileName::key(FIRST);
    assert_eq!(
        complaint,
        format!("`{name}` of the audit log says something else")
    );
}

#[tokio::test]
async fn who_has_the_key_that_was_replaced_signs_nothing_more() {
    let (mut rig, outbox) = replaced().await;
    rig.signer = signer(vec![(7, FIRST)], 8);
    rig.write(&["e"]);
    rig.sign_head();
    let thief = Rig {
        signer: signer(vec![], 7),
        dir: tempfile::tempdir().unwrap(),
    };
    for (name, content) in rig.all() {
        thief.put(&name, content);
    }
    thief.sign_head();
    rig.put(HEAD, thief.content(HEAD));
    let of_head = rig.complaint(&outbox).await;
    rig.sign_head();
    thief.close();
    rig.put(
        &FileName::digest(FIRST),
        thief.content(&FileName::digest(FIRST)),
    );

    let of_digest = rig.complaint(&outbox).await;

    let reason = "cannot be believed: it is signed by a key that was replaced before";
    assert_eq!(of_head, format!("`head.json` of the audit log {reason}"));
    let name = FileName::digest(FIRST);
    assert_eq!(of_digest, format!("`{name}` of the audit log {reason}"));
}

#[tokio::test]
async fn nobody_else_names_the_key_that_signs_next() {
    let (rig, outbox) = Rig::signed().await;
    rig.close();
    let stand = rig.stand();
    let change = KeyChange {
        after: stand.base().unwrap(),
        replaced: rig.signer.public(),
        next: key(9).public().clone(),
    };
    let forged = signer(vec![], 9).sign(Some(stand.previous), Said::Key(change));
    let name = FileName::key(FIRST);
    rig.put(&name, forged.unwrap());

    let complaint = rig.complaint(&outbox).await;

    let reason = "it is signed by a key that is not known here";
    assert_eq!(
        complaint,
        format!("`{name}` of the audit log cannot be believed: {reason}")
    );
}

#[tokio::test]
async fn what_was_deleted_is_signed_anew_with_the_key() {
    let (rig, _) = Rig::signed().await;
    rig.close();
    let said = Said::Retention(Retention {
        deleted_through: 2,
        history: false,
    });
    let shelf = Directory(rig.dir.path().to_owned());
    rig.signer.put(&shelf, RETENTION, said.clone()).unwrap();
    let by_old = rig.content(RETENTION);
    let stand = rig.stand();
    let place = (stand.previous, stand.base().unwrap());

    rig.signer
        .replace(&shelf, place, &Arc::new(key(8)))
        .unwrap();
    let at_once = rig.content(RETENTION);
    // As if the server had died before that.
    rig.put(RETENTION, by_old);
    signer(vec![(7, FIRST)], 8)
        .finish_replacing(&shelf)
        .unwrap();
    let later = rig.content(RETENTION);

    let keys = key(8).public().clone().into();
    for content in [at_once, later] {
        let opened = Statement::open(&content, &keys).unwrap();
        assert_eq!(opened.statement.said, said);
    }
}

#[tokio::test]
async fn what_nobody_signed_is_not_signed_anew() {
    let (rig, _) = Rig::signed().await;
    rig.close();
    let shelf = Directory(rig.dir.path().to_owned());
    let said = Said::Retention(Retention {
        deleted_through: 4,
        history: true,
    });
    signer(vec![], 9).put(&shelf, RETENTION, said).unwrap();
    let forged = rig.content(RETENTION);
    let stand = rig.stand();
    let place = (stand.previous, stand.base().unwrap());

    rig.signer
        .replace(&shelf, place, &Arc::new(key(8)))
        .unwrap();

    assert_eq!(rig.content(RETENTION), forged);
}
