use aws_sdk_iam::error::ProvideErrorMetadata as _;
use aws_sdk_iam::operation::attach_user_policy::AttachUserPolicyError;
use aws_sdk_iam::operation::create_access_key::CreateAccessKeyError;
use aws_sdk_iam::operation::create_role::CreateRoleError;
use aws_sdk_iam::operation::create_user::CreateUserError;
use aws_sdk_iam::operation::delete_user::DeleteUserError;
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_iam::types::{AccessKey, PolicyEvaluationDecisionType, Role, StatusType, Tag, User};
use serde_json::{Value, json};
use strongroom_sdk_tests::{Aws, Server};

#[tokio::test]
async fn a_user_reads_its_one_secret_and_no_other() {
    let server = Server::start();
    let aws = server.aws().await;
    let [mine, other] = two_secrets(&aws).await;
    let user = a_user(&aws, "app").await;
    may_read(&aws, &mine).await;
    let key = a_key(&aws, "app").await;

    let app = aws.with_keys(key.access_key_id(), key.secret_access_key(), None);
    let caller = app.sts.get_caller_identity().send().await.unwrap();
    let read = app.secrets.get_secret_value().secret_id(&mine).send().await;
    let refused = app.secrets.get_secret_value().secret_id(&other).send();
    let refused = refused.await.unwrap_err().into_service_error();

    assert_eq!(key.status(), &StatusType::Active);
    assert_eq!(caller.arn(), Some(user.arn()));
    assert_eq!(read.unwrap().secret_string(), Some("mine"));
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert_eq!(
        refused.message(),
        Some(&*no_policy_allows(user.arn(), &other))
    );
}

/// A root has neither name nor path, which the model requires of users.
#[tokio::test]
async fn a_root_is_shown_without_a_name() {
    let server = Server::start();
    let aws = server.aws().await;

    let root = aws.iam.get_user().send().await.unwrap();

    let root = root.user().unwrap();
    let account = server.account();
    assert_eq!((root.user_id(), root.user_name()), (account, ""));
    assert_eq!(root.arn(), format!("arn:aws:iam::{account}:root"));
}

#[tokio::test]
async fn a_role_lends_what_it_may_within_its_boundary() {
    let server = Server::start();
    let aws = server.aws().await;
    let [mine, other] = two_secrets(&aws).await;
    let user = a_user(&aws, "app").await;
    let key = a_key(&aws, "app").await;
    let role = a_role(&aws, &user, &mine).await;
    let app = aws.with_keys(key.access_key_id(), key.secret_access_key(), None);

    let assume = app.sts.assume_role().role_arn(role.arn());
    let assumed = assume.role_session_name("one").duration_seconds(900);
    let assumed = assumed.send().await.unwrap();
    let lent = assumed.credentials().unwrap();
    let in_role = aws.with_keys(
        lent.access_key_id(),
        lent.secret_access_key(),
        Some(lent.session_token()),
    );
    let read = in_role.secrets.get_secret_value().secret_id(&mine).send();
    let read = read.await.unwrap();
    let refused = in_role.secrets.get_secret_value().secret_id(&other).send();
    let refused = refused.await.unwrap_err().into_service_error();
    let described = in_role.secrets.describe_secret().secret_id(&mine).send();
    let described = described.await.unwrap_err().into_service_error();

    let arn = assumed.assumed_role_user().unwrap().arn();
    let account = server.account();
    assert_eq!(
        arn,
        format!("arn:aws:sts::{account}:assumed-role/reader/one")
    );
    assert_eq!(read.secret_string(), Some("mine"));
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert_eq!(refused.message(), Some(&*no_policy_allows(arn, &other)));
    let text = format!(
        "User: {arn} is not authorized to perform: secretsmanager:DescribeSecret on resource: \
         {mine} because no permissions boundary allows the secretsmanager:DescribeSecret action"
    );
    assert_eq!(described.message(), Some(&*text));
}

