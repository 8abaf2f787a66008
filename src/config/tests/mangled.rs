//! Files that an editor, a merge or a template has mangled.

use proptest::prelude::*;

use super::super::{Options, examine};

const WHOLE: &str = include_str!("../../../config/full.yaml");

/// Characters that mean something in YAML.
const MARKS: &str = "[:{}\\[\\],&*#?|>'\"%@`!~\t\n -]{0,4}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_mangled_file_is_read_or_its_mistakes_have_a_place(
        from in 0..WHOLE.len(), length in 0..80_usize, put in MARKS
    ) {
        let kept = |range: std::ops::Range<usize>| WHOLE.get(range).unwrap_or_default();
        let end = (from + length).min(WHOLE.len());
        let text = format!("{}{put}{}", kept(0..from), kept(end..WHOLE.len()));
        let (config, problems) = examine(&text, "gateway.yaml".as_ref());
        let lines = text.lines().count() + 1;
        prop_assert!(problems.0.iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column > 0));
        prop_assert!(problems.0.is_sorted_by_key(|problem| (problem.line, problem.column)));
        for backend in config.backends {
            prop_assert!(backend.options.read::<serde_json::Value>().is_ok());
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}") {
        examine(&text, "gateway.yaml".as_ref());
        let _ = Options::from_yaml(&text);
    }
}
