use super::kit::*;
use super::tag_resource::tags;

#[tokio::test]
async fn a_topic_without_tags_has_an_empty_list() {
    let h = with_topic().await;

    assert_eq!(tags(&h).await, "");
    let missing = format!("{TOPIC}x");
    let missing = h
        .sns("ListTagsForResource", &[("ResourceArn", &missing)])
        .await;
    missing.xml_refused(404, "ResourceNotFound", "Resource does not exist");
}
