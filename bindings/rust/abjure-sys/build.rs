// SPDX-License-Identifier: MIT
//! Asks pkg-config where libabjure is.

use std::env;
use std::process::{exit, Command};

fn main() {
    for name in ["PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let tool = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let output = match Command::new(&tool).args(["--libs", "abjure"]).output() {
        Ok(output) => output,
        Err(error) => fail(&format!("cannot run {tool}: {error}; install pkg-config")),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        fail(&format!("{said}\nlibabjure is not installed, or PKG_CONFIG_PATH lacks the folder of its abjure.pc"));
    }
    for word in String::from_utf8_lossy(&output.stdout).split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    exit(1);
}
