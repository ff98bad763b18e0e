//! `BatchGetSecretValue`: the current values of up to twenty secrets.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html>

use super::get_secret_value::{self, GET_SECRET_VALUE, reveal};
use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::listing::{FilterInput, Selection};
use crate::secretsmanager::shapes::{MAX_RESULTS_BATCH, NEXT_TOKEN, SECRET_ID_LIST};
use crate::secretsmanager::target::Target;
use crate::tx::{Reply, Tx};
use base::{AwsError, CommonError};
use wire::json;

pub(crate) struct BatchGetSecretValue;

wire::input! {
    /// What `BatchGetSecretValue` takes.
    pub(crate) struct Input {
        secret_id_list: Option<Vec<String>> = audited "SecretIdList" SECRET_ID_LIST,
        filters: Option<Vec<FilterInput>> = audited "Filters" super::list_secrets::FILTERS,
        max_results: Option<i64> = audited "MaxResults" MAX_RESULTS_BATCH,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output {
    values: Vec<get_secret_value::Output>,
    errors: Vec<Failed>,
    next_token: Option<String>,
}

/// A secret that could not be read.
struct Failed {
    secret_id: String,
    code: &'static str,
    message: String,
}

impl Operation for BatchGetSecretValue {
    const NAME: &'static str = "BatchGetSecretValue";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let nothing = || Resource::none(cx.account());
        let permit = cx.authorize(Action("secretsmanager:BatchGetSecretValue"), nothing())?;
        let (ids, next_token) = match (&input.secret_id_list, &input.filters) {
            (Some(_), Some(_)) => return Err(Error::BothIdsAndFilters),
            (None, None) => return Err(Error::NeitherIdsNorFilters),
            (Some(_), None) if input.max_results.is_some() => {
                return Err(Error::MaxResultsWithoutFilters);
            }
            (Some(ids), None) => (ids.clone(), None),
            (None, Some(filters)) => {
                cx.authorize(Action("secretsmanager:ListSecrets"), nothing())?;
                select(cx, input, filters).await?
            }
        };

        let mut tx = cx.begin();
        let mut output = Output {
            values: Vec::new(),
            errors: Vec::new(),
            next_token,
        };
        let mut event = cx.event(&permit);
        for id in ids {
            let read = one(cx, &mut tx, &id).await;
            // One secret's refusal is an entry of the answer; a failure of ours ends the call.
            if let Err(Error::Common(
                error @ (CommonError::Unavailable(_)
                | CommonError::Internal(_)
                | CommonError::Conflict),
            )) = read
            {
                return Err(error.into());
            }
            event = event.with(vec![part(cx, &id, &read)]);
            match read {
                Ok((value, _)) => output.values.push(value),
                Err(error) => output.errors.push(Failed::new(id, &error)),
            }
        }
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(output))
    }
}

/// The ARNs of the page of secrets that the filters select.
///
/// In a transaction of its own: what was looked through to find them is no reason to run again.
async fn select(
    cx: &Cx<'_>,
    input: &Input,
    filters: &[FilterInput],
) -> Result<(Vec<String>, Option<String>), Error> {
    let size = input
        .max_results
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(MOST);
    let token = input.next_token.as_deref();
    let page = Selection::new(filters)?
        .page(cx, &mut cx.begin(), BatchGetSecretValue::NAME, size, token)
        .await?;
    Ok((
        page.secrets.iter().map(|secret| secret.arn()).collect(),
        page.next,
    ))
}

/// Reads one secret as GetSecretValue would.
async fn one(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    secret_id: &str,
) -> Result<(get_secret_value::Output, Permit), Error> {
    let target = Target::find(cx, tx, secret_id).await?;
    let permit = cx.authorize_with(GET_SECRET_VALUE, target.resource(), &target.keys())?;
    let value = reveal(cx, tx, &target, &permit, (None, None)).await?;
    Ok((value, permit))
}

/// COMPAT: one GetSecretValue event per secret beside the batch's own (behaviour reference §13.1).
fn part<T>(cx: &Cx<'_>, id: &str, read: &Result<(T, Permit), Error>) -> Vec<u8> {
    match read {
        Ok((_, permit)) => cx.part("GetSecretValue", id, Ok(permit)),
        Err(error) => cx.part("GetSecretValue", id, Err(error)),
    }
}

impl Failed {
    fn new(secret_id: String, error: &Error) -> Self {
        Self {
            secret_id,
            code: error.code(),
            message: error.client_message(),
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("SecretValues", &self.values, |value, entry| {
            value.write(entry)
        });
        object.objects("Errors", &self.errors, |failed, entry| {
            entry.text("SecretId", &failed.secret_id);
            entry.text("ErrorCode", failed.code);
            entry.text("Message", &failed.message);
        });
        object.opt_text("NextToken", self.next_token.as_deref());
    }
}

const MOST: usize = 20;
