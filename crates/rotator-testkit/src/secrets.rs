use base::Plaintext;
use parking_lot::Mutex;
use rotators::{Description, PasswordRules, Secrets, SecretsError, SecretsFuture};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::future::ready;

/// Secrets Manager in memory, with its rules for labels.
#[derive(Default)]
pub struct MemorySecrets(Mutex<State>);

#[derive(Default)]
struct State {
    secrets: BTreeMap<String, Secret>,
    passwords: VecDeque<String>,
    drawn: Vec<String>,
    calls_left: Option<u32>,
}

#[derive(Default)]
struct Secret {
    rotation_enabled: Option<bool>,
    versions: BTreeMap<String, Version>,
}

#[derive(Default)]
struct Version {
    stages: Vec<String>,
    value: Option<String>,
}

impl MemorySecrets {
    /// Gives the secret a new version with `AWSCURRENT`, as `PutSecretValue` does.
    pub fn put(&self, arn: &str, version: &str, value: &Value) {
        let mut state = self.0.lock();
        let secret = state.secrets.entry(arn.to_owned()).or_default();
        secret.versions.entry(version.to_owned()).or_default().value = Some(value.to_string());
        secret.promote(version);
    }

    /// What `RotateSecret` does: a version without a value, with `AWSPENDING`.
    pub fn start(&self, arn: &str, token: &str) {
        let mut state = self.0.lock();
        let secret = state.secrets.get_mut(arn).unwrap();
        secret.rotation_enabled = Some(true);
        secret.versions.entry(token.to_owned()).or_default();
        secret.label("AWSPENDING", token);
    }

    /// Writes a value into a version, as somebody who may would.
    pub fn overwrite(&self, arn: &str, version: &str, value: &Value) {
        let mut state = self.0.lock();
        let secret = state.secrets.get_mut(arn).unwrap();
        secret.versions.get_mut(version).unwrap().value = Some(value.to_string());
    }

    /// Switches rotation on or off, or forgets that it ever was configured.
    pub fn set_rotation_enabled(&self, arn: &str, enabled: Option<bool>) {
        self.0.lock().secrets.get_mut(arn).unwrap().rotation_enabled = enabled;
    }

    /// The value of the version with a label.
    pub fn value_at(&self, arn: &str, stage: &str) -> Option<Value> {
        let state = self.0.lock();
        let secret = state.secrets.get(arn)?;
        let value = secret.holder(stage)?.1.value.as_ref()?;
        Some(serde_json::from_str(value).unwrap())
    }

    /// The text of the version with a label.
    pub fn text_at(&self, arn: &str, stage: &str) -> Option<String> {
        let state = self.0.lock();
        state.secrets.get(arn)?.holder(stage)?.1.value.clone()
    }

    /// The labels, and which version has each.
    pub fn labels(&self, arn: &str) -> BTreeMap<String, String> {
        let state = self.0.lock();
        let versions = state.secrets[arn].versions.iter();
        versions
            .flat_map(|(id, version)| version.stages.iter().map(|one| (one.clone(), id.clone())))
            .collect()
    }

    /// Makes `password` the next one drawn, whatever the rules say.
    pub fn draw_next(&self, password: &str) {
        self.0.lock().passwords.push_back(password.to_owned());
    }

    /// Every password that was drawn.
    pub fn drawn(&self) -> Vec<String> {
        self.0.lock().drawn.clone()
    }

    /// Fails every call after the next `calls`. `None`: none fails.
    pub fn fail_after(&self, calls: Option<u32>) {
        self.0.lock().calls_left = calls;
    }

