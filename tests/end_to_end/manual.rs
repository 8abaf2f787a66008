//! Completions and the manual, judged by those who read them.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::run;

/// Fails unless the program accepts `text` on its stdin.
fn assert_accepted(program: &str, arguments: &[&str], package: &str, text: &str) {
    let mut judge = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} (Debian: {package}): {error}"));
    judge.stdin.take().expect("stdin").write_all(text.as_bytes()).expect("it reads");
    let verdict = judge.wait_with_output().expect("a verdict");
    let said = [verdict.stdout, verdict.stderr].concat();
    assert!(verdict.status.success(), "{program}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn bash_accepts_its_completions() {
    let (code, script, _) = run(&["completions", "bash"]);
    assert_eq!(code, 0);
    assert_accepted("bash", &["-n"], "bash", &script);
    let completes =
        "\nCOMP_WORDS=(cnrp pro); COMP_CWORD=1; _cnrp cnrp pro cnrp; [ \"${COMPREPLY[*]}\" = probe ]\n";
    assert_accepted("bash", &["-s"], "bash", &format!("{script}{completes}"));
}

#[test]
fn a_shell_that_is_not_known_is_a_mistake() {
    let (code, _, err) = run(&["completions", "csh"]);
    assert!(code == 2 && err.contains("bash"), "{err}");
}

#[test]
fn the_manual_page_is_well_formed() {
    let (code, page, _) = run(&["man"]);
    assert_eq!(code, 0);
    assert_accepted("mandoc", &["-Tlint", "-Werror"], "mandoc", &page);
    assert!(page.starts_with(".TH CNRP 1"), "{page}");
}
