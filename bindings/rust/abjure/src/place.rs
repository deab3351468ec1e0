// SPDX-License-Identifier: MIT
//! What this kernel, process and sandbox allow, and what the library holds.

use crate::error::{check, Result};
use crate::text::{clean, collect, join};
use abjure_sys as sys;
use std::ffi::{c_char, CStr};
use std::fmt;

pub(crate) fn deny<S: AsRef<str>>(errno: i32, calls: &[S]) -> Result<()> {
    let calls = join(calls)?;
    // SAFETY: the text is terminated, and the buffer has its size.
    let (result, why) = collect(|buffer, size| unsafe { sys::abjure_deny(calls.as_ptr(), errno, buffer, size) }.into());
    check(result, || why).map(drop)
}

/// What is there, by name, as [`supported`] found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support(String);

impl Support {
    /// Whether filters can be loaded.
    pub fn available(&self) -> bool {
        self.get("filter").is_some_and(|value| value.starts_with("yes"))
    }

    /// `yes`, `no` or a value, with ` - reason` behind where something is missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }
}

/// The value of a line `name: value`.
fn find<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// All of it, a line each.
impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What this kernel, process and sandbox allow. Where something cannot be found out, its line says so.
pub fn supported() -> Support {
    // SAFETY: the buffer has its size.
    Support(collect(|buffer, size| unsafe { sys::abjure_supported(buffer, size) }).1)
}

/// How a process uses seccomp, as [`status`] found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status(String);

impl Status {
    /// One of `pid`, `name`, `parent`, `uid`, `mode` (`disabled`, `strict`, `filter`), `filters`, `no_new_privs`,
    /// `speculation`, `threads`, `differing`, `exe`, `cgroup`, `unit` and `container`; `None` where it is not known.
    pub fn get(&self, key: &str) -> Option<&str> {
        find(&self.0, key)
    }
}

/// All of it, a line each.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a process uses seccomp now; 0 is this one. Where there is none it is an error with ESRCH.
pub fn status(pid: i32) -> Result<Status> {
    // SAFETY: the buffer has its size.
    let (result, text) = collect(|buffer, size| unsafe { sys::abjure_status(pid, buffer, size) });
    check(result, || text.clone())?;
    Ok(Status(text))
}

/// The names of the groups: `@exec`, `@spawn` and so on.
pub fn groups() -> Vec<String> {
    // SAFETY: the buffer has its size.
    let (_, text) = collect(|buffer, size| unsafe { sys::abjure_groups(buffer, size) });
    text.lines().map(String::from).collect()
}

/// What a group is for, its rules on an ABI (`""`: this program's own), what it breaks and what it leaves open.
pub fn group(name: &str, abi: &str) -> Result<String> {
    let (name, abi) = (clean(name)?, clean(abi)?);
    // SAFETY: the texts are terminated, and the buffer has its size.
    let (result, text) =
        collect(|buffer, size| unsafe { sys::abjure_group(name.as_ptr(), abi.as_ptr(), buffer, size) });
    check(result, || text.clone())?;
    Ok(text)
}

/// One value as the calls language has it: `AF_INET`, `O_RDWR|O_CREAT`, `-100`. The ABI `""` is this program's own.
pub fn value(abi: &str, text: &str) -> Result<u64> {
    let (abi, text) = (clean(abi)?, clean(text)?);
    let mut value = 0;
    // SAFETY: the texts are terminated, the buffer has its size, and the value outlives the call.
    let (result, why) = collect(|buffer, size| {
        unsafe { sys::abjure_value(abi.as_ptr(), text.as_ptr(), &mut value, buffer, size) }.into()
    });
    check(result, || why)?;
    Ok(value)
}

/// Which argument of a call, 0 to 5, has this name.
pub fn argument(abi: &str, call: &str, name: &str) -> Result<u32> {
    let (abi, call, name) = (clean(abi)?, clean(call)?, clean(name)?);
    // SAFETY: the texts are terminated, and the buffer has its size.
    let (result, why) = collect(|buffer, size| {
        unsafe { sys::abjure_argument(abi.as_ptr(), call.as_ptr(), name.as_ptr(), buffer, size) }.into()
    });
    Ok(check(result, || why)? as u32) // 0 to 5
}

/// What an audit record of seccomp tells, as [`explain`] read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record(String);

impl Record {
    /// `time`, `serial`, `call`, `abi`, `action`, `signal`, `errno`, `pid`, `uid`, `auid`, `gid`, `session`, `name`, `exe`,
    /// `ip`, `subject`, `compat` or `summary`; `None` where the record does not have it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All that it has, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once(": "))
    }
}

/// The sentence.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get("summary").unwrap_or_default())
    }
}

/// What one line of audit.log, ausearch, dmesg or the journal says of a denied call.
pub fn explain(line: &str) -> Result<Record> {
    let line = clean(line)?;
    // SAFETY: the text is terminated, and the buffer has its size.
    let (result, text) = collect(|buffer, size| unsafe { sys::abjure_explain(line.as_ptr(), buffer, size) });
    check(result, || text.clone())?;
    Ok(Record(text))
}

fn constant(text: *const c_char) -> &'static str {
    // SAFETY: both texts are constants of the library, terminated and ASCII.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or_default()
}

/// The version of libabjure: `0.1.0`.
pub fn version() -> &'static str {
    // SAFETY: it takes nothing and only gives a constant.
    constant(unsafe { sys::abjure_version() })
}

/// The newest kernel whose calls the tables know: `linux-7.2`.
pub fn tables_version() -> &'static str {
    // SAFETY: it takes nothing and only gives a constant.
    constant(unsafe { sys::abjure_tables_version() })
}
