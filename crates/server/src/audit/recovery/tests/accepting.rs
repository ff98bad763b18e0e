//! What operators take note of.

use super::*;
use ::audit::Statement;

#[tokio::test]
async fn an_operator_can_take_note_of_a_loss() {
    let (rig, outbox) = Rig::signed().await;
    let (segment, head) = (rig.content(&FileName::segment(3)), rig.content(HEAD));
    rig.write(&["e", "f"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    rig.put(&FileName::segment(3), segment);
    rig.put(HEAD, head);

    let recovered = rig.opened(&outbox, true).await.unwrap();
    let accepted = recovered.accepted.unwrap();
    rig.write(&["g"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    let text = rig.recovered(&outbox).await;

    assert_eq!((accepted.first, accepted.last), (5, 6));
    assert!(rig.path(&FileName::digest(3)).exists());
    assert_eq!(text, lines(&["a", "b", "c", "d", "g"]));
    let report = rig.verified();
    assert_eq!(report.problems, []);
    assert_eq!((report.accepted[0].first, report.accepted[0].last), (5, 6));
    assert_eq!(report.head.unwrap().sequence, 7);
}

#[tokio::test]
async fn what_was_changed_stays_found_when_an_operator_took_note() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let text = String::from_utf8(rig.content(&name)).unwrap();
    rig.put(&name, text.replace("\"d\"", "\"x\""));

    rig.opened(&outbox, true).await.unwrap();
    rig.write(&["e"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    rig.opened(&outbox, false).await.unwrap();

    let report = rig.verified();
    assert_eq!(report.problems[0].file, name);
    assert_eq!(report.problems[0].line, Some(2));
}

#[tokio::test]
async fn what_an_operator_took_note_of_is_closed_and_can_be_deleted_later() {
    let (rig, outbox) = Rig::signed().await;
    rig.write(&["e", "f"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    let name = FileName::segment(3);
    let whole = rig.content(&name);
    let fourth = whole.iter().enumerate().filter(|(_, b)| **b == b'\n');
    let fourth = fourth.map(|(at, _)| at + 1).nth(2).unwrap();
    rig.put(&name, &whole[..fourth + 7]);

    let recovered = rig.opened(&outbox, true).await.unwrap();

    let said = Statement::peek(&rig.content(&FileName::digest(3)));
    let Said::Segment(segment) = said.unwrap().statement.said else {
        panic!("no digest");
    };
    assert_eq!((segment.last_sequence, segment.length), (5, fourth as u64));
    assert_eq!(segment.sha256, Hash::of(&whole[..fourth]));
    let accepted = recovered.accepted.unwrap();
    assert_eq!((accepted.first, accepted.last), (6, 6));
}

#[tokio::test]
async fn a_lost_beginning_is_complained_of_until_an_operator_took_note() {
    for history in [None, Some(lines(&["old"]))] {
        let rig = Rig::new();
        if let Some(history) = history {
            rig.put(HISTORY, history);
        }
        rig.recovered(&FakeOutbox::default()).await;
        rig.write(&["a", "b"]);
        let outbox = FakeOutbox::default();
        outbox.remember(rig.sign_head()).await.unwrap();
        fs::remove_file(rig.path(BEGINNING)).unwrap();

        let complaint = rig.complaint(&outbox).await;
        rig.opened(&outbox, true).await.unwrap();
        rig.write(&["c"]);
        outbox.remember(rig.sign_head()).await.unwrap();
        let text = rig.recovered(&outbox).await;

        assert_eq!(complaint, "the audit log has lost `beginning.json`");
        assert_eq!(text, lines(&["a", "b", "c"]));
        let report = rig.verified();
        assert_eq!((report.problems, report.accepted.len()), (vec![], 1));
    }
}

#[tokio::test]
async fn an_earlier_loss_does_not_excuse_a_lost_beginning() {
    let (rig, outbox) = Rig::signed().await;
    fs::remove_file(rig.path(HEAD)).unwrap();
    rig.opened(&outbox, true).await.unwrap();
    rig.write(&["e"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    fs::remove_file(rig.path(BEGINNING)).unwrap();

    let complaint = rig.complaint(&outbox).await;

    assert_eq!(complaint, "the audit log has lost `beginning.json`");
}

#[tokio::test]
async fn taking_note_twice_of_the_same_place_keeps_the_chain_of_statements() {
    let (rig, outbox) = Rig::signed().await;
    let lose_head = || fs::remove_file(rig.path(HEAD)).unwrap();
    lose_head();
    rig.opened(&outbox, true).await.unwrap();
    let first = rig.content(&FileName::loss(5));
    rig.opened(&outbox, true).await.unwrap();
    let unchanged = rig.content(&FileName::loss(5)) == first;
    rig.put(&FileName::loss(5), b"{}");
    rig.opened(&outbox, true).await.unwrap();

    rig.write(&["e"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    rig.opened(&outbox, false).await.unwrap();

    assert!(unchanged);
    assert_eq!(rig.verified().problems, []);
}
