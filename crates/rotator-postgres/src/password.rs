use base::Plaintext;
use postgres_protocol::password;
use rotators::Engine;
use rotators::quote::{self, Quoted, Unquotable};

/// How a new password is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordForm {
    /// As the verifier that the server stores: of SCRAM-SHA-256 where it uses that, else MD5. The
    /// password is in no log, and extensions that judge passwords cannot see it.
    #[default]
    Verifier,
    /// As it is, so that the server's extensions can judge it. With `log_statement` or an extension
    /// such as `pg_stat_statements` the server may write it down.
    Clear,
}

/// The literal of a password for a server that stores them as `stored`. `None`: in the clear.
pub(crate) fn literal(
    engine: Engine,
    stored: Option<&str>,
    user: &str,
    new: &Plaintext,
) -> Result<Quoted, Unquotable> {
    // SECURITY: checked in either case, so that no byte is dropped unseen.
    let clear = crate::literal(engine, quote::text(new)?)?;
    match stored {
        Some("scram-sha-256") => quote::literal(&password::scram_sha_256(new.expose())),
        Some("md5" | "on") => quote::literal(&password::md5(new.expose(), user)),
        _ => Ok(clear),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_does_not_hold_the_password() {
        let new = Plaintext::from(String::from("hunter2"));

        let scram = literal(Engine::Postgres, Some("scram-sha-256"), "app", &new).unwrap();
        let md5 = literal(Engine::Postgres, Some("md5"), "app", &new).unwrap();
        let clear = literal(Engine::Postgres, None, "app", &new).unwrap();

        assert!(scram.starts_with("'SCRAM-SHA-256$4096:"), "{}", *scram);
        // md5("hunter2" + "app")
        assert_eq!(md5.len(), "'md5'".len() + 32);
        assert!(!scram.contains("hunter2") && !md5.contains("hunter2"));
        assert_eq!(*clear, "'hunter2'");
    }
}
