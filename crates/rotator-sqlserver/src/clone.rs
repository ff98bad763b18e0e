//! How a login or contained user gets the privileges of another.
//!
//! Cloned: server roles and permissions; in the database that the secret names, the user, its
//! default schema, roles, and permissions on the database, schemas, objects and columns. Users of
//! the login in other databases are not.

use crate::{SqlServerSession, national};
use base::Plaintext;
use rotators::DatabaseError;
use rotators::quote::{self, Quoted, statement};
use tiberius::Row;

/// Makes the clone, wholly or not at all.
pub(crate) async fn clone_all(
    session: &mut SqlServerSession,
    original: &str,
    clone: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let is_contained = session.is_contained(original).await?;
    session.run(CLONE, "BEGIN TRANSACTION").await?;
    let to = quote::bracketed(clone)?;
    let password = national(quote::text(new)?)?;
    let user = if is_contained {
        let create = ["CREATE USER ", &to, " WITH PASSWORD = ", &password];
        session.run(CLONE, &statement(&create)).await?;
        Some(original.to_owned())
    } else {
        clone_login(session, original, &to, &password).await?;
        clone_user_of_login(session, original, &to).await?
    };
    if let Some(user) = user {
        clone_within_database(session, &user, &to).await?;
    }
    session.run(CLONE, "COMMIT TRANSACTION").await
}

async fn clone_login(
    session: &mut SqlServerSession,
    original: &str,
    to: &Quoted,
    password: &Quoted,
) -> Result<(), DatabaseError> {
    let name = national(original)?;
    let rows = session.rows(CLONE, &statement(&[LOGIN, &name])).await?;
    let Some(row) = rows.first() else {
        return Err(DatabaseError::refused(CLONE, "there is no login to clone"));
    };
    let database = quote::bracketed(text(row, 0))?;
    let on_or_off = |column| {
        if text(row, column) == "1" {
            "ON"
        } else {
            "OFF"
        }
    };
    let create = [
        "CREATE LOGIN ",
        to,
        " WITH PASSWORD = ",
        password,
        ", DEFAULT_DATABASE = ",
        &database,
        ", CHECK_POLICY = ",
        on_or_off(1),
        ", CHECK_EXPIRATION = ",
        on_or_off(2),
    ];
    session.run(CLONE, &statement(&create)).await?;
    for row in session
        .rows(CLONE, &statement(&[SERVER_ROLES, &name]))
        .await?
    {
        let role = quote::bracketed(text(&row, 0))?;
        let join = ["ALTER SERVER ROLE ", &role, " ADD MEMBER ", to];
        session.run(CLONE, &statement(&join)).await?;
    }
    for row in session
        .rows(CLONE, &statement(&[SERVER_PERMISSIONS, &name]))
        .await?
    {
        let grant = granted(text(&row, 0), text(&row, 1), "", to);
        session.run(CLONE, &grant).await?;
    }
    Ok(())
}

/// The name of the original's user in this database, if it has one.
async fn clone_user_of_login(
    session: &mut SqlServerSession,
    original: &str,
    to: &Quoted,
) -> Result<Option<String>, DatabaseError> {
    let name = national(original)?;
    let rows = session
        .rows(CLONE, &statement(&[USER_OF_LOGIN, &name]))
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let create = statement(&["CREATE USER ", to, " FOR LOGIN ", to]);
    session.run(CLONE, &create).await?;
    Ok(Some(text(row, 0).to_owned()))
}

async fn clone_within_database(
    session: &mut SqlServerSession,
    user: &str,
    to: &Quoted,
) -> Result<(), DatabaseError> {
    let name = national(user)?;
    for row in session.rows(CLONE, &statement(&[SCHEMA, &name])).await? {
        let schema = quote::bracketed(text(&row, 0))?;
        let set = ["ALTER USER ", to, " WITH DEFAULT_SCHEMA = ", &schema];
        session.run(CLONE, &statement(&set)).await?;
    }
    for row in session.rows(CLONE, &statement(&[ROLES, &name])).await? {
        let role = quote::bracketed(text(&row, 0))?;
        let join = ["ALTER ROLE ", &role, " ADD MEMBER ", to];
        session.run(CLONE, &statement(&join)).await?;
    }
    for row in session
        .rows(CLONE, &statement(&[PERMISSIONS, &name]))
        .await?
    {
        let place = place(text(&row, 2), text(&row, 3), text(&row, 4))?;
        let grant = granted(text(&row, 0), text(&row, 1), &place, to);
        session.run(CLONE, &grant).await?;
    }
    Ok(())
}

