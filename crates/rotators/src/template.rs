use std::fmt;

/// A template of AWS's for a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// The database.
    pub engine: Engine,
    /// Whose password changes.
    pub strategy: Strategy,
}

impl Template {
    /// All templates.
    pub fn all() -> impl Iterator<Item = Self> {
        Engine::ALL.into_iter().flat_map(|engine| {
            [Strategy::SingleUser, Strategy::AlternatingUsers]
                .map(|strategy| Self { engine, strategy })
        })
    }

    /// The name of AWS's, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`.
    pub fn name(self) -> String {
        format!(
            "SecretsManager{}Rotation{}",
            self.engine.template_part(),
            self.strategy.template_part()
        )
    }

    /// A short name, such as `postgresql-single-user`.
    pub fn short_name(self) -> String {
        let strategy = match self.strategy {
            Strategy::SingleUser => "single-user",
            Strategy::AlternatingUsers => "multi-user",
        };
        format!("{}-{strategy}", self.engine.short_name())
    }

    /// The template that a name, a short name or an application's ARN means.
    ///
    /// COMPAT: the guide of 2020 writes `RedShift` in the names of these templates and gives the ARNs
    /// accounts that are made up, so neither case nor Region nor account are looked at.
    pub fn find(named: &str) -> Option<Self> {
        let name = match named.strip_prefix("arn:aws:serverlessrepo:") {
            Some(rest) => rest.split_once(":applications/")?.1,
            None => named,
        };
        Self::all().find(|template| {
            template.name().eq_ignore_ascii_case(name) || template.short_name() == name
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Whose password a rotation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The one user changes its own.
    SingleUser,
    /// A master changes that of the user who is not in use, of two.
    AlternatingUsers,
}

impl Strategy {
    fn template_part(self) -> &'static str {
        match self {
            Self::SingleUser => "SingleUser",
            Self::AlternatingUsers => "MultiUser",
        }
    }
}

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
    /// Microsoft SQL Server.
    SqlServer,
    /// Oracle Database.
    Oracle,
    /// MongoDB and Amazon DocumentDB.
    MongoDb,
    /// Amazon Redshift.
    Redshift,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 7] = [
        Self::Postgres,
        Self::MySql,
        Self::MariaDb,
        Self::SqlServer,
        Self::Oracle,
        Self::MongoDb,
        Self::Redshift,
    ];

    /// The database's name, as logs have it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
            Self::SqlServer => "SQL Server",
            Self::Oracle => "Oracle",
            Self::MongoDb => "MongoDB",
            Self::Redshift => "Redshift",
        }
    }

    /// What a secret may say under `engine`. The first is the one to write.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgres", "aurora-postgresql"],
            Self::MySql => &["mysql", "aurora-mysql"],
            Self::MariaDb => &["mariadb"],
            Self::SqlServer => &["sqlserver"],
            Self::Oracle => &["oracle"],
            Self::MongoDb => &["mongo"],
            Self::Redshift => &["redshift"],
        }
    }

    /// The port, when the secret names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MySql | Self::MariaDb => 3306,
            Self::SqlServer => 1433,
            Self::Oracle => 1521,
            Self::MongoDb => 27017,
            Self::Redshift => 5439,
        }
    }

    /// The database, when the secret names none.
    pub fn default_dbname(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("postgres"),
            Self::SqlServer => Some("master"),
            Self::MongoDb => Some("admin"),
            Self::Redshift => Some("dev"),
            Self::MySql | Self::MariaDb | Self::Oracle => None,
        }
    }

    /// Whether the secret has to name the database.
    pub fn requires_dbname(self) -> bool {
        self == Self::Oracle
    }

    /// Whether a user is cloned wholly or not at all.
    pub(crate) fn clones_at_once(self) -> bool {
        match self {
            Self::Postgres | Self::Redshift | Self::SqlServer | Self::MongoDb => true,
            Self::MySql | Self::MariaDb | Self::Oracle => false,
        }
    }

    /// The bytes that a user's name may have.
    pub fn longest_username(self) -> usize {
        match self {
            Self::Postgres => 63,
            Self::MySql => 32,
            Self::MariaDb => 80,
            Self::SqlServer => 128,
            Self::Oracle => 30,
            Self::MongoDb => 1024,
            Self::Redshift => 127,
        }
    }

    /// The characters that a password may have.
    pub fn longest_password(self) -> u32 {
        match self {
            Self::Oracle => 30,
            Self::Redshift => 64,
            Self::SqlServer => 128,
            Self::Postgres | Self::MySql | Self::MariaDb | Self::MongoDb => 256,
        }
    }

    /// Characters that a password of this engine can never have.
    pub fn impossible_characters(self) -> &'static str {
        match self {
            Self::Oracle => "\"",
            Self::Redshift => "/@\"'\\ ",
            Self::Postgres | Self::MySql | Self::MariaDb | Self::SqlServer | Self::MongoDb => "",
        }
    }

    fn template_part(self) -> &'static str {
        match self {
            Self::Postgres => "RDSPostgreSQL",
            Self::MySql => "RDSMySQL",
            Self::MariaDb => "RDSMariaDB",
            Self::SqlServer => "RDSSQLServer",
            Self::Oracle => "RDSOracle",
            Self::MongoDb => "MongoDB",
            Self::Redshift => "Redshift",
        }
    }

    fn short_name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::MySql => "mysql",
            Self::MariaDb => "mariadb",
            Self::SqlServer => "sqlserver",
            Self::Oracle => "oracle",
            Self::MongoDb => "mongodb",
            Self::Redshift => "redshift",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_found_by_each_of_its_names() {
        for template in Template::all() {
            let names = [
                template.name(),
                template.short_name(),
                format!("arn:aws:serverlessrepo:us-east-1:297356227824:applications/{template}"),
            ];

            assert_eq!(
                names.map(|name| Template::find(&name)),
                [Some(template); 3],
                "{template}"
            );
        }
        assert_eq!(Template::all().count(), 14);
    }

    #[test]
    fn the_arns_printed_in_the_guide_are_found() {
        let redshift = "arn:aws:serverlessrepo:us-east-1:123456789012:applications/SecretsManagerRedShiftRotationMultiUser";
        let generic = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRotationTemplate";

        assert_eq!(
            Template::find(redshift),
            Some(Template {
                engine: Engine::Redshift,
                strategy: Strategy::AlternatingUsers
            })
        );
        assert_eq!(Template::find(generic), None);
        assert_eq!(Template::find("arn:aws:serverlessrepo:x"), None);
    }
}
