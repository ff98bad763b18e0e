use super::*;
use proptest::prelude::*;
use proptest::string::string_regex;
use regex_lite::Regex;

/// Every pattern, with its expression as AWS's model prints it.
static ALL: [(&Pattern, &str); 17] = [
    (&NAME, r"[\w+=,.@-]+"),
    (&SESSION_NAME, r"[\w+=,.@-]*"),
    (&PATH, r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"),
    (&PATH_PREFIX, r"\u002F[\u0021-\u007F]*"),
    (&POLICY_PATH, r"((/[A-Za-z0-9\.,\+@=_-]+)*)/"),
    (&POLICY_VERSION_ID, r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"),
    (&TAG_KEY, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
    (&TAG_VALUE, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"),
    (&DOCUMENT, r"[\u0009\u000A\u000D\u0020-\u00FF]+"),
    (&MARKER, r"[\u0020-\u00FF]+"),
    (
        &ROLE_DESCRIPTION,
        r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    ),
    (&ACCESS_KEY_ID, r"[\w]+"),
    (&POLICY_SOURCE_ARN, r"[\w+=,.@:\/\\-]*"),
    (&EXTERNAL_ID, r"[\w+=,.@:\/-]*"),
    (&SERIAL_NUMBER, r"[\w+=/:,.@-]*"),
    (&TOKEN_CODE, r"[\d]*"),
    (
        &ARN,
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    ),
];

/// The patterns that an engine without general categories can decide, each with its engine.
fn engines() -> Vec<(&'static Pattern, Regex)> {
    let decidable = ALL.iter().filter(|(_, text)| !text.contains(r"\p"));
    decidable
        .map(|(pattern, text)| {
            let text = text
                .replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
                .replace(r"\/", "/");
            (*pattern, Regex::new(&format!("^(?:{text})$")).unwrap())
        })
        .collect()
}

/// Texts near to what the expressions admit.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        string_regex(r"[/a!~.,+@=_:\\v019\- \t\n\r\x7f\x85\xa0\xa1\xff\u{100}]{0,6}").unwrap(),
        string_regex("(/[a-c!~.]{0,2}){0,3}/?").unwrap(),
        string_regex(r"v?[0-9]{0,2}(\.[a-zA-Z0-9_-]{0,2}){0,2}").unwrap(),
        any::<String>(),
    ]
}

#[test]
fn each_is_printed_as_aws_prints_it() {
    for (pattern, text) in ALL {
        assert_eq!(pattern.text, text);
    }
}

#[test]
fn examples_match_and_counterexamples_do_not() {
    for (pattern, text) in ALL {
        let decided = (
            (pattern.matches)(pattern.example),
            (pattern.matches)(pattern.counterexample),
        );

        assert_eq!(decided, (true, false), "{text}");
    }
}

#[test]
fn examples_are_of_lengths_that_the_models_admit() {
    for (pattern, least, most) in [
        (&NAME, 1, 64),
        (&SESSION_NAME, 2, 64),
        (&PATH, 1, 512),
        (&POLICY_PATH, 1, 512),
        (&TAG_KEY, 1, 128),
        (&TAG_VALUE, 0, 256),
        (&DOCUMENT, 1, 2_048),
        (&MARKER, 1, 320),
        (&ROLE_DESCRIPTION, 0, 1_000),
        (&ACCESS_KEY_ID, 16, 128),
        (&POLICY_SOURCE_ARN, 20, 2_048),
        (&EXTERNAL_ID, 2, 1_224),
        (&SERIAL_NUMBER, 9, 256),
        (&TOKEN_CODE, 6, 6),
        (&ARN, 20, 2_048),
    ] {
        for text in [pattern.example, pattern.counterexample] {
            let length = text.chars().count();

            assert!((least..=most).contains(&length), "{text}");
        }
    }
}

#[test]
fn an_empty_text_matches_a_star_only() {
    for (pattern, text) in ALL {
        assert_eq!(
            (pattern.matches)(""),
            text.ends_with("]*") && !text.starts_with(r"\u002F"),
            "{text}"
        );
    }
}

#[test]
fn every_single_character_is_decided_as_by_an_engine() {
    let characters = ('\0'..'\u{300}')
        .chain('\u{d7f0}'..'\u{e010}')
        .chain('\u{fff0}'..'\u{10010}')
        .chain(Some(char::MAX));
    let engines = engines();

    for character in characters {
        for text in [character.to_string(), format!("/{character}/")] {
            for (pattern, engine) in &engines {
                assert_eq!(
                    (pattern.matches)(&text),
                    engine.is_match(&text),
                    "{character:?} {}",
                    pattern.text
                );
            }
        }
    }
}

#[test]
fn tags_take_letters_separators_and_numbers_of_every_script() {
    for admitted in [
        "aZ", "é", "漢字", "日本", "ª", "ʰ", "ǅ", "א", "क", "٣", "Ⅷ", "²", "½", " ", "\u{a0}",
        "\u{2028}", "\u{3000}", "_.:/=+-@", "𝒜", "𠀀",
    ] {
        assert!((TAG_KEY.matches)(admitted), "{admitted:?}");
    }
    for refused in [
        "\t",
        "\n",
        "\u{85}",
        "\u{200b}",
        "\u{301}",
        "कि",
        "Ⓐ",
        "€",
        "😀",
        "#",
        ",",
        "*",
        "\\",
        "\"",
        "<",
        "\u{0}",
        "\u{e000}",
        "\u{10ffff}",
    ] {
        assert!(!(TAG_KEY.matches)(refused), "{refused:?}");
        assert!(!(TAG_VALUE.matches)(refused), "{refused:?}");
    }
}

#[test]
fn in_tags_the_simple_categories_are_those_of_the_standard_library() {
    for character in '\0'..='\u{d7ff}' {
        let is_separator = character.is_whitespace() && !character.is_control();
        let must = is_separator || character.is_numeric() || "_.:/=+-@".contains(character);
        let may = must || character.is_alphabetic();

        let is_admitted = is_in_tag(character);

        assert!(is_admitted || !must, "{character:?}");
        assert!(may || !is_admitted, "{character:?}");
    }
}

#[test]
fn a_class_that_is_none_admits_nothing() {
    for text in ["", "ab", "(", "[a"] {
        assert_eq!(class(text), ClassUnicode::empty(), "{text}");
    }
}

proptest! {
    #[test]
    fn texts_are_decided_as_by_an_engine(text in any_text()) {
        for (pattern, engine) in engines() {
            prop_assert_eq!((pattern.matches)(&text), engine.is_match(&text), "{}", pattern.text);
        }
    }

    #[test]
    fn what_the_expression_of_tags_makes_matches(
        key in string_regex(TAG_KEY.text).unwrap(),
        value in string_regex(TAG_VALUE.text).unwrap(),
    ) {
        prop_assert!((TAG_KEY.matches)(&key), "{:?}", key);
        prop_assert!((TAG_VALUE.matches)(&value), "{:?}", value);
    }
}
