use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

async fn refused(h: &Harness, more: Value, code: &str, text: &str) {
    let body = with(json!({ "Name": "trail", "S3BucketName": BUCKET }), more);
    h.cloudtrail("CreateTrail", body).await.refused(code, text);
    let trails = h.cloudtrail("ListTrails", json!({})).await.ok();
    assert_eq!(trails, json!({ "Trails": [] }));
}

#[tokio::test]
async fn a_trail_has_what_it_was_given_and_does_not_log() {
    let h = Harness::new().await;

    let created = a_trail(&h, "trail", json!({ "S3KeyPrefix": "year/one" })).await;

    let expected = json!({
        "Name": "trail", "S3BucketName": BUCKET, "S3KeyPrefix": "year/one",
        "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": false,
        "TrailARN": arn("trail"), "LogFileValidationEnabled": false,
        "IsOrganizationTrail": false,
    });
    assert_eq!(created, expected);
    assert_eq!(status(&h, "trail").await["IsLogging"], false);
    let event = h.audit.named("CreateTrail").pop().unwrap();
    assert_eq!(event["requestParameters"]["s3BucketName"], BUCKET);
    assert_eq!(event["responseElements"]["trailARN"], arn("trail"));
}

#[tokio::test]
async fn a_name_that_is_taken_or_no_name_is_refused() {
    let h = Harness::new().await;
    let taken = json!({ "Name": "taken", "S3BucketName": BUCKET });
    h.cloudtrail("CreateTrail", taken.clone()).await.ok();
    let shadow = json!({ "IsMultiRegionTrail": true });
    a_trail(&h, "everywhere", shadow).await;
    let elsewhere = h.root.in_region("eu-west-1");

    let again = h.cloudtrail("CreateTrail", taken).await;
    let body = json!({ "Name": "everywhere", "S3BucketName": BUCKET });
    let shadowed = h.cloudtrail_as(&elsewhere, "CreateTrail", body).await;
    let short = json!({ "Name": "ab", "S3BucketName": BUCKET });
    let short = h.cloudtrail("CreateTrail", short).await;

    let text = "Trail taken already exists for customer: 123456789012";
    again.refused("TrailAlreadyExistsException", text);
    let text = "Trail everywhere already exists for customer: 123456789012";
    shadowed.refused("TrailAlreadyExistsException", text);
    short.refused(
        "InvalidTrailNameException",
        "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 \
         characters.",
    );
}

#[tokio::test]
async fn a_bucket_has_to_be_one_that_the_operator_named() {
    let h = Harness::new().await;

    let unknown = json!({ "S3BucketName": "somebody-elses" });
    let code = "S3BucketDoesNotExistException";
    refused(
        &h,
        unknown,
        code,
        "S3 bucket somebody-elses does not exist!",
    )
    .await;
    let path = json!({ "S3BucketName": "../etc" });
    let code = "InvalidS3BucketNameException";
    refused(&h, path, code, "Bucket name is invalid: ../etc").await;
    let prefix = json!({ "S3KeyPrefix": "a/../b" });
    let text = "The S3 key prefix has an empty part, `.` or `..`.";
    refused(&h, prefix, "InvalidS3PrefixException", text).await;
}

