//! `EnableKey`: lets a disabled key be used again.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::State;
use crate::kms::shapes::KEY_ID;
use crate::kms::states;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct EnableKey;

wire::input! {
    /// What `EnableKey` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

impl Operation for EnableKey {
    const NAME: &'static str = "EnableKey";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let action = Action("kms:EnableKey");
        states::switch(cx, action, &input.key_id, State::Enabled).await
    }
}
