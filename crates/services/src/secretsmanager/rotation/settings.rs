use jobs::Backoff;

/// How rotations are done.
#[derive(Clone, Copy, Debug)]
pub struct RotationSettings {
    /// Rotations that this node has under way at once, of all accounts together. One account alone
    /// gets half of them.
    pub workers: u16,
    /// How often a rotation is tried, from the first step on, before it has failed.
    ///
    /// COMPAT: AWS's number and spacing are not published.
    pub attempts: u32,
    /// How long between two attempts.
    pub backoff: Backoff,
    /// Milliseconds after which a step that did not end has failed, whatever the function's own
    /// timeout.
    pub step_millis: u32,
    /// Milliseconds for which a worker has a rotation before others take it for dead. It says in time
    /// that it is not.
    pub lease_millis: u32,
}

impl Default for RotationSettings {
    fn default() -> Self {
        Self {
            workers: 16,
            attempts: 5,
            backoff: Backoff {
                first_millis: 30_000,
                most_millis: 3_600_000,
            },
            // More than the 15 minutes that Lambda lets a function have.
            step_millis: 960_000,
            lease_millis: 20_000,
        }
    }
}
