//! `ListSecretVersionIds`: the versions of a secret, oldest first.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::paging::Listing;
use crate::secretsmanager::shapes::{BOOLEAN, MAX_RESULTS, NEXT_TOKEN, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::secretsmanager::versions::Version;
use crate::tx::Reply;
use base::Timestamp;
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
    arn: String,
    name: String,
    versions: Vec<Version>,
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
        let permit = cx.authorize(
            Action("secretsmanager:ListSecretVersionIds"),
            target.resource(),
        )?;

        // COMPAT: answers for a secret that is scheduled for deletion too (reference §4.8).
        let secret = &target.existing(&permit)?.record;
        let (versions, next_token) = page(cx, input, secret)?;
        let output = Output {
            arn: secret.arn(),
            name: secret.name.clone(),
            versions,
            next_token,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

fn page(
    cx: &Cx<'_>,
    input: &Input,
    secret: &Secret,
) -> Result<(Vec<Version>, Option<String>), Error> {
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
    let mut listed: Vec<&Version> = secret
        .versions
        .iter()
        .filter(|version| with_deprecated || !version.is_deprecated())
        .collect();
    // By time and then by id, so that a page continues rightly even after the version that the
    // token names was pruned.
    listed.sort_by_key(|version| place(version));
    if let Some((created, id)) = &after {
        listed.retain(|version| place(version) > (*created, id.as_str()));
    }
    let size = input
        .max_results
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(DEFAULT_SIZE);
    let has_more = listed.len() > size;
    listed.truncate(size);
    let next = listed
        .last()
        .filter(|_| has_more)
        .map(|version| place(version));
    let token = next.map(|place| listing.token(cx, &place)).transpose()?;
    Ok((listed.into_iter().cloned().collect(), token))
}

fn place(version: &Version) -> (Timestamp, &str) {
    (version.created, &version.id)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.objects("Versions", &self.versions, |version, entry| {
            entry.text("VersionId", &version.id);
            if !version.is_deprecated() {
                entry.texts("VersionStages", &version.stages);
            }
            entry.opt_timestamp("LastAccessedDate", version.accessed);
            entry.timestamp("CreatedDate", version.created);
            entry.texts("KmsKeyIds", ["DefaultEncryptionKey"]);
        });
        object.opt_text("NextToken", self.next_token.as_deref());
    }
}

const DEFAULT_SIZE: usize = 100;
