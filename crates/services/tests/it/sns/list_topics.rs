use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn topics_come_in_pages_of_a_hundred() {
    let h = Harness::new().await;
    for n in 0..101 {
        h.sns("CreateTopic", &[("Name", &format!("t{n:03}"))])
            .await
            .xml_ok();
    }

    let mut first = h.sns("ListTopics", &[]).await.xml_ok();
    let token = first["ListTopicsResult"]["NextToken"].take();
    let next = [("NextToken", token.as_str().unwrap())];
    let second = h.sns("ListTopics", &next).await.xml_ok();

    assert_eq!(
        first["ListTopicsResult"]["Topics"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    let last = json!({ "Topics": [{ "TopicArn": format!("{TOPIC}100") }] });
    assert_eq!(second["ListTopicsResult"], last);
    let elsewhere = h.sns("ListSubscriptions", &next).await;
    elsewhere.xml_refused(400, "InvalidParameter", "Invalid parameter: NextToken");
}
