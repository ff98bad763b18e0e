//! Root key, key ring, and envelopes with a bound context.
