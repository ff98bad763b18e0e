//! `ListSecretVersionIds`: the versions of a secret, oldest first.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::SecretValue;
use crate::secretsmanager::shapes::{BOOLEAN, MAX_RESULTS, NEXT_TOKEN, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::values;
use crate::tx::{Reply, Tx};
use base::{CommonError, Timestamp};
use std::sync::Arc;
use wire::json;

pub(crate) struct ListSecretVersionIds;

wire::input! {
    /// What `ListSecretVersionIds` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        max_results: Option<i64> = audited "MaxResults" MAX_RESULTS,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
        include_deprecated: Option<bool> = audited "IncludeDeprecated" BOOLEAN,
    }
}

pub(crate) struct Output {
    secret: Arc<Secret>,
    versions: Vec<Arc<SecretValue>>,
    next_token: Option<String>,
}

impl Operation for ListSecretVersionIds {
    const NAME: &'static str = "ListSecretVersionIds";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:ListSecretVersionIds"),
            target.resource(),
            &target.keys(),
        )?;

        // COMPAT: answers for a secret that is scheduled for deletion too (reference §4.8).
        let secret = Arc::clone(&target.existing(&permit)?.record);
        let (versions, next_token) = page(cx, &mut tx, &permit, input, &secret).await?;
        let output = Output {
            secret,
            versions,
            next_token,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// The versions after the request's token, by time and then by id: so that a page continues
/// rightly even when the version that the token names was pruned.
async fn page(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    input: &Input,
    secret: &Secret,
) -> Result<(Vec<Arc<SecretValue>>, Option<String>), Error> {
    let with_deprecated = input.include_deprecated.unwrap_or_default();
    let arn = secret.arn();
    let listing = Listing {
        operation: ListSecretVersionIds::NAME,
        question: &[
            arn.as_bytes(),
            if with_deprecated { b"all" } else { b"labelled" },
        ],
    };
    let after: Option<(Timestamp, String)> = match &input.next_token {
        Some(token) => Some(listing.cursor(cx, token)?),
        None => None,
    };
    let size = input
        .max_results
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(DEFAULT_SIZE);
    let mut listed = if with_deprecated {
        by_age(tx, secret, size, after).await?
    } else {
        labelled(tx, permit, secret, after).await?
    };
    let has_more = listed.len() > size;
    listed.truncate(size);
    let next = listed
        .last()
        .filter(|_| has_more)
        .map(|version| place(version));
    let token = next.map(|place| listing.token(cx, &place)).transpose()?;
    Ok((listed, token))
}

/// All versions after `after`, and one more than `size` when there are more.
async fn by_age(
    tx: &mut Tx<'_>,
    secret: &Secret,
    size: usize,
    after: Option<(Timestamp, String)>,
) -> Result<Vec<Arc<SecretValue>>, CommonError> {
    let mut query = secret.versions_by_age(size.saturating_add(1));
    if let Some((created, id)) = after {
        query = query.after(vec![created.into(), id.into()]);
    }
    let run = tx.query::<SecretValue>(&query).await?;
    Ok(run.into_iter().map(|found| found.record).collect())
}

/// The labelled versions after `after`; there are few.
async fn labelled(
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &Secret,
    after: Option<(Timestamp, String)>,
) -> Result<Vec<Arc<SecretValue>>, CommonError> {
    let mut listed = Vec::new();
    for version in secret.versions.labelled() {
        listed.extend(
            values::find(tx, permit, secret, &version.id)
                .await?
                .map(|found| found.record),
        );
    }
    listed.sort_by(|a, b| place(a).cmp(&place(b)));
    if let Some((created, id)) = &after {
        listed.retain(|version| place(version) > (*created, id.as_str()));
    }
    Ok(listed)
}

fn place(version: &SecretValue) -> (Timestamp, &str) {
    (version.created, &version.version_id)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.secret.arn());
        object.text("Name", &self.secret.name);
        object.objects("Versions", &self.versions, |version, entry| {
            entry.text("VersionId", &version.version_id);
            if let Some(labelled) = self.secret.versions.find(&version.version_id) {
                entry.texts("VersionStages", &labelled.stages);
            }
            entry.opt_timestamp("LastAccessedDate", version.accessed);
            entry.timestamp("CreatedDate", version.created);
            let keys = version
                .wrapped_keys
                .iter()
                .map(|wrapped| &wrapped.key.customer_key);
            entry.texts(
                "KmsKeyIds",
                keys.map(|key| key.as_deref().unwrap_or(DEFAULT_KEY_NAME)),
            );
        });
        object.opt_text("NextToken", self.next_token.as_deref());
    }
}

const DEFAULT_SIZE: usize = 100;
/// How the AWS managed key is called in a list of versions (behaviour reference §4.8).
const DEFAULT_KEY_NAME: &str = "DefaultEncryptionKey";
