//! Rotations from their beginning to their end, with a function that is scripted.

mod abandoned;
mod checks;
mod clocks;
mod crashes;
mod failures;
mod fairness;
mod in_play;
pub(crate) mod kit;
mod runs;
mod schedules;
mod shown;
mod tests_of_functions;
mod workers;
