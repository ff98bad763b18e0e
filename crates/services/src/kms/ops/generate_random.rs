//! `GenerateRandom`: random bytes.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>

use super::generate_data_key::{RECIPIENT, Recipient};
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::shapes::{CUSTOM_KEY_STORE_ID, NUMBER_OF_BYTES};
use crate::kms::{target, uses};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use wire::json;

pub(crate) struct GenerateRandom;

wire::input! {
    /// What `GenerateRandom` takes.
    pub(crate) struct Input {
        number_of_bytes: Option<i64> = audited "NumberOfBytes" NUMBER_OF_BYTES,
        custom_key_store_id: Option<String> = audited "CustomKeyStoreId" CUSTOM_KEY_STORE_ID,
        recipient: Option<Recipient> = "Recipient" RECIPIENT,
    }
}

pub(crate) struct Output(Plaintext);

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let action = Action("kms:GenerateRandom");
        let permit = cx.authorize_with(action, anything, &target::of_caller(cx))?;

        if input.custom_key_store_id.is_some() {
            return Err(uses::unsupported("CustomKeyStoreId"));
        }
        uses::check_recipient(input.recipient.is_some())?;
        let length = input.number_of_bytes.and_then(|n| usize::try_from(n).ok());
        let length = length.ok_or_else(|| Error::Validation(NO_LENGTH.to_owned()))?;
        let output = Output(cx.app.kms.crypto().random(length));
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.blob("Plaintext", &self.0);
    }
}

const NO_LENGTH: &str = "Please specify number of bytes.";
