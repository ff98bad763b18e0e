//! Accounts: a user's name at a host.

use crate::{MySqlSession, SET, grants};
use base::Plaintext;
use rotators::DatabaseError;
use rotators::quote::{self, Quoted, Unquotable, statement};

/// One account, as `mysql.user` describes it.
pub(crate) struct Account {
    host: String,
    plugin: String,
    tls: [String; 4],
    limits: [String; 4],
}

/// All accounts of a user. That by which a login from here is decided is the last one, as far as it can
/// be told: whether a password is set is tried by a login.
pub(crate) async fn of(
    session: &mut MySqlSession,
    user: &str,
) -> Result<Vec<Account>, DatabaseError> {
    let name = quote::literal(user)?;
    let rows = session
        .rows("look up a user", &statement(&[ACCOUNTS, &name, IN_ORDER]))
        .await?;
    let accounts = rows.into_iter().filter_map(|row| {
        let [host, plugin, t0, t1, t2, t3, l0, l1, l2, l3] = row.try_into().ok()?;
        Some(Account {
            host,
            plugin,
            tls: [t0, t1, t2, t3],
            limits: [l0, l1, l2, l3],
        })
    });
    Ok(accounts.collect())
}

/// Gives all accounts of a user the password.
pub(crate) async fn set_password(
    session: &mut MySqlSession,
    user: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let password = password(session.is_mariadb, new)?;
    for account in of(session, user).await? {
        let name = account.named(user)?;
        let set = ["SET PASSWORD FOR ", &name, " = ", &password];
        session.run(SET, &statement(&set)).await?;
    }
    Ok(())
}

/// What stands for a password in `SET PASSWORD`.
pub(crate) fn password(is_mariadb: bool, new: &Plaintext) -> Result<Quoted, Unquotable> {
    let literal = quote::literal(quote::text(new)?)?;
    Ok(if is_mariadb {
        statement(&["PASSWORD(", &literal, ")"])
    } else {
        literal
    })
}

/// Makes an account of the clone for every one of the original, with what was granted to that.
///
/// Each statement may be run again: what is there already stays.
///
/// INVARIANT: the clone takes the new password last. While it does not, everything is run again.
pub(crate) async fn clone_all(
    session: &mut MySqlSession,
    original: &str,
    clone: &str,
    new: &Plaintext,
) -> Result<(), DatabaseError> {
    let accounts = of(session, original).await?;
    if accounts.is_empty() {
        return Err(DatabaseError::refused(CLONE, "there is no user to clone"));
    }
    let provisional = rotators::provisional(new);
    for account in &accounts {
        let (from, to) = (account.named(original)?, account.named(clone)?);
        let identified = account.identified(session.is_mariadb, &provisional)?;
        let create = ["CREATE USER IF NOT EXISTS ", &to, &identified];
        session
            .run(CLONE, &statement(&create))
            .await
            .map_err(|error| error.without(&provisional))?;
        for row in session
            .rows(CLONE, &statement(&["SHOW GRANTS FOR ", &from]))
            .await?
        {
            let line = row.first().map(String::as_str).unwrap_or_default();
            if let Some(grant) = grants::rewritten(line, original, &to)? {
                session.run(CLONE, &grant).await?;
            }
        }
        let alter = ["ALTER USER ", &to, &account.requirements()?];
        session.run(CLONE, &statement(&alter)).await?;
        copy_default_roles(session, original, account, &to).await?;
    }
    set_password(session, clone, new).await
}

impl Account {
    fn named(&self, user: &str) -> Result<Quoted, Unquotable> {
        let (user, host) = (quote::literal(user)?, quote::literal(&self.host)?);
        Ok(statement(&[&user, "@", &host]))
    }

