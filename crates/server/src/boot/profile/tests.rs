use super::*;

const NEW: &str = "https://127.0.0.1:9";

#[test]
fn only_the_default_profiles_endpoint_changes() {
    let config = "# mine\n[profile dev]\nendpoint_url = http://dev\n\n[default]\nregion = x\n\
                  s3 =\n  endpoint_url = http://s3\nendpoint_url=http://old\noutput = json\n";

    let written = with_endpoint(config, NEW).unwrap();

    assert_eq!(
        written,
        "# mine\n[profile dev]\nendpoint_url = http://dev\n\n[default]\nregion = x\n\
         s3 =\n  endpoint_url = http://s3\nendpoint_url = https://127.0.0.1:9\noutput = json\n"
    );
}

#[test]
fn a_missing_endpoint_is_added_below_the_header() {
    assert_eq!(
        with_endpoint("[default]\nregion = x\n[profile b]\n", NEW).unwrap(),
        "[default]\nendpoint_url = https://127.0.0.1:9\nregion = x\n[profile b]\n"
    );
    assert_eq!(
        with_endpoint("[default]", NEW).unwrap(),
        "[default]\nendpoint_url = https://127.0.0.1:9\n"
    );
}

#[test]
fn nothing_is_written_when_nothing_would_change() {
    let current = "[default]\nendpoint_url = https://127.0.0.1:9\n";

    assert_eq!(with_endpoint(current, NEW), None);
    assert_eq!(with_endpoint("[profile a]\nregion = x\n", NEW), None);
    assert_eq!(with_endpoint("", NEW), None);
}

fn renewed(existing: &str) -> Option<String> {
    let written = with_keys(existing.as_bytes(), b"aws_access_key_id = N\n")?;
    Some(String::from_utf8(written.to_vec()).unwrap())
}

#[test]
fn only_the_default_profiles_keys_change() {
    let existing = "# mine\n[dev]\naws_access_key_id = D\n\n[default]\nregion = x\n\
                    aws_access_key_id = O\naws_secret_access_key=O\naws_session_token = O\n\
                    [ops]\naws_access_key_id = P";

    assert_eq!(
        renewed(existing).unwrap(),
        "# mine\n[dev]\naws_access_key_id = D\n\n[default]\naws_access_key_id = N\n\
         region = x\n[ops]\naws_access_key_id = P"
    );
    assert_eq!(
        renewed("[default]").unwrap(),
        "[default]\naws_access_key_id = N\n"
    );
}

#[test]
fn without_a_default_profile_there_is_nothing_to_renew() {
    assert_eq!(renewed(""), None);
    assert_eq!(renewed("[dev]\naws_access_key_id = D\n"), None);
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let existing = b"[default]\n# \xff\naws_access_key_id = O\n";

    let written = with_keys(existing, b"aws_access_key_id = N\n").unwrap();

    assert_eq!(*written, b"[default]\naws_access_key_id = N\n# \xff\n");
}

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    files::private_dir(&dir.path().join("aws")).unwrap();
    let layout = Layout::of(dir.path());
    (dir, layout)
}

fn add(layout: &Layout, name: &str) -> Result<(), String> {
    let secret = Plaintext::from(String::from("S"));
    add_profile(layout, name, "AKIA", &secret).map_err(|error| error.to_string())
}

#[test]
fn an_added_profile_has_the_default_ones_settings() {
    let (_dir, layout) = layout();
    let config = "[profile x]\nregion = no\n[default]\nregion = r\ns3 =\n  a = b\n\n[other]\nc = d";
    files::write(&layout.aws_config(), 0o600, config.as_bytes()).unwrap();

    add(&layout, "ops").unwrap();

    let read =
        |path: &Path| String::from_utf8(files::read_if_there(path).unwrap().unwrap()).unwrap();
    assert_eq!(
        read(&layout.aws_config()),
        format!("{config}\n\n[profile ops]\nregion = r\ns3 =\n  a = b\n")
    );
    assert_eq!(
        read(&layout.aws_credentials()),
        "[ops]\naws_access_key_id = AKIA\naws_secret_access_key = S\n"
    );
}

#[test]
fn a_profile_is_added_once_and_under_a_plain_name() {
    let (_dir, layout) = layout();
    add(&layout, "a.b-c_1").unwrap();

    assert_eq!(
        add(&layout, "a.b-c_1"),
        Err(String::from("there is a profile `a.b-c_1` already"))
    );
    for name in ["", "a b", "a]", "a\nb", "ä"] {
        let expected = format!("`{name}` cannot name a profile: use letters, digits and `-_.`");
        assert_eq!(add(&layout, name), Err(expected));
    }
}

#[test]
fn a_commented_endpoint_is_not_taken_for_one() {
    assert_eq!(
        with_endpoint("[default]\n#endpoint_url = no\n", NEW).unwrap(),
        "[default]\nendpoint_url = https://127.0.0.1:9\n#endpoint_url = no\n"
    );
}
