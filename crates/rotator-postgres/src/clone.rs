//! How a user gets the privileges of another.

use crate::{PostgresSession, settings};
use base::Plaintext;
use rotators::DatabaseError;
use rotators::quote::statement;
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
    let (from, to) = (session.identifier(original)?, session.identifier(clone)?);
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
    settings::copy(session, original, &to).await?;
    session.run(CLONE, "COMMIT").await
}

async fn attributes(
    session: &mut PostgresSession,
    original: &str,
) -> Result<String, DatabaseError> {
    let name = session.literal(original)?;
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
    let (from, to) = (session.literal(original)?, session.identifier(clone)?);
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
        let group = session.identifier(row.get(0).unwrap_or_default())?;
        let join = ["ALTER GROUP ", &group, " ADD USER ", &to];
        session.run(CLONE, &statement(&join)).await?;
    }
    session.run(CLONE, "COMMIT").await
}

pub(crate) const CLONE: &str = "clone a user";
const ATTRIBUTES: [(&str, &str); 5] = [
    ("rolsuper", "SUPERUSER"),
    ("rolcreaterole", "CREATEROLE"),
    ("rolcreatedb", "CREATEDB"),
    ("rolreplication", "REPLICATION"),
    ("rolbypassrls", "BYPASSRLS"),
];
const REDSHIFT_USER: &str = "SELECT usecreatedb, usesuper FROM pg_catalog.pg_user WHERE usename = ";
const REDSHIFT_GROUPS: &str = "SELECT g.groname FROM pg_catalog.pg_group g, pg_catalog.pg_user u \
    WHERE u.usesysid = ANY(g.grolist) AND u.usename = ";
