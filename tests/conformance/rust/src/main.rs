// SPDX-License-Identifier: MIT
//! Runs the corpus from Rust: runner FOLDER

mod case;
mod verbs;

use case::{read, split, Step};
use std::env;
use std::ffi::{c_char, c_int, CStr};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;
use verbs::{Outcome, State};

extern "C" {
    fn strerrorname_np(errno: c_int) -> *const c_char;
}

/// The name that abjure.h has: the two for ENOTSUP are one number.
fn errno_name(errno: i32) -> String {
    const ENOTSUP: i32 = 95;
    // SAFETY: it gives NULL or a text that lives as long as the program.
    match unsafe { strerrorname_np(errno).as_ref().map(|name| CStr::from_ptr(name)) } {
        _ if errno == ENOTSUP => "ENOTSUP".into(),
        Some(name) => name.to_string_lossy().into_owned(),
        None => format!("errno {errno}"),
    }
}

/// Whether the outcome is what one line says. A line "| " takes the next of the text's lines.
fn meets(line: &str, outcome: &Result<String, (String, String)>, rest: &mut dyn Iterator<Item = &str>) -> bool {
    if let Some(wanted) = line.strip_prefix('|') {
        return outcome.is_ok() && rest.next() == Some(wanted.strip_prefix(' ').unwrap_or(wanted));
    }
    let Some(words) = split(line.trim_start_matches(['=', '~', '!'])) else { return false };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (outcome, words.as_slice()) {
        (Ok(text), [word]) if line.starts_with('=') => text == word,
        (Ok(text), [part]) if line.starts_with('~') => text.contains(part),
        (Err((errno, _)), [name]) if line.starts_with('!') => errno == name,
        (Err((errno, text)), [name, part]) if line.starts_with("!~") => errno == name && text.contains(part),
        (Err((errno, text)), [name, message]) if line.starts_with('!') => errno == name && text == message,
        _ => false,
    }
}

/// The first line that the outcome does not meet, and what came in its place.
fn differs(step: &Step, outcome: Outcome) -> Option<(String, String)> {
    let Some(outcome) = outcome else { return Some(("a verb that exists, and its handle".into(), "neither".into())) };
    let outcome = outcome.map_err(|error| (errno_name(error.errno()), error.message().to_string()));
    let text = outcome.as_ref().map_or("", String::as_str);
    let got = || match &outcome {
        Ok(text) => text.clone(),
        Err((errno, message)) => format!("{errno} {message}"),
    };
    if step.expected.is_empty() && outcome.is_err() {
        return Some(("success".into(), got()));
    }
    let mut rest = text.lines();
    if let Some(line) = step.expected.iter().find(|line| !meets(line, &outcome, &mut rest)) {
        return Some((line.clone(), got()));
    }
    let whole = !step.expected.iter().any(|line| line.starts_with('|')) || rest.next().is_none();
    (!whole).then(|| ("no further line".into(), got()))
}

/// Gives how many cases passed and how many failed.
fn run_file(file: &Path) -> Result<(u32, u32), String> {
    let (mut passed, mut failed) = (0, 0);
    let steps = read(file)?;
    for case in steps.split(|step| step.word(0) == "case").skip(1) {
        let mut state = State::default();
        let problem = case.iter().find_map(|step| Some((step, differs(step, state.run(step))?)));
        let Some((step, (wanted, got))) = problem else {
            passed += 1;
            continue;
        };
        failed += 1;
        println!("{}:{}: {}: wanted {wanted}\n  got {got}", file.display(), step.line, step.word(0));
    }
    Ok((passed, failed))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "case") {
            files.push(path);
        }
    }
    Ok(())
}

fn run(folder: &str) -> Result<bool, String> {
    let mut files = Vec::new();
    collect(Path::new(folder), &mut files)?;
    files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    let (mut passed, mut failed) = (0, 0);
    for file in files {
        let counts = run_file(&file)?;
        passed += counts.0;
        failed += counts.1;
    }
    println!("conformance rust: {passed} passed, {failed} failed, 0 skipped");
    Ok(failed == 0 && passed > 0)
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let [_, folder] = words.as_slice() else {
        eprintln!("usage: runner FOLDER");
        exit(2);
    };
    match run(folder) {
        Ok(good) => exit((!good).into()),
        Err(why) => {
            eprintln!("{why}");
            exit(2);
        }
    }
}
