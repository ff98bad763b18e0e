//! What a user, or the owner of a database, may set without asking the master.

use crate::cluster::Cluster;
use rotator_testkit::cases::{FIRST_PASSWORD, SECRET, Scene};
use rotators::Strategy;

pub(crate) async fn run_all(cluster: &Cluster) {
    settings_of_a_user_are_not_the_masters(cluster).await;
    a_user_whose_statements_time_out_is_cloned(cluster).await;
    settings_of_a_database_are_not_the_masters(cluster).await;
    lists_are_copied_element_by_element(cluster).await;
}

/// In GBK and SJIS the backslash is the second half of the character before it, in UTF-8 it escapes
/// the quote after it: a text that was quoted in one of them ends elsewhere in the other.
async fn settings_of_a_user_are_not_the_masters(cluster: &Cluster) {
    for (encoding, character) in [("GBK", "你"), ("SJIS", "ソ"), ("BIG5", "功")] {
        let user = format!("hostile_{}", encoding.to_lowercase());
        let scene = Scene::new(cluster, Strategy::AlternatingUsers, &user).await;
        let evil = format!(r"{character}\'||chr(34),true);ALTER ROLE {user} SUPERUSER;--");
        cluster.sql_as(
            &user,
            FIRST_PASSWORD,
            &format!(
                r#"ALTER ROLE {user} SET client_encoding = '{encoding}';
                ALTER ROLE {user} SET backslash_quote = 'on';
                ALTER ROLE {user} SET standard_conforming_strings = 'off';
                ALTER ROLE {user} SET search_path = "{evil}";
                ALTER ROLE {user} SET application_name = 'it''s {character}\';"#
            ),
        );
        scene.secrets.start(SECRET, "v2");

        scene.rotate("v2", 1).await.unwrap();

        let clone = format!("{user}_clone");
        assert_eq!(cluster.superusers(), "postgres");
        assert_eq!(cluster.settings(&user).lines().count(), 5);
        assert_eq!(cluster.settings(&clone), cluster.settings(&user));
        scene.told();
    }
}

/// The first of two settings would end the statement that sets the second.
async fn a_user_whose_statements_time_out_is_cloned(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "hurried").await;
    cluster.sql_as(
        "hurried",
        FIRST_PASSWORD,
        "ALTER ROLE hurried SET default_transaction_read_only = on;
        ALTER ROLE hurried SET lock_timeout = '1ms';
        ALTER ROLE hurried SET statement_timeout = '1ms';
        ALTER ROLE hurried SET work_mem = '7MB'",
    );
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    assert_eq!(cluster.settings("hurried").lines().count(), 4);
    assert_eq!(
        cluster.settings("hurried_clone"),
        cluster.settings("hurried")
    );
    scene.told();
}

/// The master logs in to the user's database, which may be the user's own. Its operators come before
/// the catalogue's wherever they are looked up.
async fn settings_of_a_database_are_not_the_masters(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "landlord").await;
    cluster.sql("CREATE SCHEMA evil AUTHORIZATION landlord");
    cluster.sql("ALTER DATABASE shop OWNER TO landlord");
    cluster.sql_as(
        "landlord",
        FIRST_PASSWORD,
        "CREATE FUNCTION evil.equal(name, text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user)
            THEN ALTER ROLE landlord SUPERUSER; END IF;
            RETURN $1 OPERATOR(pg_catalog.=) $2::name; END $$;
        CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user)
            THEN ALTER ROLE landlord SUPERUSER; END IF;
            RETURN pg_catalog.now(); END $$;
        CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.equal);
        CREATE FUNCTION evil.equals(name, name) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
            RETURN evil.equal($1, $2::text); END $$;
        CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.equals);
        ALTER DATABASE shop SET search_path = evil, pg_catalog, public;
        ALTER DATABASE shop SET standard_conforming_strings = off;
        ALTER DATABASE shop SET client_encoding = 'GBK'",
    );
    for token in ["v2", "v3"] {
        scene.secrets.start(SECRET, token);

        let rotated = scene.rotate(token, 1).await;

        assert_eq!(cluster.superusers(), "postgres");
        rotated.unwrap();
    }
    cluster.sql("ALTER DATABASE shop RESET ALL; ALTER DATABASE shop OWNER TO postgres");
    cluster.sql("DROP SCHEMA evil CASCADE");
    scene.told();
}

async fn lists_are_copied_element_by_element(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "listed").await;
    cluster.sql(
        r#"ALTER ROLE listed SET search_path = '', 'a, b', 'Ä"x\', public;
        ALTER ROLE listed SET temp_tablespaces = '';
        ALTER ROLE listed SET session_preload_libraries = 'auto_explain';
        ALTER ROLE listed SET DateStyle = 'SQL', 'DMY';
        ALTER ROLE listed IN DATABASE shop SET search_path = 'Shop', "$user""#,
    );
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    assert_eq!(cluster.settings("listed").lines().count(), 5);
    assert_eq!(cluster.settings("listed_clone"), cluster.settings("listed"));
    scene.told();
}
