//! The server's own log: standard error, text for a person, JSON for a machine.
//!
//! SECURITY: nothing logs a request, a header or a body. A panic is logged by its place only, since
//! its text may hold what it was about; and of the libraries below us, which at their lower levels
//! print what goes over the wire, only what they say at `info` and above is taken.

use crate::config::ConfigError;
use std::io::IsTerminal as _;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::Layer;
use tracing_subscriber::layer::SubscriberExt as _;

/// Starts logging at `level`: a level's name, or a filter such as `info,strongroom=debug`.
pub(crate) fn start(level: &str) -> Result<(), ConfigError> {
    let filter = EnvFilter::builder()
        .parse(level)
        .map_err(|_| ConfigError::LogLevel(level.to_owned()))?;
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_harmless));
    let to_stderr = Layer::new().with_writer(std::io::stderr);
    // An error means that this process logs already, which is as good.
    let _ = if std::io::stderr().is_terminal() {
        tracing::subscriber::set_global_default(registry.with(to_stderr))
    } else {
        tracing::subscriber::set_global_default(registry.with(to_stderr.json()))
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "panicked");
    }));
    Ok(())
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    may_log(*metadata.level(), metadata.target())
}

/// Whether what `target` says at `level` is sure to hold nothing of a request.
fn may_log(level: Level, target: &str) -> bool {
    level <= Level::INFO || target.split("::").next().is_some_and(is_ours)
}

fn is_ours(name: &str) -> bool {
    name == "strongroom" || name.starts_with("strongroom_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_not_heard_below_info() {
        for (level, target, heard) in [
            (Level::TRACE, "strongroom::serve", true),
            (Level::DEBUG, "strongroom_store::engine", true),
            (Level::INFO, "h2::codec", true),
            (Level::ERROR, "rustls", true),
            (Level::DEBUG, "h2::codec::framed_read", false),
            (Level::TRACE, "hyper", false),
            (Level::DEBUG, "strongroomy", false),
        ] {
            assert_eq!(may_log(level, target), heard, "{level} {target}");
        }
    }

    #[test]
    fn an_unknown_level_is_refused() {
        let refused = start("chatty=very=loud").unwrap_err();

        assert_eq!(
            refused.to_string(),
            "`chatty=very=loud` is no log level: use `error`, `warn`, `info`, `debug` or `trace`"
        );
    }
}
