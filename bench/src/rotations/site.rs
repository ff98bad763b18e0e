//! What is measured: a server with functions switched on, a rotation function on it, secrets that
//! the function rotates, and as many others to read.

use super::home::{Letter, write_private};
use crate::Error;
use crate::args::{Form, RotationSettings};
use crate::clock::now;
use crate::content::once_each;
use crate::load::tell;
use crate::measure::{children_cpu_time, cpu_time};
use crate::operation::Ask;
use crate::people::{Admin, between};
use crate::target::{Helper, Plan, Target, end_of};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zip::write::SimpleFileOptions;

/// A server and its rotation function.
pub(super) struct Site {
    pub(super) target: Target,
    helper: Option<Helper>,
    /// The function's ARN.
    pub(super) function: String,
    log: PathBuf,
}

impl Site {
    /// Starts everything in `scratch` and fills the store.
    pub(super) fn set_up(
        settings: &RotationSettings,
        program: &Path,
        scratch: &Path,
    ) -> Result<Self, Error> {
        let scratch = fs::canonicalize(scratch).map_err(Error::io("find the scratch"))?;
        let plan = Plan::function(&scratch.join("function"))?;
        let helper = match settings.function {
            Form::Elsewhere => Some(Helper::start(&plan)?),
            Form::Process => None,
        };
        let url = helper.as_ref().map(|helper| helper.url.clone());
        let key = scratch.join("invoking-key");
        // What signs the calls of the function. The function does not look.
        write_private(
            &key,
            "[default]\naws_access_key_id = AKIAINVOKEINVOKEINVO\naws_secret_access_key = none\n",
        )?;
        let config = scratch.join("strongroom.toml");
        let program_here = std::env::current_exe().map_err(Error::io("find this program"))?;
        let text = configuration(url.as_deref(), &key, &program_here, settings.workers);
        fs::write(&config, text).map_err(Error::io(config.display().to_string()))?;
        let data_dir = scratch.join("data");
        let server = Plan::configured(program, &data_dir, &config);
        let target = Target::start(&server)?;
        let deployment = Deployment { target: &target };
        let function = match &url {
            Some(url) => deployment.elsewhere(url, &data_dir, &plan.data_dir)?,
            None => deployment.process(&program_here)?,
        };
        for ask in [Ask::create, Ask::get, Ask::create_rotated] {
            once_each(&target.endpoint, &target.signer, settings.secrets, ask)?;
        }
        let log = match helper {
            Some(_) => plan.log(),
            None => server.log(),
        };
        Ok(Self {
            target,
            helper,
            function,
            log,
        })
    }

    /// The processor time that the function has used, wherever it runs.
    pub(super) fn function_cpu(&self) -> Result<Duration, Error> {
        match &self.helper {
            Some(helper) => cpu_time(helper.pid()),
            None => children_cpu_time(self.target.pid()),
        }
    }

    /// The last lines of the function's log, or of the server's.
    pub(super) fn log(&self) -> String {
        end_of(&self.log)
    }
}

/// What an operator writes to switch functions on.
///
/// A rotation that fails is not tried again: then one that ended well did so at the first attempt.
fn configuration(url: Option<&str>, key: &Path, program: &Path, workers: Option<u16>) -> String {
    let functions = match url {
        Some(url) => format!(
            "[[functions.remote]]\nurl = \"{url}{FUNCTIONS}/\"\nregion = \"us-east-1\"\n\
             credentials_file = \"{}\"\n",
            key.display()
        ),
        None => format!(
            "[functions]\nenabled = true\nreadable = [\"{}\"]\n",
            program.display()
        ),
    };
    let workers = workers.map(|workers| format!("workers = {workers}\n"));
    format!(
        "{functions}[quotas]\nthrottling = false\n[rotation]\nattempts = 1\n{}",
        workers.unwrap_or_default()
    )
}

/// Creates the function, and what it is and may.
struct Deployment<'a> {
    target: &'a Target,
}

