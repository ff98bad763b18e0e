//! How a user gets the privileges of another.
//!
//! Cloned: profile, default and temporary tablespaces and quotas; roles, system privileges, and
//! privileges on objects and columns, each with its option. Statements of this kind commit
//! themselves, so all of them are run again where a clone was left unfinished.

use crate::{OracleSession, password, quoted_name};
use base::Plaintext;
use rotators::DatabaseError;
use rotators::quote::{self, Quoted, statement};

/// Makes the clone, or completes it.
///
/// INVARIANT: the clone takes the new password last. While it does not, everything is run again.
pub(crate) async fn clone_all(
    session: &OracleSession,
    original: &str,
    clone: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let from = original.to_uppercase();
    let to = quoted_name(clone)?;
    let rows = session.rows(CLONE, USER, &from, 3).await?;
    let Some([profile, tablespace, temporary]) = rows.first().map(Vec::as_slice) else {
        return Err(DatabaseError::refused(CLONE, "there is no user to clone"));
    };
    let provisional = rotators::provisional(new);
    let (verb, identified) = if session.exists(clone).await? {
        ("ALTER USER ", Quoted::default())
    } else {
        let password = password(&provisional)?;
        ("CREATE USER ", statement(&[" IDENTIFIED BY ", &password]))
    };
    let make = statement(&[
        verb,
        &to,
        &identified,
        " DEFAULT TABLESPACE ",
        &quote::oracle(tablespace)?,
        " TEMPORARY TABLESPACE ",
        &quote::oracle(temporary)?,
        " PROFILE ",
        &quote::oracle(profile)?,
    ]);
    let made = session.run(CLONE, make).await;
    made.map_err(|error| error.without(&provisional))?;
    clone_quotas(session, &from, &to).await?;
    for row in session.rows(CLONE, ROLES, &from, 2).await? {
        if let [role, option] = row.as_slice() {
            let grant = granted(&quote::oracle(role)?, "", &to, option);
            session.run(CLONE, grant).await?;
        }
    }
    for row in session.rows(CLONE, SYSTEM_PRIVILEGES, &from, 2).await? {
        if let [privilege, option] = row.as_slice() {
            session
                .run(CLONE, granted(privilege, "", &to, option))
                .await?;
        }
    }
    clone_on_objects(session, &from, &to).await?;
    let set = ["ALTER USER ", &to, " IDENTIFIED BY ", &password(new)?];
    session.run(CLONE, statement(&set)).await
}

async fn clone_quotas(
    session: &OracleSession,
    from: &str,
    to: &Quoted,
) -> Result<(), DatabaseError> {
    for row in session.rows(CLONE, QUOTAS, from, 2).await? {
        if let [tablespace, bytes] = row.as_slice() {
            let alter = [
                "ALTER USER ",
                to,
                " QUOTA ",
                bytes,
                " ON ",
                &quote::oracle(tablespace)?,
            ];
            session.run(CLONE, statement(&alter)).await?;
        }
    }
    Ok(())
}

async fn clone_on_objects(
    session: &OracleSession,
    from: &str,
    to: &Quoted,
) -> Result<(), DatabaseError> {
    for row in session.rows(CLONE, OBJECT_PRIVILEGES, from, 5).await? {
        if let [privilege, owner, object, kind, option] = row.as_slice() {
            let place = place(owner, object, kind)?;
            session
                .run(CLONE, granted(privilege, &place, to, option))
                .await?;
        }
    }
    for row in session.rows(CLONE, COLUMN_PRIVILEGES, from, 5).await? {
        if let [privilege, owner, object, column, option] = row.as_slice() {
            let what = statement(&[privilege, " (", &quote::oracle(column)?, ")"]);
            let place = place(owner, object, "")?;
            session
                .run(CLONE, granted(&what, &place, to, option))
                .await?;
        }
    }
    Ok(())
}

fn place(owner: &str, object: &str, kind: &str) -> Result<Quoted, DatabaseError> {
    let object = quote::oracle(object)?;
    if kind == "DIRECTORY" {
        return Ok(statement(&[" ON DIRECTORY ", &object]));
    }
    Ok(statement(&[" ON ", &quote::oracle(owner)?, ".", &object]))
}

/// `option` is `ADMIN`, `GRANT` or nothing; `what` is a word of the catalogue or a quoted role.
fn granted(what: &str, place: &str, to: &Quoted, option: &str) -> Quoted {
    let grant = statement(&["GRANT ", what, place, " TO ", to]);
    if option.is_empty() {
        return grant;
    }
    statement(&[&grant, " WITH ", option, " OPTION"])
}

const CLONE: &str = "clone a user";
const USER: &str = "SELECT profile, default_tablespace, temporary_tablespace \
    FROM dba_users WHERE username = :1";
const QUOTAS: &str = "SELECT tablespace_name, \
    CASE max_bytes WHEN -1 THEN 'UNLIMITED' ELSE TO_CHAR(max_bytes) END \
    FROM dba_ts_quotas WHERE dropped = 'NO' AND username = :1";
const ROLES: &str = "SELECT granted_role, DECODE(admin_option, 'YES', 'ADMIN') \
    FROM dba_role_privs WHERE grantee = :1";
const SYSTEM_PRIVILEGES: &str = "SELECT privilege, DECODE(admin_option, 'YES', 'ADMIN') \
    FROM dba_sys_privs WHERE grantee = :1";
const OBJECT_PRIVILEGES: &str = "SELECT privilege, owner, table_name, type, \
    DECODE(grantable, 'YES', 'GRANT') FROM dba_tab_privs WHERE grantee = :1";
const COLUMN_PRIVILEGES: &str = "SELECT privilege, owner, table_name, column_name, \
    DECODE(grantable, 'YES', 'GRANT') FROM dba_col_privs WHERE grantee = :1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privilege_is_said_of_the_clone_where_it_holds() {
        let to = quoted_name("App_clone").unwrap();
        let table = place("SHOP", "orders; x", "TABLE").unwrap();
        let directory = place("SYS", "DUMPS", "DIRECTORY").unwrap();

        assert_eq!(
            *granted("SELECT", &table, &to, "GRANT"),
            "GRANT SELECT ON \"SHOP\".\"orders; x\" TO \"APP_CLONE\" WITH GRANT OPTION"
        );
        assert_eq!(
            *granted("READ", &directory, &to, ""),
            "GRANT READ ON DIRECTORY \"DUMPS\" TO \"APP_CLONE\""
        );
        assert_eq!(
            *granted("CREATE SESSION", "", &to, "ADMIN"),
            "GRANT CREATE SESSION TO \"APP_CLONE\" WITH ADMIN OPTION"
        );
    }
}
