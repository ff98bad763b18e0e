//! `GetAccessKeyLastUsed`: when, where and for what an access key was last used.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::access_keys::{missing, of_account};
use crate::iam::error::Error;
use crate::iam::last_used;
use crate::iam::shapes::ACCESS_KEY_ID;
use crate::iam::subject::Subject;
use crate::identity::model::LastUsed;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetAccessKeyLastUsed;

wire::input! {
    /// What `GetAccessKeyLastUsed` takes.
    pub(crate) struct Input {
        access_key_id: String = required audited "AccessKeyId" ACCESS_KEY_ID,
    }
}

pub(crate) struct Output {
    user_name: Option<String>,
    last_used: Option<LastUsed>,
}

impl Operation for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let id = &input.access_key_id;
        let found = of_account(cx, &mut tx, id).await?;
        let subject = match &found {
            Some(found) => Some(Subject::owner(cx, &mut tx, &found.record).await?),
            None => None,
        };
        let resource = match &subject {
            Some(subject) => subject.resource(),
            None => Resource::named(cx.account(), String::from("*")),
        };
        // SECURITY: by the key, so that a denial does not tell whose it is.
        let resource = resource.called(format!("access key {id}"));
        let permit = cx.authorize(Action("iam:GetAccessKeyLastUsed"), resource)?;

        let found = found.ok_or_else(|| missing(id))?;
        let last_used = last_used::find(cx, &mut tx, id).await?;
        let user_name = found.record.user.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            user_name,
            last_used,
        }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.opt_text("UserName", self.user_name.as_deref());
        result.element("AccessKeyLastUsed", |element| {
            let used = self.last_used.as_ref();
            element.opt_timestamp("LastUsedDate", used.map(|used| used.at));
            element.text("ServiceName", used.map_or(NEVER, |used| &used.service));
            element.text("Region", used.map_or(NEVER, |used| &used.region));
        });
    }
}

/// What stands for the service and the Region of a key that was never used.
const NEVER: &str = "N/A";
