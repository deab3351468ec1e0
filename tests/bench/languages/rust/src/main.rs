// SPDX-License-Identifier: MIT
//! bench MODE: `call` prints the nanoseconds of one cheap call into the core, `deny` those until a filter is in force;
//! `load` denies and ends. The mode `plain`, the runtime without the binding, is the program src/bin/plain.rs: a linked
//! library would load in any mode.

use std::env;
use std::process::exit;
use std::time::Instant;

const BATCHES: usize = 15;
const BATCH: u32 = 20_000;

fn call() -> abjure::Result<()> {
    let mut times = Vec::new();
    for _ in 0..BATCHES {
        let start = Instant::now();
        for _ in 0..BATCH {
            assert_eq!(abjure::argument("x86_64", "socket", "family")?, 0);
        }
        times.push(start.elapsed().as_nanos() / u128::from(BATCH));
    }
    times.sort_unstable();
    println!("{}", times[BATCHES / 2]);
    Ok(())
}

fn deny() -> abjure::Result<()> {
    let start = Instant::now();
    abjure::deny(&["@exec", "@spawn", "@listen"])?;
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}

fn main() -> abjure::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("call") => call(),
        Some("deny") => deny(),
        Some("load") => abjure::deny(&["@exec", "@spawn", "@listen"]),
        _ => {
            eprintln!("usage: bench call|deny|load");
            exit(2)
        }
    }
}
