//! `GetUser`: a user, by name; without a name, the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::EXISTING_USER_NAME;
use crate::iam::subject::account;
use crate::iam::target::Target;
use crate::iam::view::{Shown, write_user};
use crate::identity::Identity;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use base::{AccountId, Timestamp};
use std::sync::Arc;
use wire::xml;

pub(crate) struct GetUser;

wire::input! {
    /// What `GetUser` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
    }
}

pub(crate) enum Output {
    User(Arc<User>),
    /// The account's root, which is no user.
    Root {
        account: AccountId,
        created: Timestamp,
    },
}

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let own_name = match cx.principal.identity() {
            Identity::User(user) => Some(user.name.clone()),
            Identity::Root | Identity::Role(_) => None,
        };
        let Some(name) = input.user_name.clone().or(own_name) else {
            return root(cx, tx).await;
        };
        let target = Target::<User>::find(cx, &mut tx, &name).await?;
        let permit = cx.authorize(Action("iam:GetUser"), target.resource())?;

        let user = target.existing(&permit)?.record.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output::User(user)))
    }
}

/// What a root sees of itself. A session of a role is no user either, and has no name to give.
async fn root(cx: &Cx<'_>, mut tx: Tx<'_>) -> Result<Reply<Output>, Error> {
    let named = Resource::named(cx.account(), cx.principal.arn().to_owned());
    let permit = cx.authorize(Action("iam:GetUser"), named)?;

    if matches!(cx.principal.identity(), Identity::Role(_)) {
        return Err(Error::UserNotNamed);
    }
    let output = Output::Root {
        account: cx.account().clone(),
        created: account(cx, &mut tx).await?.record.created,
    };
    let recorded = tx.finish(cx.event(&permit)).await?;
    Ok(recorded.reply(output))
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("User", |element| match self {
            Self::User(user) => write_user(element, user, Shown::InFull),
            Self::Root { account, created } => {
                element.text("UserId", account.as_str());
                element.text("Arn", &format!("arn:aws:iam::{account}:root"));
                element.timestamp("CreateDate", *created);
            }
        });
    }
}
