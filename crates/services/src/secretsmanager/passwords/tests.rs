use super::*;
use proptest::prelude::*;
use testkit::SeededEntropy;

fn draw(recipe: &Recipe) -> Result<String, Error> {
    let password = recipe.draw(&SeededEntropy::new(7))?;
    Ok(String::from_utf8(password.expose().to_vec()).unwrap())
}

fn only(class: &str) -> Recipe {
    Recipe {
        uppercase: class == "upper",
        lowercase: class == "lower",
        numbers: class == "numbers",
        punctuation: class == "punctuation",
        ..Recipe::default()
    }
}

#[test]
fn the_default_has_32_characters_of_all_four_classes_and_no_space() {
    let password = draw(&Recipe::default()).unwrap();

    assert_eq!(password.len(), 32);
    assert!(password.chars().any(|c| c.is_ascii_uppercase()));
    assert!(password.chars().any(|c| c.is_ascii_lowercase()));
    assert!(password.chars().any(|c| c.is_ascii_digit()));
    assert!(password.chars().any(|c| c.is_ascii_punctuation()));
    assert!(!password.contains(' '));
}

#[test]
fn each_impossible_recipe_has_its_text() {
    let without_digits = Recipe {
        exclude: "0123456789".into(),
        ..Recipe::default()
    };
    assert!(matches!(
        draw(&without_digits),
        Err(Error::DesiredTypeExcluded)
    ));

    let short = Recipe {
        length: 3,
        ..Recipe::default()
    };
    assert!(matches!(draw(&short), Err(Error::PasswordTooShort)));

    let nothing = Recipe {
        exclude: "0123456789".into(),
        require_each: false,
        ..only("numbers")
    };
    assert!(matches!(draw(&nothing), Err(Error::AllCharactersExcluded)));

    let no_class = Recipe {
        require_each: false,
        ..only("")
    };
    assert!(matches!(draw(&no_class), Err(Error::AllCharactersExcluded)));
}

#[test]
fn an_emptied_class_is_fine_when_it_is_not_required() {
    let recipe = Recipe {
        exclude: "0123456789".into(),
        require_each: false,
        ..Recipe::default()
    };

    let password = draw(&recipe).unwrap();

    assert!(!password.chars().any(|c| c.is_ascii_digit()));
}

#[test]
fn a_space_alone_is_a_pool() {
    let recipe = Recipe {
        space: true,
        require_each: false,
        length: 3,
        ..only("")
    };

    assert_eq!(draw(&recipe).unwrap(), "   ");
}

#[test]
fn required_characters_stand_anywhere() {
    // One digit among 31 letters: over many draws it must be seen at both ends.
    let entropy = SeededEntropy::new(1);
    let recipe = Recipe {
        length: 4,
        ..Recipe::default()
    };
    let mut digit_at = [0; 4];

    for _ in 0..400 {
        let password = recipe.draw(&entropy).unwrap();
        let position = password
            .expose()
            .iter()
            .position(u8::is_ascii_digit)
            .unwrap();
        digit_at[position] += 1;
    }

    assert!(digit_at.iter().all(|count| *count > 50), "{digit_at:?}");
}

#[test]
fn punctuation_is_the_32_ascii_characters() {
    let entropy = SeededEntropy::new(5);
    let recipe = Recipe {
        length: 4096,
        ..only("punctuation")
    };

    let mut seen: Vec<u8> = recipe.draw(&entropy).unwrap().expose().to_vec();
    seen.sort_unstable();
    seen.dedup();

    assert_eq!(
        String::from_utf8(seen).unwrap(),
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    );
}

proptest! {
    #[test]
    fn every_password_keeps_its_recipe(
        length in 1_usize..80,
        exclude in "[ -~]{0,20}",
        flags in any::<[bool; 6]>(),
        seed in any::<u64>(),
    ) {
        let [uppercase, lowercase, numbers, punctuation, space, require_each] = flags;
        let recipe = Recipe {
            length, exclude, uppercase, lowercase, numbers, punctuation, space, require_each,
        };
        let Ok(password) = recipe.draw(&SeededEntropy::new(seed)) else { return Ok(()) };
        let text = String::from_utf8(password.expose().to_vec()).unwrap();

        prop_assert_eq!(text.chars().count(), length);
        prop_assert!(!text.chars().any(|c| recipe.exclude.contains(c)));
        type Class = fn(&char) -> bool;
        let classes: [(bool, Class); 4] = [
            (uppercase, char::is_ascii_uppercase),
            (lowercase, char::is_ascii_lowercase),
            (numbers, char::is_ascii_digit),
            (punctuation, char::is_ascii_punctuation),
        ];
        for (included, belongs) in classes {
            prop_assert!(included || !text.chars().any(|c| belongs(&c)));
            prop_assert!(!(included && require_each) || text.chars().any(|c| belongs(&c)));
        }
        prop_assert!(space || !text.contains(' '));
    }
}
