//! `strongroom functions …`.

use super::{print, table};
use crate::cli::{FunctionsCommand, ServeFlags};
use crate::config::Config;
use crate::error::Error;
use crate::functions::{self, Report};

/// `strongroom functions …`.
pub(crate) fn functions(command: &FunctionsCommand, json: bool) -> Result<(), Error> {
    match command {
        FunctionsCommand::Check { config, data_dir } => {
            let config = Config::load(&ServeFlags {
                config: config.clone(),
                data_dir: data_dir.clone(),
                ..ServeFlags::default()
            })?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Error::system("start the runtime"))?;
            let report = runtime.block_on(functions::check(&config))?;
            if json {
                let text = serde_json::to_string(&report).unwrap_or_default();
                return print(&text);
            }
            print(&shown(&report))
        }
    }
}

fn shown(report: &Report) -> String {
    let yes = |truth: bool| String::from(if truth { "yes" } else { "no" });
    let landlock = match report.landlock {
        0 => String::from("no"),
        version => format!("version {version}"),
    };
    let user = report.user.clone();
    let rows = [
        ["switched on", &yes(report.enabled)],
        ["Landlock", &landlock],
        ["seccomp", &yes(report.seccomp)],
        ["bubblewrap", &yes(report.bubblewrap)],
        ["user", user.as_deref().unwrap_or("the server's")],
    ];
    let mut text = table(["ISOLATION", ""], rows.map(|row| row.map(String::from)));
    for weakness in &report.weaknesses {
        text.push_str(&format!("\nweak: {weakness}"));
    }
    let rows = report.runtimes.iter().map(|found| {
        let client = if found.aws_client {
            "AWS's"
        } else {
            "built in"
        };
        [
            found.runtime.clone(),
            found.program.display().to_string(),
            String::from(client),
            found.boto3.map_or_else(String::new, yes),
        ]
    });
    let provided = [
        "provided.al2023",
        "bootstrap of the zip file",
        "its own",
        "",
    ];
    let provided = provided.map(String::from);
    text.push_str("\n\n");
    text.push_str(&table(
        ["RUNTIME", "PROGRAM", "CLIENT", "BOTO3"],
        rows.chain([provided]),
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::Interpreter;

    #[test]
    fn what_is_in_force_and_what_is_weak_is_shown() {
        let report = Report {
            enabled: true,
            landlock: 2,
            seccomp: true,
            bubblewrap: false,
            user: Some(String::from("990:990")),
            weaknesses: vec![String::from("a function can truncate files")],
            runtimes: vec![
                Interpreter {
                    runtime: String::from("python3.12"),
                    program: "/usr/bin/python3".into(),
                    aws_client: true,
                    boto3: Some(false),
                },
                Interpreter {
                    runtime: String::from("nodejs22.x"),
                    program: "/usr/bin/node".into(),
                    aws_client: false,
                    boto3: None,
                },
            ],
        };

        let text = shown(&report);

        let expected = "\
ISOLATION
switched on  yes
Landlock     version 2
seccomp      yes
bubblewrap   no
user         990:990
weak: a function can truncate files

RUNTIME          PROGRAM                    CLIENT    BOTO3
python3.12       /usr/bin/python3           AWS's     no
nodejs22.x       /usr/bin/node              built in
provided.al2023  bootstrap of the zip file  its own";
        assert_eq!(text, expected);
    }
}
