use crate::error::RunError;
use crate::execution::{Executed, Execution};
use crate::settings::Settings;
use base::{Clock, Entropy, Plaintext};
use std::sync::Arc;

/// Runs functions on this host.
pub struct Runner {
    settings: Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Runner {
    /// Prepares the scratch directory, looks for runtimes and tries the isolation once.
    pub async fn start(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RunError> {
        Ok(Self { settings, clock, entropy })
    }

    /// Runs one invocation to its end. What `scrub` holds is taken out of the log and of errors.
    pub async fn run(
        &self,
        execution: Execution,
        scrub: &[Plaintext],
    ) -> Result<Executed, RunError> {
        drop((execution, scrub, &self.settings, &self.clock, &self.entropy));
        Err(RunError::Isolation(String::from("not yet")))
    }
}
