//! `strongroom rotator`.

use super::{print, read, table};
use crate::admin::{self, Command, RotatorCommand};
use crate::cli;
use crate::config;
use crate::error::Error;
use rotators::{Strategy, Template};
use services::Rotator;

/// `strongroom rotator …`.
pub(crate) fn rotator(command: &cli::RotatorCommand, json: bool) -> Result<(), Error> {
    match command {
        cli::RotatorCommand::Enable {
            template,
            target,
            name,
            account_id,
            region,
            master_secret,
            exclude_characters,
        } => {
            if template.strategy == Strategy::AlternatingUsers && master_secret.is_none() {
                return Err(Error::MasterSecretMissing);
            }
            let request = RotatorCommand::Enable {
                template: template.name(),
                name: name.clone().unwrap_or_else(|| template.short_name()),
                account_id: account_id.clone().map(config::account_id).transpose()?,
                region: region.clone().map(config::region_name).transpose()?,
                master_secret: master_secret.clone(),
                exclude_characters: exclude_characters.clone(),
            };
            let answer = admin::call(&target.data_dir, &Command::Rotator(request))?;
            if json {
                return print(&answer);
            }
            let rotator: Rotator = read(&answer)?;
            print(&rotator.function_arn)
        }
        cli::RotatorCommand::List { target, account_id } => {
            let account_id = account_id.clone().map(config::account_id).transpose()?;
            let request = Command::Rotator(RotatorCommand::List { account_id });
            let answer = admin::call(&target.data_dir, &request)?;
            if json {
                return print(&answer);
            }
            print(&listed(read(&answer)?))
        }
        cli::RotatorCommand::Disable {
            name,
            target,
            account_id,
            region,
        } => {
            let request = RotatorCommand::Disable {
                name: name.clone(),
                account_id: account_id.clone().map(config::account_id).transpose()?,
                region: region.clone().map(config::region_name).transpose()?,
            };
            let answer = admin::call(&target.data_dir, &Command::Rotator(request))?;
            if json {
                return print(&answer);
            }
            let rotator: Rotator = read(&answer)?;
            print(&format!("{} is no more", rotator.function_arn))
        }
    }
}

/// The template that an operator means: AWS's name, or a short one.
pub(crate) fn template(text: &str) -> Result<Template, String> {
    Template::find(text).ok_or_else(|| {
        let names: Vec<String> = Template::all().map(Template::short_name).collect();
        format!("use one of {}", names.join(", "))
    })
}

fn listed(rotators: Vec<Rotator>) -> String {
    let cells = rotators.into_iter().map(|rotator| {
        [
            rotator.name,
            rotator.region.to_string(),
            rotator.template,
            rotator.status,
            rotator.created,
        ]
    });
    table(["NAME", "REGION", "TEMPLATE", "STATUS", "CREATED"], cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_a_short_name() {
        let template = template("postgresql-single-user").unwrap();

        assert_eq!(
            template.name(),
            "SecretsManagerRDSPostgreSQLRotationSingleUser"
        );
    }

    #[test]
    fn who_names_no_template_is_told_those_that_there_are() {
        let refused = template("postgres").unwrap_err();

        assert!(refused.contains("mariadb-multi-user"), "{refused}");
    }
}
