// SPDX-License-Identifier: MIT
//! The one place that turns results of the core into errors.

use std::{fmt, io};

/// What a function of this crate gives.
pub type Result<T> = std::result::Result<T, Error>;

// The same on every architecture of Linux.
const EINVAL: i32 = 22;
pub(crate) const ENOMEM: i32 = 12;

/// What the core refused: an errno, and the cause and the remedy in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    errno: i32,
    message: String,
    thread: Option<i32>,
}

impl Error {
    /// The errno, which says which kind of error it is.
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// The cause and the remedy, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id of the thread that was in the way of a load.
    pub fn thread(&self) -> Option<i32> {
        self.thread
    }

    pub(crate) fn new(errno: i32, message: impl Into<String>) -> Error {
        Error { errno, message: message.into(), thread: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(EINVAL, message)
    }

    pub(crate) fn with_thread(mut self, thread: i32) -> Error {
        self.thread = (thread > 0).then_some(thread);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Keeps the kind and the message; the `Error` itself is behind `get_ref`.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(io::Error::from_raw_os_error(error.errno).kind(), error)
    }
}

/// A result of the core: negative is an errno.
pub(crate) fn check(result: i64, message: impl FnOnce() -> String) -> Result<i64> {
    match i32::try_from(-result) {
        Ok(errno) if errno > 0 => Err(Error::new(errno, message())),
        _ => Ok(result),
    }
}

/// What the system says about an errno.
pub(crate) fn describe(errno: i32) -> String {
    io::Error::from_raw_os_error(errno).to_string()
}

/// The errno that was left behind beside a NULL.
pub(crate) fn last_errno() -> i32 {
    io::Error::last_os_error().raw_os_error().filter(|errno| *errno > 0).unwrap_or(EINVAL)
}
