/// Where a rotation tells what it does, in the lines that AWS's templates print.
///
/// INVARIANT: no line holds a value, a password or a part of one.
pub trait Log: Send + Sync {
    /// What was done.
    fn info(&self, line: &str);

    /// Why a step is about to fail.
    fn error(&self, line: &str);
}
