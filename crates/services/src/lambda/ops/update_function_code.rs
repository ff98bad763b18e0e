//! `UpdateFunctionCode`: other code for a function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use super::create_function::{LARGEST_BODY, MOST_CODE, code_counter};
use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::lambda::configuration::{Extras, Shown};
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::package::{Code, Given, Host};
use crate::lambda::records::{Bytes, FunctionCode};
use crate::lambda::shapes::{ARCHITECTURES, BOOLEAN, FUNCTION_NAME, KMS_KEY, TEXT, ZIP_FILE};
use crate::lambda::target::{Target, check_revision};
use crate::operation::{Operation, RestNames};
use crate::tx::{Reply, Tx};
use base::Plaintext;
use std::sync::Arc;
use wire::rest::Http;

pub(crate) struct UpdateFunctionCode;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "UpdateFunctionCode20150331v2",
};

static HTTP: Http =
    Http::new("PUT", "/2015-03-31/functions/{FunctionName}/code", 200).with_body_of(LARGEST_BODY);

wire::input! {
    /// What `UpdateFunctionCode` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" FUNCTION_NAME,
        zip_file: Option<Plaintext> = "ZipFile" ZIP_FILE,
        bucket: Option<String> = audited "S3Bucket" TEXT,
        key: Option<String> = audited "S3Key" TEXT,
        object_version: Option<String> = audited "S3ObjectVersion" TEXT,
        image_uri: Option<String> = audited "ImageUri" TEXT,
        architectures: Option<Vec<String>> = audited "Architectures" ARCHITECTURES,
        publish: Option<bool> = audited "Publish" BOOLEAN,
        publish_to: Option<String> = audited "PublishTo" TEXT,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
        revision_id: Option<String> = audited "RevisionId" TEXT,
        source_key: Option<String> = audited "SourceKMSKeyArn" KMS_KEY,
    }
}

impl Operation for UpdateFunctionCode {
    const NAME: &'static str = "UpdateFunctionCode";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, None).await?;
        let permit = target.permit(cx, Action("lambda:UpdateFunctionCode"))?;

        let found = target.existing(&permit)?;
        check_revision(&found.record, input.revision_id.as_deref())?;
        let code = input.code(cx, &found.record)?;
        let mut function = Function::clone(&found.record);
        function.form = code.form.clone();
        function.digest = code.digest;
        function.code_size = code.size;
        if let Some(architecture) = input.architectures.as_ref().and_then(|all| all.first()) {
            function.architecture.clone_from(architecture);
        }
        function.is_changed(cx.entropy(), cx.now());
        if input.dry_run != Some(true) {
            replace(&mut tx, &permit, &found.record, code).await?;
            tx.update(&permit, function.clone(), found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Shown(Arc::new(function))))
    }
}

impl Input {
    fn code(&self, cx: &Cx<'_>, function: &Function) -> Result<Code, Error> {
        let others = [(
            "Publish",
            self.publish == Some(true) || self.publish_to.is_some(),
        )];
        Extras {
            kms_key: self.source_key.as_deref(),
            others: &others,
            ..Extras::default()
        }
        .check()?;
        // COMPAT: a function stays of the form that it was made in.
        if self.image_uri.is_some() == function.is_zip() && self.bucket.is_none() {
            let text = if function.is_zip() {
                ZIP_ONLY
            } else {
                IMAGE_ONLY
            };
            return Err(Error::InvalidParameter(text.to_owned()));
        }
        let host = Host {
            owner: &function.account,
            executors: &cx.app.lambda.executors,
        };
        Given {
            zip: self.zip_file.as_ref(),
            image_uri: self.image_uri.as_deref(),
            is_in_s3: self.bucket.is_some() || self.key.is_some() || self.object_version.is_some(),
        }
        .code(function.form.runtime(), host)
    }
}

/// Puts the zip file in the place of the one before.
async fn replace(
    tx: &mut Tx<'_>,
    permit: &Permit,
    before: &Function,
    code: Code,
) -> Result<(), Error> {
    let Some(zip) = code.zip else {
        return Ok(());
    };
    let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let counter = code_counter(&before.account, &before.region);
    let more = signed(code.size).saturating_sub(signed(before.code_size));
    tx.count(permit, &counter, more, Some(MOST_CODE));
    let key = Function::key_of(&before.account, &before.region, &before.name);
    let stored = tx.get::<FunctionCode>(&key).await?;
    let code = FunctionCode {
        account: before.account.clone(),
        region: before.region.clone(),
        name: before.name.clone(),
        zip: Bytes(zip),
    };
    match stored {
        Some(stored) => tx.update(permit, code, stored.rev),
        None => tx.insert(permit, code),
    }
    Ok(())
}

const ZIP_ONLY: &str = "Please provide a ZipFile: the function was created with PackageType Zip.";
const IMAGE_ONLY: &str =
    "Please provide an ImageUri: the function was created with PackageType Image.";
