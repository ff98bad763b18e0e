//! The applications: AWS's rotation templates, as templates of CloudFormation.
//!
//! Each is a function, the role that it runs as, the permissions of that role, and leave for Secrets
//! Manager to call the function. SECURITY: the role may use those secrets only that name the function as
//! the one that rotates them; a master secret and a key only when they are named.
//!
//! COMPAT: a function here runs in no VPC, so the parameters that name one are taken and change nothing.

use super::error::Error;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::ports::Package;
use base::AccountId;
use serde_json::{Map, Value, json};

/// What a caller named, and perhaps the application behind it.
///
/// INVARIANT: that there is none is told only to holders of a [`Permit`].
pub(super) struct Named<'a> {
    caller: &'a AccountId,
    sent: &'a str,
    found: Option<Application>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Application {
    name: String,
}

impl<'a> Named<'a> {
    /// Looks up the application that `sent`, its ARN, means.
    ///
    /// COMPAT: the ARNs that AWS's guide prints differ in Region and account, so neither is looked at.
    pub(super) fn parse(cx: &Cx<'a>, sent: &'a str) -> Self {
        let name = name_of(sent);
        let is_there = |name: &&str| {
            *name == GENERIC
                || cx.app.lambda.runs(
                    cx.account(),
                    &Package::Builtin {
                        template: (*name).to_owned(),
                    },
                )
        };
        Self {
            caller: cx.account(),
            sent,
            found: name.filter(is_there).map(Application::called),
        }
    }

    /// As authorization sees it. AWS's applications are for everybody, so the caller's own permissions
    /// decide.
    pub(super) fn resource(&self) -> Resource<'a> {
        Resource::named(self.caller, self.sent.to_owned())
    }

    /// The application.
    ///
    /// # Errors
    /// [`Error::ApplicationNotFound`].
    pub(super) fn existing(&self, _: &Permit) -> Result<&Application, Error> {
        let found = self.found.as_ref();
        found.ok_or_else(|| Error::ApplicationNotFound(self.sent.to_owned()))
    }
}

/// The name in an application's ARN, if it is one that an application of AWS's could have.
fn name_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let prefix = (parts.next()?, parts.next()?, parts.next()?);
    if prefix.0 != "arn" || !prefix.1.starts_with("aws") || prefix.2 != "serverlessrepo" {
        return None;
    }
    let (_region, account) = (parts.next()?, parts.next()?);
    let name = parts.next()?.strip_prefix("applications/")?;
    let is_account = !account.is_empty() && account.bytes().all(|it| it.is_ascii_digit());
    let is_name = name.len() <= LONGEST_NAME
        && name.starts_with("SecretsManager")
        && name.bytes().all(|it| it.is_ascii_alphanumeric());
    (is_account && is_name).then_some(name)
}

impl Application {
    fn called(name: &str) -> Self {
        Self {
            name: name.to_owned(),
        }
    }

    /// Its name, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it is.
    pub(super) fn description(&self) -> String {
        format!("Rotates a secret of AWS Secrets Manager: {}", self.name)
    }

    /// The template, for what is `given` of its parameters: what is only there when a parameter says so
    /// is left out otherwise. `python` gives the runtime for a function of Python, or why there is none.
    ///
    /// # Errors
    /// [`Error::BadRequest`] where nothing here could run its function.
    pub(super) fn template(
        &self,
        python: impl FnOnce() -> Result<&'static str, String>,
        given: &[(String, String)],
    ) -> Result<Value, Error> {
        let runs_as = self.runs_as(python)?;
        Ok(self.template_with(runs_as, given))
    }

    /// What of the function says how it runs.
    ///
    /// COMPAT: AWS's generic template names one version of Python. Here it is one that this host has.
    fn runs_as(
        &self,
        python: impl FnOnce() -> Result<&'static str, String>,
    ) -> Result<Value, Error> {
        if self.name != GENERIC {
            return Ok(json!({
                "PackageType": "Image",
                "Code": { "ImageUri": format!("builtin:{}", self.name) },
            }));
        }
        let runtime = python().map_err(|why| {
            Error::BadRequest(format!(
                "Template error: the function {} cannot run on this server. {why}",
                self.name
            ))
        })?;
        Ok(json!({
            "Runtime": runtime,
            "Handler": "index.lambda_handler",
            "Code": { "ZipFile": PROGRAM },
        }))
    }

