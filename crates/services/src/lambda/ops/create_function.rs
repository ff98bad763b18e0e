//! `CreateFunction`: a function, with its code.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>

use crate::authorize::{Action, Permit};
use crate::context::Keys;
use crate::cx::Cx;
use crate::lambda::configuration::{
    Extras, Shown, USUAL_MEMORY, USUAL_TIMEOUT, bounded, environment,
};
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::package::{Code, Given, Host, RUNTIME_IS_MANDATORY};
use crate::lambda::records::{Bytes, FunctionCode};
use crate::lambda::shapes::{
    ANYTHING, ARCHITECTURES, Anything, BOOLEAN, CODE, CodeInput, DEAD_LETTERS, DESCRIPTION,
    DeadLetterInput, ENVIRONMENT, EnvironmentInput, FILE_SYSTEMS, FUNCTION_NAME, HANDLER, IMAGE,
    ImageInput, KMS_KEY, LAYERS, LOGGING, LoggingInput, MEMORY, PACKAGE_TYPE, ROLE, RUNTIME,
    SNAP_START, STORAGE, SnapStartInput, StorageInput, TAGS, TEXT, TIMEOUT, TRACING, TracingInput,
    VPC, VpcInput,
};
use crate::lambda::target::Target;
use crate::lambda::{role, runtimes, tagging};
use crate::operation::{Operation, RestNames};
use crate::tags::Tags;
use crate::tx::{Reply, Tx};
use base::{AccountId, RegionName, random_uuid};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::rest::Http;

pub(crate) struct CreateFunction;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "CreateFunction20150331",
};

static HTTP: Http = Http::new("POST", "/2015-03-31/functions", 201).with_body_of(LARGEST_BODY);

wire::input! {
    /// What `CreateFunction` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" FUNCTION_NAME,
        runtime: Option<String> = audited "Runtime" RUNTIME,
        role: String = required audited "Role" ROLE,
        handler: Option<String> = audited "Handler" HANDLER,
        code: CodeInput = required "Code" CODE,
        description: Option<String> = audited "Description" DESCRIPTION,
        timeout: Option<i64> = audited "Timeout" TIMEOUT,
        memory: Option<i64> = audited "MemorySize" MEMORY,
        publish: Option<bool> = audited "Publish" BOOLEAN,
        publish_to: Option<String> = audited "PublishTo" TEXT,
        vpc: Option<VpcInput> = audited "VpcConfig" VPC,
        package_type: Option<String> = audited "PackageType" PACKAGE_TYPE,
        dead_letters: Option<DeadLetterInput> = audited "DeadLetterConfig" DEAD_LETTERS,
        environment: Option<EnvironmentInput> = "Environment" ENVIRONMENT,
        kms_key: Option<String> = audited "KMSKeyArn" KMS_KEY,
        tracing: Option<TracingInput> = audited "TracingConfig" TRACING,
        tags: Option<BTreeMap<String, String>> = audited "Tags" TAGS,
        layers: Option<Vec<String>> = audited "Layers" LAYERS,
        file_systems: Option<Vec<Anything>> = "FileSystemConfigs" FILE_SYSTEMS,
        code_signing: Option<String> = audited "CodeSigningConfigArn" TEXT,
        image_config: Option<ImageInput> = audited "ImageConfig" IMAGE,
        architectures: Option<Vec<String>> = audited "Architectures" ARCHITECTURES,
        storage: Option<StorageInput> = audited "EphemeralStorage" STORAGE,
        snap_start: Option<SnapStartInput> = audited "SnapStart" SNAP_START,
        logging: Option<LoggingInput> = audited "LoggingConfig" LOGGING,
        tenancy: Option<Anything> = "TenancyConfig" ANYTHING,
        capacity: Option<Anything> = "CapacityProviderConfig" ANYTHING,
        durable: Option<Anything> = "DurableConfig" ANYTHING,
        runtime_config: Option<Anything> = "RuntimeConfig" ANYTHING,
        accelerator: Option<Anything> = "AcceleratorConfig" ANYTHING,
    }
}

impl Operation for CreateFunction {
    const NAME: &'static str = "CreateFunction";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, None).await?;
        let permit = authorize(cx, &target, input)?;

        let account = target.id().account.clone();
        let name = target.id().name.clone();
        let (function, code) = input.function(cx, account, name)?;
        let arn = function.arn();
        role::pass(cx, &mut tx, &function.role, &function.account, &arn).await?;
        if target.is_taken(&permit) {
            return Err(Error::FunctionExists(function.name));
        }
        insert(&mut tx, &permit, function.clone(), code);
        let recorded = tx.commit(cx.event(&permit).about(&arn)).await?;

        Ok(recorded.reply(Shown(Arc::new(function))))
    }
}

/// COMPAT: tags need a permission of their own.
fn authorize(cx: &Cx<'_>, target: &Target, input: &Input) -> Result<Permit, Error> {
    let keys = || {
        let tags = input.tags.as_ref();
        Keys::none().opt_tags(tags.map(|tags| tags.iter().map(|(k, v)| (k.as_str(), v.as_str()))))
    };
    let permit = target.permit_with(cx, Action("lambda:CreateFunction"), keys())?;
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        target.permit_with(cx, Action("lambda:TagResource"), keys())?;
    }
    Ok(permit)
}

