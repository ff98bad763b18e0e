//! `CreateAccessKey`: a new access key of a user, or of the caller. Its secret is shown once.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::ACCESS_KEYS;
use crate::iam::shapes::EXISTING_USER_NAME;
use crate::iam::subject::{Existing, Subject, account};
use crate::identity::draw_access_key;
use crate::identity::model::{AccessKey, Account, KeyStatus, User};
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use base::{CommonError, Plaintext};
use serde_json::json;
use wire::xml;

pub(crate) struct CreateAccessKey;

wire::input! {
    /// What `CreateAccessKey` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
    }
}

pub(crate) struct Output {
    access_key: AccessKey,
    secret: Plaintext,
}

impl Operation for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:CreateAccessKey"), subject.resource())?;

        let owner = subject.existing(&permit)?;
        let (id, secret) = draw_access_key(cx.entropy(), "AKIA");
        let access_key = AccessKey {
            sealed_secret: cx.app.credentials.seal(&id, &secret)?,
            id,
            account: cx.account().clone(),
            user: owner.name().map(str::to_owned),
            status: KeyStatus::Active,
            created: cx.now(),
        };
        give(cx, &mut tx, &permit, &owner, &access_key.id).await?;
        tx.insert(&permit, access_key.clone());
        let event = cx.event(&permit).responding(shown(&access_key));
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output { access_key, secret }))
    }
}

/// Notes in the owner's record that the access key `id` is its own.
async fn give(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    owner: &Existing<'_>,
    id: &str,
) -> Result<(), Error> {
    match owner {
        Existing::User(found) => {
            let mut user = User::clone(&found.record);
            if user.access_keys.len() >= ACCESS_KEYS {
                return Err(Error::LimitExceeded {
                    quota: "AccessKeysPerUser",
                    limit: ACCESS_KEYS,
                });
            }
            user.access_keys.push(id.to_owned());
            tx.update(permit, user, found.rev);
        }
        Existing::Root => {
            let found = account(cx, tx).await?;
            let mut account = Account::clone(&found.record);
            let present = AccessKey::key_of(&account.root_access_key_id);
            let present = tx.get::<AccessKey>(&present).await;
            if present.map_err(CommonError::from)?.is_some() {
                return Err(Error::SecondRootKey);
            }
            id.clone_into(&mut account.root_access_key_id);
            tx.update(permit, account, found.rev);
        }
    }
    Ok(())
}

/// What the audit record shows: everything but the secret.
fn shown(access_key: &AccessKey) -> serde_json::Value {
    json!({ "accessKey": {
        "accessKeyId": access_key.id,
        "status": access_key.status.as_str(),
        "userName": access_key.user,
    } })
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("AccessKey", |element| {
            let key = &self.access_key;
            // COMPAT: the member is required; a root has no name.
            element.text("UserName", key.user.as_deref().unwrap_or_default());
            element.text("AccessKeyId", &key.id);
            element.text("Status", key.status.as_str());
            element.plaintext("SecretAccessKey", &self.secret);
            element.timestamp("CreateDate", key.created);
        });
    }
}
