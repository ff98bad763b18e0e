//! `UpdateFunctionConfiguration`: changes everything about a function but its code.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::configuration::{Extras, Shown, bounded, environment};
use crate::lambda::error::Error;
use crate::lambda::model::Function;
use crate::lambda::shapes::{
    ANYTHING, Anything, DEAD_LETTERS, DESCRIPTION, DeadLetterInput, ENVIRONMENT, EnvironmentInput,
    FILE_SYSTEMS, FUNCTION_NAME, HANDLER, IMAGE, ImageInput, KMS_KEY, LAYERS, LOGGING,
    LoggingInput, MEMORY, ROLE, RUNTIME, SNAP_START, STORAGE, SnapStartInput, StorageInput, TEXT,
    TIMEOUT, TRACING, TracingInput, VPC, VpcInput,
};
use crate::lambda::target::{Target, check_revision};
use crate::lambda::{role, runtimes};
use crate::operation::{Operation, RestNames};
use crate::ports::{Executors, Package};
use crate::tx::Reply;
use base::AccountId;
use std::sync::Arc;
use wire::rest::Http;

pub(crate) struct UpdateFunctionConfiguration;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "UpdateFunctionConfiguration20150331v2",
};

static HTTP: Http = Http::new(
    "PUT",
    "/2015-03-31/functions/{FunctionName}/configuration",
    200,
);

wire::input! {
    /// What `UpdateFunctionConfiguration` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" FUNCTION_NAME,
        role: Option<String> = audited "Role" ROLE,
        handler: Option<String> = audited "Handler" HANDLER,
        description: Option<String> = audited "Description" DESCRIPTION,
        timeout: Option<i64> = audited "Timeout" TIMEOUT,
        memory: Option<i64> = audited "MemorySize" MEMORY,
        vpc: Option<VpcInput> = audited "VpcConfig" VPC,
        environment: Option<EnvironmentInput> = "Environment" ENVIRONMENT,
        runtime: Option<String> = audited "Runtime" RUNTIME,
        dead_letters: Option<DeadLetterInput> = audited "DeadLetterConfig" DEAD_LETTERS,
        kms_key: Option<String> = audited "KMSKeyArn" KMS_KEY,
        tracing: Option<TracingInput> = audited "TracingConfig" TRACING,
        revision_id: Option<String> = audited "RevisionId" TEXT,
        layers: Option<Vec<String>> = audited "Layers" LAYERS,
        file_systems: Option<Vec<Anything>> = "FileSystemConfigs" FILE_SYSTEMS,
        image_config: Option<ImageInput> = audited "ImageConfig" IMAGE,
        storage: Option<StorageInput> = audited "EphemeralStorage" STORAGE,
        snap_start: Option<SnapStartInput> = audited "SnapStart" SNAP_START,
        logging: Option<LoggingInput> = audited "LoggingConfig" LOGGING,
        capacity: Option<Anything> = "CapacityProviderConfig" ANYTHING,
        durable: Option<Anything> = "DurableConfig" ANYTHING,
        runtime_config: Option<Anything> = "RuntimeConfig" ANYTHING,
        accelerator: Option<Anything> = "AcceleratorConfig" ANYTHING,
    }
}

impl Operation for UpdateFunctionConfiguration {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, None).await?;
        let permit = target.permit(cx, Action("lambda:UpdateFunctionConfiguration"))?;

        let found = target.existing(&permit)?;
        check_revision(&found.record, input.revision_id.as_deref())?;
        input.check(&found.record)?;
        input.is_runnable(&found.record.account, &cx.app.lambda.executors)?;
        if let Some(role) = &input.role {
            let arn = found.record.arn();
            role::pass(cx, &mut tx, role, &found.record.account, &arn).await?;
        }
        let mut function = Function::clone(&found.record);
        input.apply(&mut function)?;
        function.is_changed(cx.entropy(), cx.now());
        tx.update(&permit, function.clone(), found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Shown(Arc::new(function))))
    }
}

impl Input {
    /// Refuses what is not here, and what does not go with the function.
    fn check(&self, function: &Function) -> Result<(), Error> {
        let others = [
            ("CapacityProviderConfig", self.capacity.is_some()),
            ("DurableConfig", self.durable.is_some()),
            ("RuntimeConfig", self.runtime_config.is_some()),
            ("AcceleratorConfig", self.accelerator.is_some()),
        ];
        Extras {
            vpc: self.vpc.as_ref(),
            dead_letters: self.dead_letters.as_ref(),
            kms_key: self.kms_key.as_deref(),
            tracing: self.tracing.as_ref(),
            layers: self.layers.as_deref(),
            file_systems: self.file_systems.as_deref(),
            storage: self.storage.as_ref(),
            snap_start: self.snap_start.as_ref(),
            logging: self.logging.as_ref(),
            has_image_config: self.image_config.is_some(),
            others: &others,
        }
        .check()?;
        if !function.is_zip() && (self.runtime.is_some() || self.handler.is_some()) {
            return Err(Error::InvalidParameter(NO_ZIP.to_owned()));
        }
        self.runtime.as_deref().map_or(Ok(()), runtimes::check)
    }

    /// Refuses a runtime that the executor of zip files does not take, where there is one.
    fn is_runnable(&self, owner: &AccountId, executors: &Executors) -> Result<(), Error> {
        let (Some(runtime), Some(process)) = (&self.runtime, &executors.process) else {
            return Ok(());
        };
        let package = Package::Zip {
            runtime: runtime.clone(),
        };
        let accepted = process.accepts(owner, &package);
        accepted.map_err(Error::InvalidParameter)
    }

    fn apply(&self, function: &mut Function) -> Result<(), Error> {
        if let Some(environment) = environment(self.environment.as_ref())? {
            function.environment = environment;
        }
        if let Some(role) = &self.role {
            function.role.clone_from(role);
        }
        if let Some(description) = &self.description {
            function.description.clone_from(description);
        }
        if self.handler.is_some() {
            function.handler.clone_from(&self.handler);
        }
        if let Some(runtime) = &self.runtime {
            function.form = Package::Zip {
                runtime: runtime.clone(),
            };
        }
        function.timeout_seconds = bounded(self.timeout, function.timeout_seconds);
        function.memory_mib = bounded(self.memory, function.memory_mib);
        Ok(())
    }
}

const NO_ZIP: &str =
    "Please don't provide Handler or Runtime when the function's PackageType is Image.";
