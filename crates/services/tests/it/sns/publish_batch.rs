use super::kit::*;
use serde_json::json;
use testkit::{Harness, Reply};

async fn publish_all(h: &Harness, entries: &[(&str, &str)]) -> Reply {
    let names: Vec<[String; 2]> = (1..=entries.len())
        .map(|n| {
            ["Id", "Message"]
                .map(|member| format!("PublishBatchRequestEntries.member.{n}.{member}"))
        })
        .collect();
    let mut parameters = vec![("TopicArn", TOPIC)];
    for ((id, message), [id_name, message_name]) in entries.iter().zip(&names) {
        parameters.extend([(id_name.as_str(), *id), (message_name.as_str(), *message)]);
    }
    h.sns("PublishBatch", &parameters).await
}

#[tokio::test]
async fn each_message_is_told_and_a_wrong_one_keeps_none_back() {
    let (h, _) = with_hook().await;

    let reply = publish_all(&h, &[("a", "one"), ("b", ""), ("c", "two")]).await;
    h.deliver().await;

    let result = &reply.xml_ok()["PublishBatchResult"];
    let ids: Vec<_> = result["Successful"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["Id"])
        .collect();
    assert_eq!(ids, ["a", "c"]);
    let failed = json!([{
        "Id": "b",
        "Code": "InvalidParameter",
        "Message": "Invalid parameter: Empty message",
        "SenderFault": "true",
    }]);
    assert_eq!(result["Failed"], failed);
    let mut told = told(&h, HOOK);
    told.sort_unstable();
    assert_eq!(told, ["one", "two"]);
}

#[tokio::test]
async fn a_batch_is_bounded_and_its_ids_are_distinct() {
    let (h, _) = with_hook().await;
    let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|id| (id.as_str(), "x")).collect();
    let half = "x".repeat(140_000);

    for (entries, code) in [
        (vec![("a", "x"), ("a", "y")], "BatchEntryIdsNotDistinct"),
        (vec![("a b", "x")], "InvalidBatchEntryId"),
        (many, "TooManyEntriesInBatchRequest"),
        (
            vec![("a", half.as_str()), ("b", &half)],
            "BatchRequestTooLong",
        ),
    ] {
        let reply = publish_all(&h, &entries).await;

        assert_eq!(
            (reply.status, &reply.xml()["Error"]["Code"]),
            (400, &json!(code))
        );
    }
    let parameters = [("TopicArn", TOPIC), ("PublishBatchRequestEntries", "")];
    let empty = h.sns("PublishBatch", &parameters).await;

    assert_eq!(empty.xml()["Error"]["Code"], "EmptyBatchRequest");
    h.deliver().await;
    assert!(told(&h, HOOK).is_empty());
}
