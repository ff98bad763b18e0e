//! What matching costs: tests count it. A program counts nothing.

/// Notes `steps` more: values that were looked at, or bytes that were searched.
#[cfg(not(test))]
pub(crate) const fn add(_steps: usize) {}

#[cfg(test)]
pub(crate) fn add(steps: usize) {
    TAKEN.with(|taken| taken.set(taken.get() + steps));
}

/// How many steps `work` takes.
#[cfg(test)]
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    TAKEN.with(|taken| taken.set(0));
    let outcome = work();
    (outcome, TAKEN.with(std::cell::Cell::get))
}

#[cfg(test)]
thread_local! {
    static TAKEN: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
