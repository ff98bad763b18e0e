//! CloudWatch Logs: an operation, a file; and how functions write.

mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod kit;
mod writing;