fn insert(tx: &mut Tx<'_>, permit: &Permit, function: Function, code: Code) {
    if let Some(zip) = code.zip {
        let counter = code_counter(&function.account, &function.region);
        let size = i64::try_from(code.size).unwrap_or(i64::MAX);
        tx.count(permit, &counter, size, Some(MOST_CODE));
        let code = FunctionCode {
            account: function.account.clone(),
            region: function.region.clone(),
            name: function.name.clone(),
            zip: Bytes(zip),
        };
        tx.insert(permit, code);
    }
    tx.insert(permit, function);
}

/// The counter of the bytes of code that an account has in a Region.
pub(super) fn code_counter(account: &AccountId, region: &RegionName) -> String {
    format!("lambda/code/{account}/{region}")
}

impl Input {
    fn function(
        &self,
        cx: &Cx<'_>,
        account: AccountId,
        name: String,
    ) -> Result<(Function, Code), Error> {
        self.check(&name)?;
        let host = Host {
            owner: &account,
            executors: &cx.app.lambda.executors,
        };
        let code = Given {
            zip: self.code.zip_file.as_ref(),
            image_uri: self.code.image_uri.as_deref(),
            is_in_s3: self.code.bucket.is_some()
                || self.code.key.is_some()
                || self.code.object_version.is_some(),
        }
        .code(self.runtime.as_deref(), host)?;
        if code.zip.is_none() && (self.runtime.is_some() || self.handler.is_some()) {
            return Err(Error::InvalidParameter(NO_RUNTIME_OF_IMAGES.to_owned()));
        }
        let mut tags = Tags::default();
        if let Some(given) = &self.tags {
            tagging::set(&mut tags, given)?;
        }
        let architecture = self.architectures.as_ref().and_then(|all| all.first());
        let function = Function {
            account,
            region: cx.region.clone(),
            name,
            description: self.description.clone().unwrap_or_default(),
            role: self.role.clone(),
            handler: self.handler.clone(),
            timeout_seconds: bounded(self.timeout, USUAL_TIMEOUT),
            memory_mib: bounded(self.memory, USUAL_MEMORY),
            environment: environment(self.environment.as_ref())?.flatten(),
            form: code.form.clone(),
            architecture: architecture.map_or("x86_64", String::as_str).to_owned(),
            code_size: code.size,
            digest: code.digest,
            revision_id: random_uuid(cx.entropy()),
            modified: cx.now(),
            tags,
            policy: None,
        };
        Ok((function, code))
    }

    /// Refuses what is not here, and what does not go together.
    fn check(&self, name: &str) -> Result<(), Error> {
        if name.len() > LONGEST_NAME {
            return Err(Error::Validation(format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy \
                 constraint: Member must have length less than or equal to {LONGEST_NAME}"
            )));
        }
        let others = [
            (
                "Publish",
                self.publish == Some(true) || self.publish_to.is_some(),
            ),
            ("CodeSigningConfigArn", self.code_signing.is_some()),
            ("TenancyConfig", self.tenancy.is_some()),
            ("CapacityProviderConfig", self.capacity.is_some()),
            ("DurableConfig", self.durable.is_some()),
            ("RuntimeConfig", self.runtime_config.is_some()),
            ("AcceleratorConfig", self.accelerator.is_some()),
        ];
        self.extras(&others).check()?;
        let is_image = match self.package_type.as_deref() {
            Some(kind) => kind == "Image",
            None => self.code.image_uri.is_some(),
        };
        if !is_image && (self.runtime.is_none() || self.handler.is_none()) {
            return Err(Error::InvalidParameter(RUNTIME_IS_MANDATORY.to_owned()));
        }
        if is_image != self.code.image_uri.is_some() {
            return Err(Error::InvalidParameter(FORMS_DIFFER.to_owned()));
        }
        self.runtime.as_deref().map_or(Ok(()), runtimes::check)
    }

    fn extras<'a>(&'a self, others: &'a [(&'static str, bool)]) -> Extras<'a> {
        Extras {
            vpc: self.vpc.as_ref(),
            dead_letters: self.dead_letters.as_ref(),
            kms_key: self.kms_key.as_deref().or(self.code.source_key.as_deref()),
            tracing: self.tracing.as_ref(),
            layers: self.layers.as_deref(),
            file_systems: self.file_systems.as_deref(),
            storage: self.storage.as_ref(),
            snap_start: self.snap_start.as_ref(),
            logging: self.logging.as_ref(),
            has_image_config: self.image_config.is_some(),
            others,
        }
    }
}

/// A zip file of 50 MiB as base64, and the rest of the request, as AWS has it.
pub(super) const LARGEST_BODY: usize = 70_167_211;
const LONGEST_NAME: usize = 64;
/// 75 GB, as AWS's quota has it.
pub(super) const MOST_CODE: i64 = 75 << 30;
const FORMS_DIFFER: &str =
    "PackageType and Code do not go together: Zip needs a ZipFile, Image an ImageUri.";
const NO_RUNTIME_OF_IMAGES: &str =
    "Please don't provide Handler or Runtime when the intended function PackageType is Image.";
