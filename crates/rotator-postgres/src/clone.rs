//! How a user gets the privileges of another.

use crate::PostgresSession;
use base::Plaintext;
use rotators::DatabaseError;
use rotators::quote::{self, Quoted, statement};
use tokio_postgres::SimpleQueryRow;

/// Makes the clone a member of the original, with the same attributes and settings.
///
/// COMPAT: AWS's template makes it a member only. What members do not inherit, `CREATEDB` and the
/// like, and settings such as `search_path`, an application would miss at its second rotation.
pub(crate) async fn on_postgres(
    session: &mut PostgresSession,
    original: &str,
    clone: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let password = session.password(clone, new).await?;
    session.run(CLONE, "BEGIN").await?;
    let attributes = attributes(session, original).await?;
    let settings = settings(session, original).await?;
    let (from, to) = (quote::identifier(original)?, quote::identifier(clone)?);
    let create = [
        "CREATE USER ",
        &to,
        " WITH ",
        &attributes,
        " PASSWORD ",
        &password,
    ];
    session.run(CLONE, &statement(&create)).await?;
    session
        .run(CLONE, &statement(&["GRANT ", &from, " TO ", &to]))
        .await?;
    for setting in settings {
        copy_setting(session, &to, &setting).await?;
    }
    session.run(CLONE, "COMMIT").await
}

async fn attributes(
    session: &mut PostgresSession,
    original: &str,
) -> Result<String, DatabaseError> {
    let name = quote::postgres_literal(original)?;
    let columns = ATTRIBUTES.map(|(column, _)| column).join(", ");
    let query = [
        "SELECT rolconnlimit, ",
        &columns,
        " FROM pg_catalog.pg_roles WHERE rolname = ",
        &name,
    ];
    let rows = session.rows(CLONE, &statement(&query)).await?;
    let Some(row) = rows.first() else {
        return Err(DatabaseError::refused(CLONE, "there is no user to clone"));
    };
    let mut text = format!("CONNECTION LIMIT {}", number(row));
    for (position, (_, keyword)) in ATTRIBUTES.iter().enumerate() {
        if row.get(position.saturating_add(1)) == Some("t") {
            text.push(' ');
            text.push_str(keyword);
        }
    }
    Ok(text)
}

fn number(row: &SimpleQueryRow) -> i32 {
    row.get(0).and_then(|text| text.parse().ok()).unwrap_or(-1)
}

/// What `ALTER ROLE … SET` says, in one database or in all.
struct Setting {
    database: Option<String>,
    name: String,
    value: String,
}

async fn settings(
    session: &mut PostgresSession,
    original: &str,
) -> Result<Vec<Setting>, DatabaseError> {
    let name = quote::postgres_literal(original)?;
    let rows = session.rows(CLONE, &statement(&[SETTINGS, &name])).await?;
    let settings = rows.iter().filter_map(|row| {
        Some(Setting {
            database: row.get(0).map(str::to_owned),
            name: row.get(1)?.to_owned(),
            value: row.get(2)?.to_owned(),
        })
    });
    Ok(settings.collect())
}

/// Copies a setting by way of the session's own, so that its value need not be parsed: some are lists.
///
/// A setting that the master may not make is left out.
async fn copy_setting(
    session: &mut PostgresSession,
    clone: &Quoted,
    setting: &Setting,
) -> Result<(), DatabaseError> {
    let value = quote::postgres_literal(&setting.value)?;
    let parameter = quote::identifier(&setting.name)?;
    let place = match &setting.database {
        Some(database) => statement(&[" IN DATABASE ", &quote::identifier(database)?]),
        None => Quoted::default(),
    };
    let alter = ["ALTER ROLE ", clone, &place, " SET ", &parameter];
    // SECURITY: `role` is not made the session's own: the next statements would run as that role.
    let steps = if setting.name == "role" {
        vec![statement(&[&statement(&alter), " TO ", &value])]
    } else {
        let name = quote::postgres_literal(&setting.name)?;
        vec![
            statement(&[
                "SELECT pg_catalog.set_config(",
                &name,
                ", ",
                &value,
                ", true)",
            ]),
            statement(&[&statement(&alter), " FROM CURRENT"]),
        ]
    };
    session.run(CLONE, "SAVEPOINT setting").await?;
    for step in steps {
        match session.run(CLONE, &step).await {
            Ok(()) => {}
            Err(DatabaseError::Refused { .. }) => {
                return session.run(CLONE, "ROLLBACK TO SAVEPOINT setting").await;
            }
            Err(other) => return Err(other),
        }
    }
    session.run(CLONE, "RELEASE SAVEPOINT setting").await
}

/// Makes the clone a member of the original's groups, with the same attributes.
///
/// COMPAT: as in AWS's template, privileges granted to the user itself and not to a group are not
/// cloned: Redshift has no membership in a user.
pub(crate) async fn on_redshift(
    session: &mut PostgresSession,
    original: &str,
    clone: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let (from, to) = (
        quote::postgres_literal(original)?,
        quote::identifier(clone)?,
    );
    let password = session.password(clone, new).await?;
    session.run(CLONE, "BEGIN").await?;
    let rows = session
        .rows(CLONE, &statement(&[REDSHIFT_USER, &from]))
        .await?;
    let Some(row) = rows.first() else {
        return Err(DatabaseError::refused(CLONE, "there is no user to clone"));
    };
    let mut attributes = String::new();
    for (column, keyword) in [(0, " CREATEDB"), (1, " CREATEUSER")] {
        if row.get(column) == Some("t") {
            attributes.push_str(keyword);
        }
    }
    let create = ["CREATE USER ", &to, " PASSWORD ", &password, &attributes];
    session.run(CLONE, &statement(&create)).await?;
    for row in session
        .rows(CLONE, &statement(&[REDSHIFT_GROUPS, &from]))
        .await?
    {
        let group = quote::identifier(row.get(0).unwrap_or_default())?;
        let join = ["ALTER GROUP ", &group, " ADD USER ", &to];
        session.run(CLONE, &statement(&join)).await?;
    }
    session.run(CLONE, "COMMIT").await
}

const CLONE: &str = "clone a user";
const ATTRIBUTES: [(&str, &str); 5] = [
    ("rolsuper", "SUPERUSER"),
    ("rolcreaterole", "CREATEROLE"),
    ("rolcreatedb", "CREATEDB"),
    ("rolreplication", "REPLICATION"),
    ("rolbypassrls", "BYPASSRLS"),
];
const SETTINGS: &str = "SELECT d.datname, pg_catalog.split_part(one, '=', 1), \
    pg_catalog.substr(one, pg_catalog.strpos(one, '=') + 1) \
    FROM pg_catalog.pg_db_role_setting s \
    JOIN pg_catalog.pg_roles r ON r.oid = s.setrole \
    LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase \
    CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS one \
    WHERE r.rolname = ";
const REDSHIFT_USER: &str = "SELECT usecreatedb, usesuper FROM pg_catalog.pg_user WHERE usename = ";
const REDSHIFT_GROUPS: &str = "SELECT g.groname FROM pg_catalog.pg_group g, pg_catalog.pg_user u \
    WHERE u.usesysid = ANY(g.grolist) AND u.usename = ";
