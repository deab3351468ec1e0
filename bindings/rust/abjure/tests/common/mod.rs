// SPDX-License-Identifier: MIT
//! Runs the body of a test in a process of its own, since a load cannot be taken back.

use std::env;
use std::process::{exit, Command};

/// The process is this test binary again, told to run this one test. It ends before the harness does anything else.
pub fn in_child(name: &str, body: impl FnOnce()) {
    if env::var_os("ABJURE_CHILD").is_some_and(|child| child == name) {
        body();
        exit(42);
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env("ABJURE_CHILD", name)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(output.status.code(), Some(42), "{}", String::from_utf8_lossy(&said));
}
