//! The runtimes of zip files.

use super::error::Error;
use crate::ports::Interpreter;

/// Every runtime of AWS's model.
pub(super) const ALL: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "nodejs4.3-edge",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided",
    "provided.al2",
    "provided.al2023",
];

/// Refuses a runtime of AWS's that there is not here: those of Python 3, of Node by its major number,
/// and the custom ones are.
///
/// # Errors
/// [`Error::InvalidParameter`], the text being ours.
pub(super) fn check(runtime: &str) -> Result<(), Error> {
    let is_here = runtime.starts_with("python3.")
        || (runtime.starts_with("nodejs") && runtime.ends_with(".x"))
        || runtime.starts_with("provided.al2");
    if is_here {
        Ok(())
    } else {
        Err(Error::unsupported(&format!("The runtime {runtime}")))
    }
}

/// The runtime for a function of Python of which nobody said for which version it is: that of the newest
/// interpreter, first of all of those that have boto3, by the newest name that Lambda has for it. `None`
/// without any.
pub(super) fn python(interpreters: &[Interpreter]) -> Option<&'static str> {
    let minors = interpreters.iter().filter_map(|found| {
        let minor = minor(&found.runtime)?;
        Some((found.has_boto3, minor))
    });
    let (_, newest) = minors.max()?;
    let names = ALL.iter().copied();
    let known = names.filter(|name| minor(name).is_some_and(|one| one <= newest));
    known.max_by_key(|name| minor(name))
}

fn minor(runtime: &str) -> Option<u32> {
    runtime.strip_prefix("python3.")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(runtime: &str, has_boto3: bool) -> Interpreter {
        Interpreter {
            runtime: runtime.to_owned(),
            has_boto3,
        }
    }

    #[test]
    fn the_newest_python_is_chosen_and_first_of_all_one_with_boto3() {
        for (interpreters, chosen) in [
            (vec![found("python3.11", false)], Some("python3.11")),
            (
                vec![
                    found("python3.9", true),
                    found("python3.13", false),
                    found("nodejs24.x", false),
                    found("python3.10", true),
                ],
                Some("python3.10"),
            ),
            (
                vec![found("python3.9", false), found("python3.13", false)],
                Some("python3.13"),
            ),
            // Lambda has no name for it yet, and it runs what is older.
            (vec![found("python3.99", true)], Some("python3.14")),
            (vec![found("python3.5", true)], None),
            (vec![found("nodejs22.x", false)], None),
            (Vec::new(), None),
        ] {
            assert_eq!(python(&interpreters), chosen, "{interpreters:?}");
        }
    }

    #[test]
    fn python_node_and_custom_runtimes_are_here() {
        let here: Vec<&str> = ALL
            .iter()
            .copied()
            .filter(|name| check(name).is_ok())
            .collect();

        assert_eq!(here.len(), 8 + 9 + 2, "{here:?}");
        for other in [
            "java21",
            "python2.7",
            "nodejs4.3",
            "provided",
            "go1.x",
            "ruby3.4",
        ] {
            assert_eq!(
                check(other).unwrap_err().to_string(),
                format!("The runtime {other} is not supported by this server yet.")
            );
        }
    }
}
