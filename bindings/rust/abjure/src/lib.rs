// SPDX-License-Identifier: MIT
//! Give up system calls for good.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! abjure::deny(&["@exec", "@listen"])?;
//! let error = std::process::Command::new("ls").status().unwrap_err();
//! assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
//! # Ok(())
//! # }
//! ```
//!
//! From there on no thread of this process, and nothing that it starts, can execute a program or open a port. There is
//! no way back. A load covers all threads or is an error. Depending on the crate changes nothing.

#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod command;
mod error;
mod filter;
mod place;
mod program;
mod text;

pub use command::CommandExt;
pub use error::{Error, Result};
pub use filter::{Filter, Verdict};
pub use place::{
    argument, explain, group, groups, status, supported, tables_version, value, version, Record, Status, Support,
};
pub use program::Program;
pub use text::Argument;

/// Denies the calls to this process, all its threads and all that it will start, now and for good.
///
/// Calls are texts such as `execve`, `@listen` and `socket(family == AF_INET)`. A denied call fails with EPERM, or with
/// what suits the rule of a group better.
#[must_use = "where this fails nothing is denied"]
pub fn deny<S: AsRef<str>>(calls: &[S]) -> Result<()> {
    place::deny(0, calls)
}

/// As [`deny`], with an errno of the caller's choice: 1 to 4095; 0 is [`deny`].
#[must_use = "where this fails nothing is denied"]
pub fn deny_with<S: AsRef<str>>(errno: i32, calls: &[S]) -> Result<()> {
    place::deny(errno, calls)
}