/// Where a permission holds: a column, an object, a schema, or else the database.
fn place(schema: &str, object: &str, column: &str) -> Result<Quoted, DatabaseError> {
    if schema.is_empty() {
        return Ok(Quoted::default());
    }
    let schema = quote::bracketed(schema)?;
    if object.is_empty() {
        return Ok(statement(&[" ON SCHEMA::", &schema]));
    }
    let object = quote::bracketed(object)?;
    let whole = statement(&[" ON OBJECT::", &schema, ".", &object]);
    if column.is_empty() {
        return Ok(whole);
    }
    Ok(statement(&[&whole, " (", &quote::bracketed(column)?, ")"]))
}

/// `state` and `permission` are words of the server's own catalogue.
fn granted(state: &str, permission: &str, place: &str, to: &Quoted) -> Quoted {
    match state {
        "GRANT_WITH_GRANT_OPTION" => statement(&[
            "GRANT ",
            permission,
            place,
            " TO ",
            to,
            " WITH GRANT OPTION",
        ]),
        state => statement(&[state, " ", permission, place, " TO ", to]),
    }
}

/// A column as text; every query casts its columns to it.
fn text(row: &Row, column: usize) -> &str {
    row.try_get::<&str, _>(column)
        .ok()
        .flatten()
        .unwrap_or_default()
}

const CLONE: &str = "clone a user";
const LOGIN: &str = "SELECT COALESCE(default_database_name, N'master'), \
    CAST(is_policy_checked AS nvarchar(1)), CAST(is_expiration_checked AS nvarchar(1)) \
    FROM sys.sql_logins WHERE name = ";
const SERVER_ROLES: &str = "SELECT r.name FROM sys.server_role_members m \
    JOIN sys.server_principals r ON r.principal_id = m.role_principal_id \
    JOIN sys.server_principals p ON p.principal_id = m.member_principal_id WHERE p.name = ";
const SERVER_PERMISSIONS: &str = "SELECT CAST(s.state_desc AS nvarchar(60)), \
    CAST(s.permission_name AS nvarchar(128)) FROM sys.server_permissions s \
    JOIN sys.server_principals p ON p.principal_id = s.grantee_principal_id \
    WHERE s.class = 100 AND s.permission_name <> 'CONNECT SQL' AND p.name = ";
const USER_OF_LOGIN: &str = "SELECT d.name FROM sys.database_principals d \
    JOIN sys.server_principals p ON p.sid = d.sid WHERE d.type = 'S' AND p.name = ";
const SCHEMA: &str = "SELECT default_schema_name FROM sys.database_principals \
    WHERE default_schema_name IS NOT NULL AND name = ";
const ROLES: &str = "SELECT r.name FROM sys.database_role_members m \
    JOIN sys.database_principals r ON r.principal_id = m.role_principal_id \
    JOIN sys.database_principals p ON p.principal_id = m.member_principal_id WHERE p.name = ";
/// Of the database (class 0), objects and columns (1), and schemas (3).
const PERMISSIONS: &str = "SELECT CAST(g.state_desc AS nvarchar(60)), \
    CAST(g.permission_name AS nvarchar(128)), \
    CASE g.class WHEN 1 THEN OBJECT_SCHEMA_NAME(g.major_id) WHEN 3 THEN SCHEMA_NAME(g.major_id) END, \
    CASE g.class WHEN 1 THEN OBJECT_NAME(g.major_id) END, \
    CASE WHEN g.class = 1 AND g.minor_id > 0 THEN COL_NAME(g.major_id, g.minor_id) END \
    FROM sys.database_permissions g \
    JOIN sys.database_principals p ON p.principal_id = g.grantee_principal_id \
    WHERE g.class IN (0, 1, 3) AND g.permission_name <> 'CONNECT' AND p.name = ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_said_of_the_clone_where_it_holds() {
        let to = quote::bracketed("c]lone").unwrap();
        let cases = [
            (
                ("GRANT", "SELECT", "dbo", "or]ders", ""),
                "GRANT SELECT ON OBJECT::[dbo].[or]]ders] TO [c]]lone]",
            ),
            (
                ("GRANT_WITH_GRANT_OPTION", "UPDATE", "dbo", "orders", "id"),
                "GRANT UPDATE ON OBJECT::[dbo].[orders] ([id]) TO [c]]lone] WITH GRANT OPTION",
            ),
            (
                ("DENY", "DELETE", "dbo", "", ""),
                "DENY DELETE ON SCHEMA::[dbo] TO [c]]lone]",
            ),
            (
                ("GRANT", "CREATE TABLE", "", "", ""),
                "GRANT CREATE TABLE TO [c]]lone]",
            ),
        ];

        for ((state, permission, schema, object, column), expected) in cases {
            let place = place(schema, object, column).unwrap();
            assert_eq!(*granted(state, permission, &place, &to), expected);
        }
    }
}