    /// With the plugin of the original, so that the same clients can log in.
    fn identified(&self, is_mariadb: bool, new: &Plaintext) -> Result<Quoted, Unquotable> {
        let literal = quote::literal(quote::text(new)?)?;
        if !PASSWORD_PLUGINS.contains(&self.plugin.as_str()) {
            return Ok(statement(&[" IDENTIFIED BY ", &literal]));
        }
        Ok(if is_mariadb {
            statement(&[
                " IDENTIFIED VIA ",
                &self.plugin,
                " USING PASSWORD(",
                &literal,
                ")",
            ])
        } else {
            statement(&[" IDENTIFIED WITH ", &self.plugin, " BY ", &literal])
        })
    }

    /// The clauses `REQUIRE` and `WITH`.
    fn requirements(&self) -> Result<Quoted, Unquotable> {
        let [kind, cipher, issuer, subject] = &self.tls;
        let mut text = Quoted::new(" REQUIRE ".to_owned());
        match kind.as_str() {
            "ANY" => text.push_str("SSL"),
            "X509" => text.push_str("X509"),
            "SPECIFIED" => {
                let parts = [("CIPHER", cipher), ("ISSUER", issuer), ("SUBJECT", subject)];
                for (keyword, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
                    text.push_str(&statement(&[keyword, " ", &quote::literal(value)?, " "]));
                }
            }
            _ => text.push_str("NONE"),
        }
        text.push_str(" WITH");
        for (keyword, value) in LIMITS.iter().zip(&self.limits) {
            let number: i64 = value.parse().unwrap_or_default();
            text.push_str(&format!(" {keyword} {number}"));
        }
        Ok(text)
    }
}

async fn copy_default_roles(
    session: &mut MySqlSession,
    original: &str,
    account: &Account,
    to: &Quoted,
) -> Result<(), DatabaseError> {
    let (user, host) = (quote::literal(original)?, quote::literal(&account.host)?);
    let (query, names_user) = match (session.is_mariadb, session.connection.server_version()) {
        (true, _) => (MARIADB_DEFAULT_ROLE, "User"),
        (false, (8.., _, _)) => (MYSQL_DEFAULT_ROLES, "USER"),
        // There were no roles.
        (false, _) => return Ok(()),
    };
    let query = [query, names_user, " = ", &user, " AND Host = ", &host];
    let mut roles = Vec::new();
    for row in session.rows(CLONE, &statement(&query)).await? {
        match row.as_slice() {
            [role] if !role.is_empty() => roles.push(quote::backticked(role)?),
            [role, at] => {
                let (role, at) = (quote::backticked(role)?, quote::backticked(at)?);
                roles.push(statement(&[&role, "@", &at]));
            }
            _ => {}
        }
    }
    if roles.is_empty() {
        return Ok(());
    }
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let list = roles.join(", ");
    let set = if session.is_mariadb {
        statement(&["SET DEFAULT ROLE ", &list, " FOR ", to])
    } else {
        statement(&["ALTER USER ", to, " DEFAULT ROLE ", &list])
    };
    session.run(CLONE, &set).await
}

const CLONE: &str = "clone a user";
const ACCOUNTS: &str = "SELECT Host, plugin, ssl_type, ssl_cipher, x509_issuer, x509_subject, \
    max_questions, max_updates, max_connections, max_user_connections \
    FROM mysql.user WHERE User = ";
const IN_ORDER: &str =
    " ORDER BY SUBSTRING_INDEX(USER(), '@', -1) LIKE Host, CHAR_LENGTH(Host), Host";
const MARIADB_DEFAULT_ROLE: &str = "SELECT default_role FROM mysql.user WHERE ";
const MYSQL_DEFAULT_ROLES: &str =
    "SELECT DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles WHERE ";
const LIMITS: [&str; 4] = [
    "MAX_QUERIES_PER_HOUR",
    "MAX_UPDATES_PER_HOUR",
    "MAX_CONNECTIONS_PER_HOUR",
    "MAX_USER_CONNECTIONS",
];
/// Those that check a password and nothing else, and that this driver can log in with.
const PASSWORD_PLUGINS: [&str; 2] = ["caching_sha2_password", "mysql_native_password"];
