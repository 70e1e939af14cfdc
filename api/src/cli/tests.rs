//! The words are understood, and the password is read as promised.

use clap::{CommandFactory, Parser};

use super::{Cli, password};

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn absent_switches_leave_the_word_to_other_sources() {
    let flags = Cli::parse_from(["accord", "serve", "--demo", "--listen", "0.0.0.0:1"]).flags();
    assert_eq!((flags.demo, flags.production), (Some(true), None));
    assert_eq!(flags.listen.as_deref(), Some("0.0.0.0:1"));
}

#[test]
fn every_documented_command_parses() {
    for line in [
        "accord serve --check --production",
        "accord migrate up",
        "accord migrate down --steps 2 --database-url sqlite:x.db",
        "accord migrate status",
        "accord schema --output schema.graphql",
        "accord user create --organization acme --email a@b.test --role admin",
        "accord keys rotate",
        "accord payroll export incentive_run_1 --organization acme --as a@b.test --output pay.csv",
        "accord import x.csv --mapping m.toml --organization acme --as a@b.test --dry-run --errors e.csv",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
    }
}

#[test]
fn a_password_is_one_line_of_8_to_1024_bytes() {
    assert_eq!(password::read(&b" pass word \r\nmore"[..]).unwrap().expose(), " pass word ");
    let longest = format!("{}\r\n", "x".repeat(1_024));
    assert_eq!(password::read(longest.as_bytes()).unwrap().expose().len(), 1_024);
    for refused in ["", "1234567\n", &"x".repeat(1_025)] {
        assert!(password::read(refused.as_bytes()).is_err());
    }
}
