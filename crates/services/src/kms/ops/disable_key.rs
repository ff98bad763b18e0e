//! `DisableKey`: keeps a key from being used, until it is enabled again.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::State;
use crate::kms::shapes::KEY_ID;
use crate::kms::states;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DisableKey;

wire::input! {
    /// What `DisableKey` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

impl Operation for DisableKey {
    const NAME: &'static str = "DisableKey";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let action = Action("kms:DisableKey");
        states::switch(cx, action, &input.key_id, State::Disabled).await
    }
}