#[tokio::test]
async fn a_role_is_shown_as_it_was_made() {
    let server = Server::start();
    let aws = server.aws().await;
    let user = a_user(&aws, "app").await;

    let made = a_role(&aws, &user, "*").await;
    let shown = aws.iam.get_role().role_name("reader").send().await.unwrap();
    let shown = shown.role().unwrap();

    for role in [&made, shown] {
        assert_eq!((role.path(), role.role_name()), ("/apps/", "reader"));
        assert_eq!(role.description(), Some("Reads <one> & only"));
        assert_eq!(role.max_session_duration(), Some(7200));
        assert_eq!(role.tags(), [tag("team", "größer"), tag("empty", "")]);
        let boundary = role.permissions_boundary().unwrap();
        let arn = boundary.permissions_boundary_arn();
        assert_eq!(arn, Some(boundary_arn(&server).as_str()));
        // AWS's word, which is not the one in its model.
        let kind = boundary.permissions_boundary_type().unwrap();
        assert_eq!(kind.as_str(), "Policy");
        let document = decoded(role.assume_role_policy_document().unwrap());
        assert_eq!(document, trust(user.arn()));
    }
    assert_eq!(shown.role_id(), made.role_id());
    assert_eq!(shown.create_date(), made.create_date());
    assert_eq!(shown.role_last_used().unwrap().last_used_date(), None);
}

#[tokio::test]
async fn the_whole_account_is_walked_page_by_page() {
    let server = Server::start();
    let aws = server.aws().await;
    let user = a_user(&aws, "app").await;
    may_read(&aws, "*").await;
    a_role(&aws, &user, "*").await;
    a_user(&aws, "other").await;

    let pages = aws.iam.get_account_authorization_details().max_items(1);
    let mut pages = pages.into_paginator().send();
    let (mut users, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let on_page =
            page.user_detail_list().len() + page.role_detail_list().len() + page.policies().len();
        assert!(on_page <= 1, "{page:?}");
        users.extend_from_slice(page.user_detail_list());
        roles.extend_from_slice(page.role_detail_list());
        policies.extend_from_slice(page.policies());
    }

    let names: Vec<_> = users.iter().map(|user| user.user_name().unwrap()).collect();
    assert_eq!(names, ["app", "other"]);
    let [inline] = users[0].user_policy_list() else {
        panic!("one inline policy: {users:?}");
    };
    assert_eq!(inline.policy_name(), Some("one"));
    assert_eq!(decoded(inline.policy_document().unwrap()), reading("*"));
    assert_eq!((roles.len(), policies.len()), (1, 1));
    assert_eq!(roles[0].role_policy_list().len(), 1);
    assert_eq!(policies[0].permissions_boundary_usage_count(), Some(1));
    let [version] = policies[0].policy_version_list() else {
        panic!("one version: {policies:?}");
    };
    assert!(version.is_default_version());
}

#[tokio::test]
async fn a_simulation_says_what_a_user_may() {
    let server = Server::start();
    let aws = server.aws().await;
    let [mine, other] = two_secrets(&aws).await;
    let user = a_user(&aws, "app").await;
    may_read(&aws, &mine).await;

    let asked = aws.iam.simulate_principal_policy();
    let asked = asked.policy_source_arn(user.arn()).action_names(READ);
    let simulated = asked.resource_arns(&mine).resource_arns(&other).send();
    let simulated = simulated.await.unwrap();

    let decisions: Vec<_> = simulated
        .evaluation_results()
        .iter()
        .map(|one| (one.eval_resource_name().unwrap(), one.eval_decision()))
        .collect();
    let expected = [
        (mine.as_str(), &PolicyEvaluationDecisionType::Allowed),
        (other.as_str(), &PolicyEvaluationDecisionType::ImplicitDeny),
    ];
    assert_eq!(decisions, expected);
    let [statement] = simulated.evaluation_results()[0].matched_statements() else {
        panic!("one statement: {simulated:?}");
    };
    assert_eq!(statement.start_position().unwrap().line(), 1);
}