    fn call<T>(
        &self,
        answer: impl FnOnce(&mut State) -> Result<T, SecretsError>,
    ) -> Result<T, SecretsError> {
        let mut state = self.0.lock();
        match &mut state.calls_left {
            Some(0) => return Err(SecretsError::Unavailable("cut off".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        answer(&mut state)
    }
}

impl Secrets for MemorySecrets {
    fn describe<'a>(&'a self, secret_id: &'a str) -> SecretsFuture<'a, Description> {
        Box::pin(ready(self.call(|state| {
            let secret = state.find(secret_id)?;
            let versions = secret.versions.iter();
            Ok(Description {
                rotation_enabled: secret.rotation_enabled,
                versions: versions
                    .filter(|(_, version)| !version.stages.is_empty())
                    .map(|(id, version)| (id.clone(), version.stages.clone()))
                    .collect(),
            })
        })))
    }

    fn value<'a>(
        &'a self,
        secret_id: &'a str,
        version_id: Option<&'a str>,
        stage: &'a str,
    ) -> SecretsFuture<'a, Plaintext> {
        Box::pin(ready(self.call(|state| {
            let secret = state.find(secret_id)?;
            let missing = || {
                let text = "Secrets Manager can't find the specified secret value";
                SecretsError::NotFound(format!("{text} for staging label: {stage}"))
            };
            let (id, version) = secret.holder(stage).ok_or_else(missing)?;
            if version_id.is_some_and(|wanted| wanted != id) {
                return Err(missing());
            }
            let value = version.value.clone().ok_or_else(missing)?;
            Ok(Plaintext::from(value))
        })))
    }

    fn put_pending<'a>(
        &'a self,
        secret_id: &'a str,
        token: &'a str,
        _: Option<&'a Plaintext>,
        value: Plaintext,
    ) -> SecretsFuture<'a, ()> {
        let value = String::from_utf8(value.expose().to_vec()).unwrap();
        Box::pin(ready(self.call(|state| {
            let secret = state.find(secret_id)?;
            let version = secret.versions.entry(token.to_owned()).or_default();
            if version.value.as_ref().is_some_and(|own| *own != value) {
                return Err(refused("ResourceExistsException"));
            }
            version.value = Some(value);
            secret.label("AWSPENDING", token);
            Ok(())
        })))
    }

    fn move_current<'a>(
        &'a self,
        secret_id: &'a str,
        to: &'a str,
        from: Option<&'a str>,
    ) -> SecretsFuture<'a, ()> {
        Box::pin(ready(self.call(|state| {
            let secret = state.find(secret_id)?;
            let holder = secret.holder("AWSCURRENT").map(|(id, _)| id.to_owned());
            if holder.as_deref() != from || !secret.versions.contains_key(to) {
                return Err(refused("InvalidParameterException"));
            }
            secret.promote(to);
            Ok(())
        })))
    }

    fn random_password<'a>(&'a self, rules: &'a PasswordRules) -> SecretsFuture<'a, Plaintext> {
        Box::pin(ready(self.call(|state| {
            let count = state.drawn.len();
            let password = match state.passwords.pop_front() {
                Some(given) => given,
                None => password(rules, count),
            };
            state.drawn.push(password.clone());
            Ok(Plaintext::from(password))
        })))
    }
}

impl State {
    fn find(&mut self, arn: &str) -> Result<&mut Secret, SecretsError> {
        let text = "Secrets Manager can't find the specified secret.";
        self.secrets
            .get_mut(arn)
            .ok_or_else(|| SecretsError::NotFound(text.to_owned()))
    }
}

impl Secret {
    fn holder(&self, stage: &str) -> Option<(&str, &Version)> {
        let mut versions = self.versions.iter();
        versions
            .find(|(_, version)| version.stages.iter().any(|own| own == stage))
            .map(|(id, version)| (id.as_str(), version))
    }

    fn label(&mut self, stage: &str, id: &str) {
        for version in self.versions.values_mut() {
            version.stages.retain(|own| own != stage);
        }
        let stages = &mut self.versions.get_mut(id).unwrap().stages;
        stages.push(stage.to_owned());
    }

    fn promote(&mut self, id: &str) {
        let old = self.holder("AWSCURRENT").map(|(old, _)| old.to_owned());
        if let Some(old) = old.filter(|old| old != id) {
            self.label("AWSPREVIOUS", &old);
        }
        self.label("AWSCURRENT", id);
    }
}

/// A password by the rules that is another every time.
fn password(rules: &PasswordRules, count: usize) -> String {
    let all = (b'!'..=b'~')
        .map(char::from)
        .filter(|one| !rules.exclude_characters.contains(*one));
    let mut characters = all.cycle().skip(count * 7);
    let unique = format!("A{count}b!");
    let rest = (rules.length as usize).saturating_sub(unique.len());
    let mut text = unique;
    text.extend(characters.by_ref().take(rest));
    text
}

fn refused(code: &str) -> SecretsError {
    SecretsError::Refused {
        code: code.to_owned(),
        message: String::new(),
    }
}
