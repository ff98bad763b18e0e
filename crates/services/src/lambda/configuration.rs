//! What a caller may choose about a function, and how answers show a function.

use super::environment::Environment;
use super::error::Error;
use super::function_id::LATEST;
use super::model::Function;
use super::shapes::{
    Anything, DeadLetterInput, EnvironmentInput, LoggingInput, SnapStartInput, StorageInput,
    TracingInput, VpcInput,
};
use crate::ports::Package;
use base::Timestamp;
use wire::json;

/// What AWS has for a function and this server has not: harmless where it asks for what is so anyway.
#[derive(Default)]
pub(super) struct Extras<'a> {
    pub(super) vpc: Option<&'a VpcInput>,
    pub(super) dead_letters: Option<&'a DeadLetterInput>,
    pub(super) kms_key: Option<&'a str>,
    pub(super) tracing: Option<&'a TracingInput>,
    pub(super) layers: Option<&'a [String]>,
    pub(super) file_systems: Option<&'a [Anything]>,
    pub(super) storage: Option<&'a StorageInput>,
    pub(super) snap_start: Option<&'a SnapStartInput>,
    pub(super) logging: Option<&'a LoggingInput>,
    pub(super) has_image_config: bool,
    /// Members of which nothing is read, by their names.
    pub(super) others: &'a [(&'static str, bool)],
}

impl Extras<'_> {
    /// Refuses what is asked for and is not here.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], the text being ours.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let has_some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
        let in_vpc = |vpc: &VpcInput| {
            has_some(&vpc.subnets) || has_some(&vpc.security_groups) || vpc.has_ipv6 == Some(true)
        };
        let logs_otherwise = |logging: &LoggingInput| {
            logging.format.as_deref() == Some("JSON")
                || is_set(&logging.group)
                || logging.application_level.is_some()
                || logging.system_level.is_some()
        };
        let asked = [
            ("VpcConfig", self.vpc.is_some_and(in_vpc)),
            (
                "DeadLetterConfig",
                self.dead_letters.is_some_and(|it| is_set(&it.target)),
            ),
            ("KMSKeyArn", self.kms_key.is_some_and(|arn| !arn.is_empty())),
            (
                "TracingConfig with Mode Active",
                self.tracing
                    .is_some_and(|it| it.mode.as_deref() == Some("Active")),
            ),
            (
                "Layers",
                self.layers.is_some_and(|layers| !layers.is_empty()),
            ),
            (
                "FileSystemConfigs",
                self.file_systems.is_some_and(|all| !all.is_empty()),
            ),
            (
                "EphemeralStorage other than 512 MB",
                self.storage.is_some_and(|it| it.size != STORAGE_MIB),
            ),
            (
                "SnapStart",
                self.snap_start
                    .is_some_and(|it| it.apply_on.as_deref() == Some("PublishedVersions")),
            ),
            ("LoggingConfig", self.logging.is_some_and(logs_otherwise)),
            ("ImageConfig", self.has_image_config),
        ];
        let mut all = asked.iter().chain(self.others);
        match all.find(|(_, is_asked)| *is_asked) {
            Some((what, _)) => Err(Error::unsupported(what)),
            None => Ok(()),
        }
    }
}

/// The environment that a request gives: what it is set to, where it is given at all.
///
/// # Errors
/// As [`Environment::of`].
pub(super) fn environment(
    given: Option<&EnvironmentInput>,
) -> Result<Option<Option<Environment>>, Error> {
    let Some(given) = given else {
        return Ok(None);
    };
    let variables = given.variables.as_ref().map(Environment::of).transpose()?;
    Ok(Some(variables.filter(|variables| !variables.is_empty())))
}

/// A number that the model has bounded.
pub(super) fn bounded(given: Option<i64>, usual: u32) -> u32 {
    given
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(usual)
}

/// The answer of operations that show a function.
pub(crate) struct Shown(pub(crate) std::sync::Arc<Function>);

impl json::Output for Shown {
    fn write(&self, object: &mut json::Object<'_>) {
        write(object, &self.0);
    }
}

/// Writes `FunctionConfiguration`.
pub(super) fn write(object: &mut json::Object<'_>, function: &Function) {
    object.text("FunctionName", &function.name);
    object.text("FunctionArn", &function.arn());
    object.opt_text("Runtime", function.form.runtime());
    object.text("Role", &function.role);
    object.opt_text("Handler", function.handler.as_deref());
    object.integer(
        "CodeSize",
        i64::try_from(function.code_size).unwrap_or(i64::MAX),
    );
    object.text("Description", &function.description);
    object.integer("Timeout", i64::from(function.timeout_seconds));
    object.integer("MemorySize", i64::from(function.memory_mib));
    object.text("LastModified", &modified(function.modified));
    object.text("CodeSha256", &function.code_sha256());
    object.text("Version", LATEST);
    if let Some(environment) = &function.environment {
        environment.write(object);
    }
    object.object("TracingConfig", |tracing| {
        tracing.text("Mode", "PassThrough")
    });
    object.text("RevisionId", &function.revision_id);
    object.text("State", "Active");
    object.text("LastUpdateStatus", "Successful");
    let is_zip = matches!(function.form, Package::Zip { .. });
    object.text("PackageType", if is_zip { "Zip" } else { "Image" });
    object.texts("Architectures", [&function.architecture]);
    object.object("EphemeralStorage", |storage| {
        storage.integer("Size", STORAGE_MIB)
    });
    object.object("SnapStart", |snap| {
        snap.text("ApplyOn", "None");
        snap.text("OptimizationStatus", "Off");
    });
    object.object("LoggingConfig", |logging| {
        logging.text("LogFormat", "Text");
        logging.text("LogGroup", &log_group(&function.name));
    });
}

/// The log group of a function.
pub(crate) fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// As Lambda writes moments: `2026-01-15T12:00:00.000+0000`.
fn modified(moment: Timestamp) -> String {
    format!("{}+0000", moment.to_iso_millis())
}

pub(super) const USUAL_TIMEOUT: u32 = 3;
pub(super) const USUAL_MEMORY: u32 = 128;
const STORAGE_MIB: i64 = 512;
