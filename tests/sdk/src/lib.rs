//! Starts the built binary for tests with real clients.
