//! Harness, fake clock, seeded entropy, signed client and builders for tests.