#[tokio::test]
async fn refusals_are_the_modelled_exceptions() {
    let server = Server::start();
    let iam = server.aws().await.iam;
    let create = || iam.create_user().user_name("app").send();
    create().await.unwrap();
    let key = || iam.create_access_key().user_name("app").send();
    key().await.unwrap();
    key().await.unwrap();

    let missing = iam.get_role().role_name("none").send().await;
    let taken = create().await;
    let third_key = key().await;
    let in_use = iam.delete_user().user_name("app").send().await;
    let malformed = iam.create_role().role_name("reader");
    let malformed = malformed.assume_role_policy_document("{").send().await;
    let aws_policy = "arn:aws:iam::aws:policy/NoSuchPolicy";
    let attached = iam.attach_user_policy().user_name("app");
    let attached = attached.policy_arn(aws_policy).send().await;

    let missing = missing.unwrap_err();
    assert_eq!(missing.raw_response().unwrap().status().as_u16(), 404);
    let GetRoleError::NoSuchEntityException(missing) = missing.into_service_error() else {
        panic!("another exception");
    };
    let text = "The role with name none cannot be found.";
    assert_eq!(missing.message(), Some(text));
    let taken = taken.unwrap_err().into_service_error();
    let CreateUserError::EntityAlreadyExistsException(taken) = taken else {
        panic!("another exception: {taken:?}");
    };
    let text = "User with name app already exists.";
    assert_eq!(taken.message(), Some(text));
    let third_key = third_key.unwrap_err().into_service_error();
    let CreateAccessKeyError::LimitExceededException(third_key) = third_key else {
        panic!("another exception: {third_key:?}");
    };
    let text = "Cannot exceed quota for AccessKeysPerUser: 2";
    assert_eq!(third_key.message(), Some(text));
    let in_use = in_use.unwrap_err().into_service_error();
    assert!(
        matches!(in_use, DeleteUserError::DeleteConflictException(_)),
        "{in_use:?}"
    );
    let malformed = malformed.unwrap_err().into_service_error();
    assert!(
        matches!(
            malformed,
            CreateRoleError::MalformedPolicyDocumentException(_)
        ),
        "{malformed:?}"
    );
    let attached = attached.unwrap_err().into_service_error();
    assert!(
        matches!(attached, AttachUserPolicyError::NoSuchEntityException(_)),
        "{attached:?}"
    );
}

/// Two secrets, `mine` and `other`. Gives their ARNs.
async fn two_secrets(aws: &Aws) -> [String; 2] {
    let mut arns = Vec::new();
    for name in ["mine", "other"] {
        let create = aws.secrets.create_secret().name(name).secret_string(name);
        let created = create.send().await.unwrap();
        arns.push(created.arn().unwrap().to_owned());
    }
    arns.try_into().unwrap()
}

async fn a_user(aws: &Aws, name: &str) -> User {
    let created = aws.iam.create_user().user_name(name).send().await;
    created.unwrap().user().unwrap().clone()
}

async fn a_key(aws: &Aws, user: &str) -> AccessKey {
    let created = aws.iam.create_access_key().user_name(user).send().await;
    created.unwrap().access_key().unwrap().clone()
}

/// Lets the user `app` read one secret.
async fn may_read(aws: &Aws, secret: &str) {
    let put = aws.iam.put_user_policy().user_name("app");
    let put = put
        .policy_name("one")
        .policy_document(reading(secret).to_string());
    put.send().await.unwrap();
}

/// The role `reader`, which `user` may assume. Its policy lets it read and describe `secret`, its
/// boundary lets it read alone.
async fn a_role(aws: &Aws, user: &User, secret: &str) -> Role {
    let boundary = aws.iam.create_policy().policy_name("boundary");
    let boundary = boundary.policy_document(reading("*").to_string());
    let boundary = boundary.send().await.unwrap();
    let create = aws.iam.create_role().role_name("reader").path("/apps/");
    let create = create
        .assume_role_policy_document(trust(user.arn()).to_string())
        .permissions_boundary(boundary.policy().unwrap().arn().unwrap())
        .description("Reads <one> & only")
        .max_session_duration(7200)
        .tags(tag("team", "größer"))
        .tags(tag("empty", ""));
    let created = create.send().await.unwrap();
    let actions = json!([READ, "secretsmanager:DescribeSecret"]);
    let put = aws.iam.put_role_policy().role_name("reader");
    let put = put
        .policy_name("one")
        .policy_document(allowing(&actions, secret).to_string());
    put.send().await.unwrap();
    created.role().unwrap().clone()
}

fn boundary_arn(server: &Server) -> String {
    format!("arn:aws:iam::{}:policy/boundary", server.account())
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

fn reading(secret: &str) -> Value {
    allowing(&json!(READ), secret)
}

fn allowing(actions: &Value, resource: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn trust(user: &str) -> Value {
    let principal = json!({ "AWS": user });
    let statement =
        json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// A document as IAM shows it: percent-encoded.
fn decoded(text: &str) -> Value {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, tail @ ..]) = (first, tail) {
            let digits = [*high, *low];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

fn no_policy_allows(caller: &str, secret: &str) -> String {
    format!(
        "User: {caller} is not authorized to perform: {READ} on resource: {secret} because no \
         identity-based policy allows the {READ} action"
    )
}

const READ: &str = "secretsmanager:GetSecretValue";
