use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_topic_is_made_once() {
    let h = Harness::new().await;

    let first = h.sns("CreateTopic", &[("Name", "t")]).await;
    let again = h.sns("CreateTopic", &[("Name", "t")]).await;

    let expected = json!({ "CreateTopicResult": { "TopicArn": TOPIC } });
    assert_eq!(
        (first.xml_ok(), again.xml_ok()),
        (expected.clone(), expected)
    );
    let event = &h.audit.events_of(&first.request_id)[0];
    assert_eq!(event["requestParameters"], json!({ "name": "t" }));
    assert_eq!(event["responseElements"], json!({ "topicArn": TOPIC }));
    let listed = h.sns("ListTopics", &[]).await.xml_ok();
    assert_eq!(
        listed["ListTopicsResult"]["Topics"],
        json!([{ "TopicArn": TOPIC }])
    );
}

#[tokio::test]
async fn attributes_and_tags_are_set_with_it_and_have_to_be_the_same_again() {
    let h = Harness::new().await;
    let named = |name| {
        [
            ("Name", "t"),
            ("Attributes.entry.1.key", "DisplayName"),
            ("Attributes.entry.1.value", name),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "a"),
        ]
    };

    h.sns("CreateTopic", &named("Ops")).await.xml_ok();
    h.sns("CreateTopic", &named("Ops")).await.xml_ok();
    let other = h.sns("CreateTopic", &named("Dev")).await;

    let text =
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes";
    other.xml_refused(400, "InvalidParameter", text);
    assert_eq!(topic(&h).await["DisplayName"], "Ops");
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let h = Harness::new().await;

    let empty = h.sns("CreateTopic", &[("Name", "")]).await;
    let wrong = h.sns("CreateTopic", &[("Name", "a b")]).await;
    let fifo = h.sns("CreateTopic", &[("Name", "t.fifo")]).await;

    empty.xml_refused(400, "InvalidParameter", "Invalid parameter: Topic Name");
    wrong.xml_refused(400, "InvalidParameter", "Invalid parameter: Topic Name");
    let text = "Invalid parameter: A FIFO topic is not supported by this server yet.";
    fifo.xml_refused(400, "InvalidParameter", text);
}
