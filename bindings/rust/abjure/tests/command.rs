// SPDX-License-Identifier: MIT
//! Children under a filter; and programs that take the place of a process.

mod common;

use abjure::{CommandExt, Filter};
use common::in_child;
use std::env;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

const ENOENT: i32 = 2;
const EACCES: i32 = 13;

fn no_exec() -> Filter {
    let mut filter = Filter::new().unwrap();
    filter.deny(&["@exec"]).unwrap();
    filter
}

fn shell(code: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", code]);
    command
}

#[test]
fn a_child_starts_and_starts_nothing() {
    let mut filter = no_exec();
    let output = shell("echo started; exec /bin/echo again").output_under(&mut filter).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "started\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not permitted"), "{output:?}");
    assert!(!output.status.success());
    assert_eq!(shell("exit 7").status_under(&mut filter).unwrap().code(), Some(7));
    assert!(Command::new("/bin/true").status().unwrap().success());
}

#[test]
fn a_command_keeps_what_it_was_told() {
    let mut filter = no_exec();
    let mut command = shell("read line; echo $line $PWD $GIVEN ${GONE-none}; echo fault >&2");
    env::set_var("GONE", "still there");
    command.current_dir("/").env("GIVEN", "value").env_remove("GONE");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn_under(&mut filter).unwrap();
    child.stdin.take().unwrap().write_all(b"word\n").unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!((out.as_str(), err.as_str()), ("word / value none\n", "fault\n"));
}

#[test]
fn the_environment() {
    let mut filter = no_exec();
    env::set_var("ABJURE_TEST_INHERITED", "1");
    let inherited = Command::new("env").output_under(&mut filter).unwrap().stdout;
    assert!(String::from_utf8_lossy(&inherited).contains("ABJURE_TEST_INHERITED=1\n"));
    let cleared = Command::new("/usr/bin/env").env_clear().env("ONLY", "1").output_under(&mut filter).unwrap().stdout;
    assert_eq!(String::from_utf8_lossy(&cleared), "ONLY=1\n");
}

/// The filter belongs to one start, not to the command.
#[test]
fn a_later_start_is_free() {
    let mut filter = no_exec();
    let mut command = shell("exec /bin/echo free \"$@\"");
    assert!(!command.status_under(&mut filter).unwrap().success());
    assert_eq!(command.args(["sh", "argument"]).output().unwrap().stdout, b"free argument\n");
    assert!(!command.status_under(&mut filter).unwrap().success());
}

#[test]
fn failures() {
    let mut filter = no_exec();
    let errno = |result: std::io::Result<_>| result.map(|_: std::process::Output| ()).unwrap_err().raw_os_error();
    assert_eq!(errno(Command::new("/nowhere").output_under(&mut filter)), Some(ENOENT));
    assert_eq!(errno(Command::new("/etc/passwd").output_under(&mut filter)), Some(EACCES));
    let error = Command::new("/bin/true").arg("a\0b").output_under(&mut filter).unwrap_err();
    assert!(error.to_string().contains("nul byte") || error.to_string().contains("U+0000"), "{error}");
    filter.deny(&["execev"]).unwrap_err();
    let error = Command::new("/bin/true").output_under(&mut filter).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("did you mean \"execve\"?"), "{error}");
}

#[test]
fn many_at_once() {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let output = shell("echo $(echo x); exec /bin/true").output_under(&mut no_exec()).unwrap();
                    assert_eq!(output.stdout, b"x\n");
                    assert!(!output.status.success());
                }
            });
        }
    });
}

#[test]
fn this_process_becomes_a_program() {
    in_child("this_process_becomes_a_program", || {
        let error = shell("/bin/echo again 2>/dev/null && exit 1; exit 42").exec_under(&mut no_exec());
        panic!("{error}");
    });
}

#[test]
fn exec_of_a_filter_and_of_a_program() {
    in_child("exec_of_a_filter_and_of_a_program", || {
        let mut filter = no_exec();
        let program = filter.compile().unwrap();
        assert_eq!(program.exec("/nowhere", &["nowhere"], None).errno(), ENOENT);
        assert_eq!(filter.exec("/nowhere", &["nowhere"], None).errno(), ENOENT);
        let env = [("STATUS".into(), "42".into())];
        let error = filter.exec("/bin/sh", &["sh", "-c", "/bin/true && exit 1; exit $STATUS"], Some(&env));
        panic!("{error}");
    });
}
