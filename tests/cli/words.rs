//! What the program says of itself: help, completions, manual pages.

use crate::program::{Session, program, run};

#[test]
fn short_help_fits_on_a_screen() {
    let short = run(program(&["-h"]).env("COLUMNS", "100"));
    assert_eq!((short.code, &*short.stderr), (Some(0), ""));
    let lines = short.stdout.lines().count();
    assert!(lines <= 40, "{lines} lines:\n{}", short.stdout);
    assert!(short.stdout.lines().all(|line| line.chars().count() <= 100), "{}", short.stdout);
    let long = run(&mut program(&["--help"]));
    let flags = |text: &str| text.lines().filter(|line| line.trim_start().starts_with("--")).count();
    assert!(flags(&long.stdout) > 2 * flags(&short.stdout), "--help has them all");

    let mut session = Session::new();
    assert_eq!(session.run(&["-h"]).code, Some(0));
    assert_eq!(session.run(&["help", "check"]).code, Some(0));
    assert_eq!(session.run(&["help", "completions"]).code, Some(0));
    assert_eq!(session.run(&["man", "--help"]).code, Some(0));
    session.assert("short_help");
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = run(&mut program(&["completions", shell]));
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{shell}");
        for word in ["token-file", "self-test", "allow-mutations", "run-gateway-url"] {
            assert!(done.stdout.contains(word), "{shell}: {word}");
        }
    }
    let done = run(&mut program(&["completions", "cmd"]));
    assert_eq!(done.code, Some(2));
    assert!(
        done.stderr.contains("[possible values: bash, elvish, fish, powershell, zsh]"),
        "{}",
        done.stderr
    );
}

#[test]
fn the_manual_has_every_flag() {
    let page = run(&mut program(&["man"]));
    assert_eq!((page.code, &*page.stderr), (Some(0), ""));
    assert!(page.stdout.contains(".TH arp-conformance 1"), "{}", page.stdout);
    let help = run(&mut program(&["--help"])).stdout;
    let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let flags: Vec<&str> = flags.filter_map(|line| line.split([' ', '[']).next()).collect();
    assert!(flags.len() > 30);
    for flag in flags {
        assert!(page.stdout.contains(&flag.replace('-', "\\-")), "{flag}");
    }
    let page = run(&mut program(&["man", "self-test"]));
    assert!(page.stdout.contains(".TH arp-conformance-self-test 1"), "{}", page.stdout);
    let done = run(&mut program(&["man", "serv"]));
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.starts_with("error: man serv: no such command; known are list, "), "{}", done.stderr);
}
