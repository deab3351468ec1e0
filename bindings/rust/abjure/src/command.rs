// SPDX-License-Identifier: MIT
//! A child under a filter.

use crate::error::Result;
use crate::filter::Filter;
use crate::program::{start_words, Program};
use crate::text::Vector;
use std::collections::BTreeMap;
use std::env::vars_os;
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

mod sealed {
    pub trait Sealed {}
    impl Sealed for std::process::Command {}
}

/// Starts what a [`Command`] says under a filter, also where the filter denies `@exec`: this one start passes, and
/// nothing that the program executes afterwards does. This process stays as it is.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use abjure::CommandExt;
/// let mut filter = abjure::Filter::new()?;
/// filter.deny(&["@exec"])?;
/// let output = std::process::Command::new("sh").args(["-c", "echo here; exec ls"]).output_under(&mut filter)?;
/// assert_eq!(output.stdout, b"here\n");
/// assert!(!output.status.success());
/// # Ok(())
/// # }
/// ```
///
/// All that a command can be told holds, but for `arg0`, which std shows to nobody. An error in the child, between
/// its making and the start of the program, comes back as an `io::Error` with its errno.
pub trait CommandExt: sealed::Sealed {
    /// As [`Command::spawn`].
    fn spawn_under(&mut self, filter: &mut Filter) -> io::Result<Child>;
    /// As [`Command::status`].
    fn status_under(&mut self, filter: &mut Filter) -> io::Result<ExitStatus>;
    /// As [`Command::output`].
    fn output_under(&mut self, filter: &mut Filter) -> io::Result<Output>;
    /// As `exec` of [`std::os::unix::process::CommandExt`]: this process becomes the program.
    #[must_use = "it returns only where the program did not start"]
    fn exec_under(&mut self, filter: &mut Filter) -> io::Error;
}

impl CommandExt for Command {
    fn spawn_under(&mut self, filter: &mut Filter) -> io::Result<Child> {
        under(self, filter, Command::spawn)?
    }

    fn status_under(&mut self, filter: &mut Filter) -> io::Result<ExitStatus> {
        under(self, filter, Command::status)?
    }

    fn output_under(&mut self, filter: &mut Filter) -> io::Result<Output> {
        under(self, filter, Command::output)?
    }

    fn exec_under(&mut self, filter: &mut Filter) -> io::Error {
        under(self, filter, |command| command.exec()).unwrap_or_else(|error| error)
    }
}

/// Everything that the child needs. It is made before the fork, since the child must not allocate.
struct Start {
    program: Program,
    path: CString,
    argv: Vector,
    env: Vector,
}

// SAFETY: nothing changes it once it is made, its pointers lead into texts that it owns, and only the child of a fork,
// which has one thread, uses it.
unsafe impl Send for Start {}
// SAFETY: the same.
unsafe impl Sync for Start {}

impl Start {
    fn new(command: &mut Command, filter: &mut Filter) -> Result<Start> {
        let env = environment(command);
        let path = command.get_program().to_os_string();
        let argv: Vec<OsString> = std::iter::once(path.clone()).chain(command.get_args().map(OsString::from)).collect();
        let (path, argv, env) = start_words(&path, &argv, Some(&env))?;
        Ok(Start { program: filter.compile()?, path, argv, env })
    }

    fn run(&self) -> io::Error {
        io::Error::from_raw_os_error(self.program.exec_words(&self.path, &self.argv, &self.env))
    }
}

/// The environment of the program that a command starts.
fn environment(command: &mut Command) -> Vec<(OsString, OsString)> {
    // std does not tell whether the environment was cleared, but a removal is listed only where there is something to
    // remove from. The name is one that no program has.
    let probe = "ABJURE_IS_THE_ENVIRONMENT_INHERITED";
    command.env_remove(probe);
    let inherited = command.get_envs().any(|(name, _)| name == probe);
    let mut variables: BTreeMap<OsString, OsString> = if inherited { vars_os().collect() } else { BTreeMap::new() };
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => variables.insert(name.into(), value.into()),
            None => variables.remove(name),
        };
    }
    variables.into_iter().collect()
}

fn under<T>(command: &mut Command, filter: &mut Filter, run: impl FnOnce(&mut Command) -> T) -> io::Result<T> {
    let start = Start::new(command, filter)?;
    // What is given to `pre_exec` stays with the command, and a later start without a filter must not run it.
    let armed = Arc::new(AtomicBool::new(true));
    let in_child = Arc::clone(&armed);
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe functions may be called. It reads
    // an atomic and calls abjure_program_exec, which is one.
    unsafe {
        command.pre_exec(move || if in_child.load(Ordering::Relaxed) { Err(start.run()) } else { Ok(()) });
    }
    let result = run(command);
    armed.store(false, Ordering::Relaxed);
    Ok(result)
}
