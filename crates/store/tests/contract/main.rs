//! What a store promises, checked on every engine.

#[cfg(test)]
mod coherence;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod counters;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod model;
#[cfg(test)]
mod outbox;
#[cfg(test)]
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(test)]
mod queries;
#[cfg(test)]
mod renewing;
#[cfg(test)]
mod reopening;
#[cfg(test)]
mod resealing;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod upgrades;
