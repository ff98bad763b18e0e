//! What a sealed server leaves behind.

use super::*;

#[tokio::test]
async fn a_sealed_server_can_begin_a_log_that_is_signed_later() {
    for history in [None, Some(lines(&["old"]))] {
        let rig = Rig::new();
        if let Some(history) = history {
            rig.put(HISTORY, history);
        }
        rig.write(&["a"]);
        rig.write(&["b"]);

        let text = rig.recovered(&FakeOutbox::default()).await;

        assert_eq!(text, lines(&["a", "b"]));
        assert_eq!(rig.verified().problems, []);
    }
}

#[tokio::test]
async fn a_sealed_server_goes_on_behind_a_closed_segment() {
    let (rig, outbox) = Rig::signed().await;
    rig.close();
    rig.write(&["e"]);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d", "e"]));
    assert_eq!(tail::segments(rig.dir.path()).unwrap(), [1, 3, 5].into());
}

#[tokio::test]
async fn a_sealed_server_cuts_nothing_that_was_signed() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let mut torn = rig.content(&name);
    torn.truncate(torn.len() - 9);
    rig.put(&name, &torn);

    rig.write(&["e"]);

    let after = rig.content(&name);
    assert_eq!(after[..torn.len()], torn);
    assert_eq!(after[torn.len()], b'\n');
    assert!(rig.complaint(&outbox).await.contains("line 2 of"));
}

#[tokio::test]
async fn a_sealed_server_without_a_head_cuts_nothing() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let torn = [rig.content(&name).as_slice(), b"half"].concat();
    rig.put(&name, &torn);
    fs::remove_file(rig.path(HEAD)).unwrap();

    rig.write(&["e"]);

    assert_eq!(rig.content(&name)[..torn.len()], torn);
    let complaint = rig.complaint(&outbox).await;
    assert_eq!(complaint, "the audit log has lost `head.json`");
}

#[tokio::test]
async fn a_sealed_server_goes_on_before_a_hole_behind_the_head() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let signed = rig.content(&name);
    rig.write(&["e", "f", "g"]);
    let mut torn = rig.content(&name);
    let within_f = signed.len() + (torn.len() - signed.len()) / 2;
    torn[within_f] ^= 1;
    rig.put(&name, torn);

    rig.write(&["h"]);
    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d", "e", "h"]));
    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn a_sealed_server_sees_a_hole_in_a_segment_behind_the_heads() {
    let (rig, outbox) = Rig::signed().await;
    rig.close();
    rig.write(&["e", "f"]);
    let name = FileName::segment(5);
    let content = rig.content(&name);
    rig.put(&name, [&content[..content.len() - 3], &[0; 40]].concat());

    rig.write(&["g"]);
    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d", "e", "g"]));
}

#[tokio::test]
async fn a_sealed_server_cuts_nothing_behind_a_line_that_is_not_the_heads() {
    let (rig, outbox) = Rig::signed().await;
    fs::remove_file(rig.path(&FileName::segment(3))).unwrap();
    rig.write(&["x", "y"]);
    rig.write(&["z"]);

    rig.write(&["w"]);

    let text = all_text(rig.dir.path());
    assert_eq!(text, lines(&["a", "b", "x", "y", "z", "w"]));
    let complaint = rig.complaint(&outbox).await;
    assert_eq!(
        complaint,
        "event 4 of the audit log is not the one that was signed"
    );
}
