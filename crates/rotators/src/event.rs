use base::Plaintext;
use std::fmt;
use std::str::FromStr;

/// What Secrets Manager asks a rotation function to do.
///
/// INVARIANT: no `Debug` and no `Clone`, since it holds the rotation's token.
pub struct Event {
    /// The secret's ARN.
    pub secret_id: String,
    /// The id of the version to be made, `ClientRequestToken`.
    pub token: String,
    /// Names this rotation in `PutSecretValue`. Older servers sent none.
    pub rotation_token: Option<Plaintext>,
    /// Which part of the rotation.
    pub step: Step,
}

/// A part of a rotation, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Makes the new credential and stores it under `AWSPENDING`.
    CreateSecret,
    /// Makes the database take it.
    SetSecret,
    /// Logs in with it.
    TestSecret,
    /// Moves `AWSCURRENT` to it.
    FinishSecret,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 4] = [
        Self::CreateSecret,
        Self::SetSecret,
        Self::TestSecret,
        Self::FinishSecret,
    ];

    /// The name in an event.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateSecret => "createSecret",
            Self::SetSecret => "setSecret",
            Self::TestSecret => "testSecret",
            Self::FinishSecret => "finishSecret",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Step {
    type Err = UnknownStep;

    fn from_str(name: &str) -> Result<Self, UnknownStep> {
        Self::ALL
            .into_iter()
            .find(|step| step.name() == name)
            .ok_or_else(|| UnknownStep(name.to_owned()))
    }
}

/// There is no such step.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid step parameter {0}")]
pub struct UnknownStep(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_back_from_its_name() {
        let read = Step::ALL.map(|step| step.name().parse());

        assert_eq!(read, Step::ALL.map(Ok));
        assert_eq!(
            "create_secret".parse::<Step>().unwrap_err().to_string(),
            "Invalid step parameter create_secret"
        );
    }
}
