//! `CreatePolicy`: a new managed policy, with its first version.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::POLICIES;
use crate::iam::managed::{self, Policy, Usage};
use crate::iam::roles::described;
use crate::iam::shapes::{DOCUMENT, POLICY_DESCRIPTION, POLICY_NAME, POLICY_PATH};
use crate::iam::tags::{self, TAGS, Tag};
use crate::iam::view::write_tags;
use crate::identity::model::{ManagedPolicy, PolicyVersion, arn};
use crate::identity::{Managed, draw_unique_id};
use crate::operation::Operation;
use crate::tx::Reply;
use base::CommonError;
use std::sync::Arc;
use wire::xml;

pub(crate) struct CreatePolicy;

wire::input! {
    /// What `CreatePolicy` takes.
    pub(crate) struct Input {
        policy_name: String = required audited "PolicyName" POLICY_NAME,
        path: Option<String> = audited "Path" POLICY_PATH,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
        description: Option<String> = audited "Description" POLICY_DESCRIPTION,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
    }
}

pub(crate) struct Output(Arc<ManagedPolicy>);

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let path = input.path.as_deref().unwrap_or("/");
        let keys =
            Keys::none().opt_tags(input.tags.as_ref().map(|tags| tags.iter().map(Tag::shown)));
        let named = arn(cx.account(), "policy", path, &input.policy_name);
        // COMPAT: AWS's denials have the name, and not the ARN as for all else that is created.
        let resource =
            Resource::named(cx.account(), named).called(format!("policy {}", input.policy_name));
        let permit = cx.authorize_with(Action("iam:CreatePolicy"), resource, &keys)?;

        let key = ManagedPolicy::key_of(cx.account(), &input.policy_name);
        let found = tx.get::<ManagedPolicy>(&key).await;
        if found.map_err(CommonError::from)?.is_some() {
            return Err(Error::PolicyExists(input.policy_name.clone()));
        }
        let tags = tags::of(input.tags.as_deref())?;
        let policy = ManagedPolicy {
            account: cx.account().clone(),
            name: input.policy_name.clone(),
            path: path.to_owned(),
            id: draw_unique_id(cx.entropy(), "ANPA"),
            created: cx.now(),
            updated: cx.now(),
            description: described(input.description.as_deref()),
            tags,
            versions: vec![PolicyVersion {
                number: 1,
                created: cx.now(),
                document: managed::parse(&input.policy_document)?,
            }],
            default_version: 1,
            next_version: 2,
        };
        POLICIES.take_one(cx, &mut tx, &permit);
        tx.insert(&permit, policy.clone());
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(Arc::new(policy))))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Policy", |element| {
            let policy = Policy(Managed::Customer(self.0.clone()));
            policy.write(element, Usage::default());
            write_tags(element, &self.0.tags);
        });
    }
}
