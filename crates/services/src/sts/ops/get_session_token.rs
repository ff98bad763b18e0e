//! `GetSessionToken`: temporary credentials of the caller's own.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
//!
//! COMPAT: needs no permission, as on AWS: whoever holds the access key could sign without it too.
//! Only the policy of a private endpoint can forbid it.
//! The credentials may do what their holder may, but nothing of IAM, and of STS only `AssumeRole`
//! and `GetCallerIdentity`.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::identity::{Identity, Session, SessionSubject};
use crate::operation::Operation;
use crate::sts::error::Error;
use crate::sts::lending::{Loan, lend, seconds_of_holder};
use crate::sts::shapes::{SERIAL_NUMBER, TOKEN_CODE, TOKEN_SIZE, USER_DURATION};
use crate::tx::Reply;
use serde_json::json;
use wire::xml;

pub(crate) struct GetSessionToken;

wire::input! {
    /// What `GetSessionToken` takes.
    pub(crate) struct Input {
        duration_seconds: Option<i64> = audited "DurationSeconds" USER_DURATION,
        serial_number: Option<String> = audited "SerialNumber" SERIAL_NUMBER,
        token_code: Option<String> = "TokenCode" TOKEN_CODE,
        minimum_size: Option<i64> = audited "MinimumSessionTokenSize" TOKEN_SIZE,
    }
}

pub(crate) struct Output(Loan);

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let event = cx.unasked_event(Action("sts:GetSessionToken"))?;
        let subject = match cx.principal.identity() {
            _ if cx.principal.session().is_some() => return Err(Error::SessionCaller),
            Identity::Root => SessionSubject::Root {
                access_key_id: cx.facts.access_key_id.unwrap_or_default().to_owned(),
            },
            Identity::User(user) => SessionSubject::User {
                name: user.name.clone(),
                id: user.id.clone(),
            },
            Identity::Role(_) => return Err(Error::SessionCaller),
        };
        if input.serial_number.is_some() || input.token_code.is_some() {
            return Err(Error::NoSuchDevice);
        }
        if input.minimum_size.is_some() {
            return Err(Error::NotSupported("MinimumSessionTokenSize"));
        }

        let is_root = matches!(subject, SessionSubject::Root { .. });
        let seconds = seconds_of_holder(input.duration_seconds, is_root);
        let session = Session::of(cx.account(), subject, cx.now(), seconds);
        let loan = lend(cx.sessions(), cx.entropy(), session)?;
        let shown = json!({ "credentials": loan.shown_credentials() });
        let recorded = cx.begin().finish(event.responding(shown)).await?;

        Ok(recorded.reply(Output(loan)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write_credentials(result);
    }
}
