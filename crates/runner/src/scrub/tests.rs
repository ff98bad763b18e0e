use super::*;
use proptest::prelude::*;

fn scrubber(secrets: &[&str]) -> Scrubber {
    let secrets: Vec<Plaintext> = secrets
        .iter()
        .map(|secret| Plaintext::from(String::from(*secret)))
        .collect();
    Scrubber::new(&secrets)
}

#[test]
fn text_without_secrets_stays() {
    assert_eq!(
        scrubber(&["hunter22"]).scrub("nothing here"),
        "nothing here"
    );
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = "pä ss/w\"o'r\\d\n+1";
    let scrubber = scrubber(&[secret]);
    let forms = [
        secret.to_owned(),
        serde_json::to_string(secret).unwrap(),
        serde_json::to_string(&serde_json::to_string(secret).unwrap()).unwrap(),
        String::from(r#""p\u00e4 ss/w\"o'r\\d\n+1""#),
        String::from(r#""pä ss\/w\"o'r\\d\n+1""#),
        String::from(r#"'pä ss/w"o\'r\\d\n+1'"#),
        data_encoding::BASE64.encode(secret.as_bytes()),
        data_encoding::BASE64URL.encode(secret.as_bytes()),
        data_encoding::HEXLOWER.encode(secret.as_bytes()),
        String::from("p%C3%A4%20ss%2Fw%22o%27r%5Cd%0A%2B1"),
        String::from("p%c3%a4%20ss%2fw%22o%27r%5cd%0a%2b1"),
        String::from("p%C3%A4+ss%2Fw%22o%27r%5Cd%0A%2B1"),
        String::from("p%C3%A4%20ss/w%22o%27r%5Cd%0A%2B1"),
        String::from("p%C3%A4%20ss%2Fw%22o'r%5Cd%0A%2B1"),
    ];

    for form in forms {
        let scrubbed = scrubber.scrub(&form).into_owned();

        assert!(scrubbed.contains(REDACTED), "{form} → {scrubbed}");
        assert!(scrubbed.len() <= REDACTED.len() + 6, "{form} → {scrubbed}");
    }
}

#[test]
fn base64_of_more_than_the_secret_is_found() {
    let scrubber = scrubber(&["correct horse battery"]);
    for user in ["", "u:", "us:", "use:", "user:"] {
        let encoded =
            data_encoding::BASE64.encode(format!("{user}correct horse battery!").as_bytes());

        let scrubbed = scrubber.scrub(&encoded).into_owned();

        assert!(scrubbed.contains(REDACTED), "{encoded} → {scrubbed}");
        assert!(scrubbed.len() < 16, "{encoded} → {scrubbed}");
    }
}

#[test]
fn a_password_that_is_a_number_is_found_and_a_port_is_not() {
    let scrubber = scrubber(&[r#"{"port":543210,"password":4829130057}"#]);

    let scrubbed = scrubber.scrub("on 543210 with 4829130057");

    assert_eq!(scrubbed, "on 543210 with ***");
}

#[test]
fn the_strings_of_a_json_secret_are_found_but_not_where_the_database_is() {
    let scrubber = scrubber(&[
        r#"{"engine":"postgres","host":"db.example","username":"app","password":"opensesame","more":{"keys":["first-key"]}}"#,
    ]);

    let scrubbed = scrubber.scrub("postgres at db.example: app with opensesame and first-key");

    assert_eq!(scrubbed, "postgres at db.example: app with *** and ***");
}

#[test]
fn a_key_of_several_lines_is_found_line_by_line() {
    let scrubber =
        scrubber(&["-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEF\n-----END KEY-----\n"]);

    assert_eq!(scrubber.scrub("  MIIEvQIBADANBgkq"), "  ***");
    assert_eq!(scrubber.scrub("> hkiG9w0BAQEF <"), "> *** <");
}

#[test]
fn overlapping_secrets_leave_nothing_of_either() {
    let scrubber = scrubber(&["abcdef", "defghi", "cdef"]);

    assert_eq!(scrubber.scrub("-abcdefghi-"), "-***-");
}

#[test]
fn very_short_values_are_left() {
    assert_eq!(scrubber(&["", "abc"]).scrub("abc"), "abc");
}

#[test]
fn too_many_values_withhold_the_text() {
    let many: Vec<String> = (0..5_000).map(|n| format!("value/{n}")).collect();
    let scrubber = scrubber(&[&serde_json::to_string(&many).unwrap()]);

    assert!(scrubber.is_overwhelmed());
    assert_eq!(scrubber.scrub("anything"), WITHHELD);
}

proptest! {
    #[test]
    fn no_secret_survives(
        secrets in prop::collection::vec("[a-c]{4,7}", 1..4),
        text in "[a-c]{0,60}",
    ) {
        let scrubber = scrubber(&secrets.iter().map(String::as_str).collect::<Vec<_>>());

        let scrubbed = scrubber.scrub(&text).into_owned();

        // What is found is what a naive search marks.
        let mut marked = vec![false; text.len()];
        for secret in &secrets {
            for start in 0..text.len() {
                if text.as_bytes()[start..].starts_with(secret.as_bytes()) {
                    marked[start..start + secret.len()].fill(true);
                }
            }
        }
        let kept: String = text
            .chars()
            .zip(&marked)
            .filter(|(_, marked)| !**marked)
            .map(|(character, _)| character)
            .collect();
        prop_assert_eq!(scrubbed.replace('*', ""), kept);
    }
}