#[tokio::test]
async fn what_does_not_go_together_or_is_not_there_is_refused() {
    let h = Harness::new().await;

    let local = json!({ "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false });
    let text = "Multi-Region trail must include global service events.";
    refused(&h, local, "InvalidParameterCombinationException", text).await;
    let organization = json!({ "IsOrganizationTrail": true });
    let text = "Your account is not a member of an organization.";
    refused(&h, organization, "OrganizationsNotInUseException", text).await;
    let key = json!({ "KmsKeyId": "alias/x" });
    let text = "KmsKeyId is not supported by this server yet.";
    refused(&h, key, "UnsupportedOperationException", text).await;
    let topic = json!({ "SnsTopicName": "nobodys" });
    let text = "SNS Topic does not exist or the topic policy is incorrect!";
    refused(&h, topic, "InsufficientSnsTopicPolicyException", text).await;
    let topic = json!({ "SnsTopicName": "a topic" });
    let text = "SNS Topic name is invalid: a topic";
    refused(&h, topic, "InvalidSnsTopicNameException", text).await;
}

#[tokio::test]
async fn a_log_group_needs_a_role_that_trusts_cloudtrail_and_may_write() {
    let h = Harness::new().await;
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:CloudTrail:*";
    let lambdas = h.a_function_role("lambdas", Some(&allow("logs:*"))).await;
    let named = |group: &str, role: &str| json!({ "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role });
    let of_group = "InvalidCloudWatchLogsLogGroupArnException";
    let of_role = "InvalidCloudWatchLogsRoleArnException";

    let alone = json!({ "CloudWatchLogsLogGroupArn": group });
    let text = "You must specify a role ARN as well as a log group.";
    refused(&h, alone, of_role, text).await;
    let alone = json!({ "CloudWatchLogsRoleArn": lambdas });
    refused(&h, alone, of_group, text).await;
    let elsewhere = "arn:aws:logs:eu-west-1:123456789012:log-group:CloudTrail:*";
    let text = "CloudTrail cannot validate the specified log group ARN.";
    refused(&h, named(elsewhere, &lambdas), of_group, text).await;
    let text = "Access denied. Check the trust relationships for your role.";
    refused(&h, named(group, &lambdas), of_role, text).await;
    let nobody = "arn:aws:iam::123456789012:role/nobody";
    refused(&h, named(group, nobody), of_role, text).await;
}

#[tokio::test]
async fn who_may_not_pass_the_role_is_refused() {
    let h = Harness::new().await;
    let user = h.a_user("bob", Some(&allow("cloudtrail:*"))).await;
    let role = h.a_function_role("r", None).await;
    let body = json!({
        "Name": "trail", "S3BucketName": BUCKET,
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:CloudTrail:*",
        "CloudWatchLogsRoleArn": role,
    });

    let refused = h.cloudtrail_as(&user, "CreateTrail", body).await;

    refused.refused(
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:PassRole on \
         resource: arn:aws:iam::123456789012:role/r because no identity-based policy allows the \
         iam:PassRole action",
    );
}

#[tokio::test]
async fn a_region_has_five_trails_at_most() {
    let h = Harness::new().await;
    for n in 0..5 {
        a_trail(&h, &format!("trail{n}"), json!({})).await;
    }
    let sixth = json!({ "Name": "sixth", "S3BucketName": BUCKET });

    let refused = h.cloudtrail("CreateTrail", sixth.clone()).await;
    let elsewhere = h.root.in_region("eu-west-1");
    h.cloudtrail_as(&elsewhere, "CreateTrail", sixth.clone())
        .await
        .ok();
    h.cloudtrail("DeleteTrail", json!({ "Name": "trail0" }))
        .await
        .ok();
    h.cloudtrail("CreateTrail", sixth).await.ok();

    let text = "User: 123456789012 already has 5 trails in us-east-1.";
    refused.refused("MaximumNumberOfTrailsExceededException", text);
}

#[tokio::test]
async fn tags_need_a_permission_of_their_own() {
    let h = Harness::new().await;
    let user = h
        .a_user("bob", Some(&allow("cloudtrail:CreateTrail")))
        .await;
    let body = json!({
        "Name": "trail", "S3BucketName": BUCKET, "TagsList": [{ "Key": "team", "Value": "a" }],
    });

    let refused = h.cloudtrail_as(&user, "CreateTrail", body.clone()).await;
    h.cloudtrail("CreateTrail", body).await.ok();
    let tags = json!({ "ResourceIdList": [arn("trail")] });
    let tags = h.cloudtrail("ListTags", tags).await.ok();

    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    let expected = json!([{ "Key": "team", "Value": "a" }]);
    assert_eq!(tags["ResourceTagList"][0]["TagsList"], expected);
}

#[tokio::test]
async fn an_account_has_five_trails_of_all_regions_at_most_wherever_they_are() {
    let h = Harness::new().await;
    let all = json!({ "IsMultiRegionTrail": true });
    for n in 0..3 {
        a_trail(&h, &format!("trail{n}"), all.clone()).await;
    }
    let elsewhere = h.root.in_region("eu-west-1");
    let named = |name: &str| json!({ "Name": name, "S3BucketName": BUCKET });
    for name in ["west1", "west2"] {
        let body = with(named(name), all.clone());
        h.cloudtrail_as(&elsewhere, "CreateTrail", body).await.ok();
    }

    let sixth = h
        .cloudtrail("CreateTrail", with(named("sixth"), all.clone()))
        .await;
    a_trail(&h, "local", json!({})).await;
    let changed = json!({ "Name": "local", "IsMultiRegionTrail": true });
    let updated = h.cloudtrail("UpdateTrail", changed.clone()).await;
    let body = json!({ "Name": "west1" });
    h.cloudtrail_as(&elsewhere, "DeleteTrail", body).await.ok();
    h.cloudtrail("UpdateTrail", changed).await.ok();
    let full = h
        .cloudtrail("CreateTrail", with(named("sixth"), all.clone()))
        .await;
    let back = json!({ "Name": "local", "IsMultiRegionTrail": false });
    h.cloudtrail("UpdateTrail", back).await.ok();
    h.cloudtrail("CreateTrail", with(named("sixth"), all))
        .await
        .ok();

    let text = "User: 123456789012 already has 5 trails in us-east-1.";
    for refused in [sixth, updated, full] {
        refused.refused("MaximumNumberOfTrailsExceededException", text);
    }
}