impl Deployment<'_> {
    /// A function at `url`, which finds in `dir` a key of its own: that of a user with the rights
    /// of a rotation function.
    fn elsewhere(&self, url: &str, data_dir: &Path, dir: &Path) -> Result<String, Error> {
        let admin = Admin {
            target: self.target,
        };
        let code = json!({"ImageUri": format!("{url}{FUNCTIONS}/{NAME}/invocations")});
        let function = self.create(&json!({"PackageType": "Image", "Code": code}))?;
        admin.call("CreateUser", &[("UserName", NAME)])?;
        let document = rights(&function).to_string();
        admin.call(
            "PutUserPolicy",
            &[
                ("UserName", NAME),
                ("PolicyName", "rotation"),
                ("PolicyDocument", &document),
            ],
        )?;
        let key = admin.call("CreateAccessKey", &[("UserName", NAME)])?;
        let letter = Letter {
            address: self.target.endpoint.address,
            region: self.target.signer.region.clone(),
            authority: data_dir.join("tls/ca.pem"),
            access_key_id: between(&key, "<AccessKeyId>", "</AccessKeyId>")?,
            secret_access_key: between(&key, "<SecretAccessKey>", "</SecretAccessKey>")?,
        };
        letter.leave(dir)?;
        Ok(function)
    }

    /// A function whose code is a `bootstrap` that becomes this very `program`.
    fn process(&self, program: &Path) -> Result<String, Error> {
        let script = format!("#!/bin/sh\nexec '{}' function\n", program.display());
        let zip = zipped("bootstrap", script.as_bytes())?;
        let code = json!({
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Code": {"ZipFile": BASE64.encode(&zip)},
        });
        let function = self.create(&code)?;
        let admin = Admin {
            target: self.target,
        };
        let document = rights(&function).to_string();
        admin.call(
            "PutRolePolicy",
            &[
                ("RoleName", NAME),
                ("PolicyName", "rotation"),
                ("PolicyDocument", &document),
            ],
        )?;
        Ok(function)
    }

    /// Creates the function, its role, and the leave of Secrets Manager to call it. Gives its ARN.
    fn create(&self, code: &Value) -> Result<String, Error> {
        let admin = Admin {
            target: self.target,
        };
        let trust = trust().to_string();
        let role = admin.call(
            "CreateRole",
            &[("RoleName", NAME), ("AssumeRolePolicyDocument", &trust)],
        )?;
        admin.call(
            "AttachRolePolicy",
            &[("RoleName", NAME), ("PolicyArn", LOGGING)],
        )?;
        let role = between(&role, "<Arn>", "</Arn>")?;
        let mut input = json!({"FunctionName": NAME, "Role": role, "Timeout": 30});
        if let (Some(input), Some(code)) = (input.as_object_mut(), code.as_object()) {
            input.extend(code.clone());
        }
        let created = self.post("CreateFunction", FUNCTIONS, &input)?;
        let permission = json!({
            "StatementId": "secretsmanager",
            "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": role.split(':').nth(4),
        });
        let policy = format!("{FUNCTIONS}/{NAME}/policy");
        self.post("AddPermission", &policy, &permission)?;
        let arn = created.get("FunctionArn").and_then(Value::as_str);
        arn.map(str::to_owned)
            .ok_or_else(|| Error::Step(String::from("it was created without an ARN")))
    }

    fn post(&self, operation: &'static str, path: &str, input: &Value) -> Result<Value, Error> {
        let signer = &self.target.signer;
        let request = signer.sign_rest(path, &input.to_string(), now())?;
        let (status, body) = tell(&self.target.endpoint, &request)?;
        if status == 201 {
            return Ok(serde_json::from_slice(&body)?);
        }
        Err(Error::Refused {
            operation,
            status,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

/// Who may take the function's role.
fn trust() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" },
          "Action": "sts:AssumeRole" },
    ] })
}

/// What AWS's guide lets a rotation function do.
fn rights(function: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow",
          "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
          "Resource": "*",
          "Condition": { "StringEquals": {
            "secretsmanager:resource/AllowRotationLambdaArn": function } } },
        { "Effect": "Allow", "Action": "secretsmanager:GetRandomPassword", "Resource": "*" },
    ] })
}

/// A zip file with one file in it, which can be started.
fn zipped(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error: zip::result::ZipError| Error::io("pack the function")(error.into());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file(name, options).map_err(failed)?;
    zip.write_all(bytes)
        .map_err(Error::io("pack the function"))?;
    Ok(zip.finish().map_err(failed)?.into_inner())
}

const NAME: &str = "bench-rotation";
const FUNCTIONS: &str = "/2015-03-31/functions";
const LOGGING: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_function_that_is_measured_is_switched_on() {
        let (key, program) = (Path::new("/run/key"), Path::new("/bin/bench"));

        assert_eq!(
            configuration(Some("http://127.0.0.1:9"), key, program, None),
            "[[functions.remote]]\nurl = \"http://127.0.0.1:9/2015-03-31/functions/\"\n\
             region = \"us-east-1\"\ncredentials_file = \"/run/key\"\n[quotas]\n\
             throttling = false\n[rotation]\nattempts = 1\n"
        );
        assert_eq!(
            configuration(None, key, program, Some(2)),
            "[functions]\nenabled = true\nreadable = [\"/bin/bench\"]\n[quotas]\n\
             throttling = false\n[rotation]\nattempts = 1\nworkers = 2\n"
        );
    }

    #[test]
    fn the_packed_function_can_be_started() {
        let packed = zipped("bootstrap", b"script").unwrap();

        let mut zip = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        let file = zip.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    }

    #[test]
    fn the_function_may_touch_only_what_it_rotates() {
        let rights = rights("arn:f");

        let condition = &rights["Statement"][0]["Condition"]["StringEquals"];
        assert_eq!(
            condition["secretsmanager:resource/AllowRotationLambdaArn"],
            "arn:f"
        );
    }
}