    fn template_with(&self, runs_as: Value, given: &[(String, String)]) -> Value {
        let name = &self.name;
        let is_given = |parameter: &str| {
            let mut given = given.iter();
            given.any(|(name, value)| name == parameter && !value.is_empty())
        };
        json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": self.description(),
            "Parameters": self.parameters(),
            "Resources": {
                format!("{name}Role"): role(),
                name: self.function(runs_as, &is_given),
                format!("{name}Policy"): self.policy(&is_given),
                "LambdaPermission": self.permission(),
            },
            "Outputs": {
                "RotationLambdaARN": {
                    "Description": "The ARN of the rotation lambda",
                    "Value": { "Fn::GetAtt": [name, "Arn"] },
                },
            },
        })
    }

    /// The parameters that it declares.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let is_for_all = |(name, _, _): &&(&str, _, _)| !name.ends_with("SecretArn");
        let is_multi_user = self.name.ends_with("MultiUser");
        PARAMETERS
            .iter()
            .filter(|parameter| is_multi_user || is_for_all(parameter))
            .map(|(name, default, description)| {
                let declared = match default {
                    Some(default) => json!({
                        "Type": "String", "Description": description, "Default": default,
                    }),
                    None => json!({ "Type": "String", "Description": description }),
                };
                ((*name).to_owned(), declared)
            })
            .collect()
    }

    fn function(&self, runs_as: Value, is_given: &impl Fn(&str) -> bool) -> Value {
        let mut variables = Map::new();
        let mut set = |name: &str, parameter: &str| {
            variables.insert(name.to_owned(), json!({ "Ref": parameter }));
        };
        if is_given("endpoint") {
            set("SECRETS_MANAGER_ENDPOINT", "endpoint");
        }
        if is_given("excludeCharacters") {
            set("EXCLUDE_CHARACTERS", "excludeCharacters");
        }
        let common = json!({
            "FunctionName": { "Ref": "functionName" },
            "Description": self.description(),
            "Role": { "Fn::GetAtt": [format!("{}Role", self.name), "Arn"] },
            "Timeout": 30,
            "MemorySize": 128,
            "Environment": { "Variables": variables },
        });
        let members = [common, runs_as].into_iter();
        let members = members.filter_map(|part| part.as_object().cloned());
        let function: Map<String, Value> = members.flatten().collect();
        json!({ "Type": "AWS::Lambda::Function", "Properties": function })
    }

    fn policy(&self, is_given: &impl Fn(&str) -> bool) -> Value {
        let mut statements = vec![
            json!({
                "Effect": "Allow",
                "Action": [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "secretsmanager:resource/AllowRotationLambdaArn":
                            { "Fn::GetAtt": [self.name, "Arn"] },
                    },
                },
            }),
            json!({
                "Effect": "Allow",
                "Action": ["secretsmanager:GetRandomPassword"],
                "Resource": "*",
            }),
        ];
        for parameter in ["masterSecretArn", "superuserSecretArn"] {
            if is_given(parameter) {
                statements.push(json!({
                    "Effect": "Allow",
                    "Action": ["secretsmanager:GetSecretValue"],
                    "Resource": { "Ref": parameter },
                }));
            }
        }
        if is_given("kmsKeyArn") {
            statements.push(json!({
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                "Resource": { "Ref": "kmsKeyArn" },
            }));
        }
        json!({
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": format!("{}Policy", self.name),
                "PolicyDocument": { "Version": "2012-10-17", "Statement": statements },
                "Roles": [{ "Ref": format!("{}Role", self.name) }],
            },
        })
    }

    fn permission(&self) -> Value {
        json!({
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": { "Fn::GetAtt": [self.name, "Arn"] },
                "Principal": { "Ref": "invokingServicePrincipal" },
            },
        })
    }
}

fn role() -> Value {
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": ["lambda.amazonaws.com"] },
                    "Action": ["sts:AssumeRole"],
                }],
            },
            "ManagedPolicyArns": [
                "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            ],
        },
    })
}

/// Name, default and description. Without a default it has to be given.
const PARAMETERS: &[(&str, Option<&str>, &str)] = &[
    (
        "endpoint",
        None,
        "The endpoint of Secrets Manager that the function uses",
    ),
    (
        "excludeCharacters",
        Some(""),
        "Characters that new passwords do not have",
    ),
    ("functionName", None, "The name of the function"),
    (
        "invokingServicePrincipal",
        Some("secretsmanager.amazonaws.com"),
        "The service that calls the function",
    ),
    (
        "kmsKeyArn",
        Some(""),
        "The ARN of the KMS key that the secret is encrypted under",
    ),
    (
        "masterSecretArn",
        Some(""),
        "The ARN of the secret with the credentials that change passwords",
    ),
    (
        "superuserSecretArn",
        Some(""),
        "The ARN of the secret with the credentials that change passwords",
    ),
    (
        "vpcSecurityGroupIds",
        Some(""),
        "Taken, and without effect: functions run on the host of the server",
    ),
    (
        "vpcSubnetIds",
        Some(""),
        "Taken, and without effect: functions run on the host of the server",
    ),
];

/// The one version of every application.
pub(super) const VERSION: &str = "1.0.0";
const GENERIC: &str = "SecretsManagerRotationTemplate";
const LONGEST_NAME: usize = 140;
/// What the generic template's function does until it is completed.
const PROGRAM: &str = include_str!("generic_rotation.py");

#[cfg(test)]
mod tests;
