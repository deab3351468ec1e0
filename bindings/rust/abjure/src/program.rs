// SPDX-License-Identifier: MIT
//! A compiled program.

use crate::error::{check, describe, last_errno, Error, Result};
use crate::text::{arguments, clean, clean_os, collect, Argument, Vector};
use abjure_sys as sys;
use std::env::vars_os;
use std::ffi::{c_char, CString, OsStr, OsString};
use std::fmt;
use std::ptr::NonNull;

const SEVERAL: &str = "these are all programs of a process, and each has bytes of its own: use from_process";

/// BPF as the kernel takes it. It comes from [`crate::Filter::compile`], from bytes or from a running process.
pub struct Program {
    handle: NonNull<sys::abjure_program>,
}

// SAFETY: handles are independent, and may be used and freed by any thread, one at a time: `Program` is not `Sync`.
unsafe impl Send for Program {}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: the handle is this program's own, and nothing uses it afterwards.
        unsafe { sys::abjure_program_free(self.handle.as_ptr()) }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instructions = self.bytes().ok().map(|bytes| bytes.len() / 8);
        f.debug_struct("Program").field("instructions", &instructions).finish()
    }
}

impl Program {
    pub(crate) fn own(handle: NonNull<sys::abjure_program>) -> Program {
        Program { handle }
    }

    /// From a function that gives a handle, or NULL with errno and a reason.
    fn made(make: impl Fn(*mut c_char, u64) -> *mut sys::abjure_program) -> Result<Program> {
        let (mut handle, mut errno) = (None, 0);
        let (_, why) = collect(|buffer, size| {
            handle = NonNull::new(make(buffer, size));
            errno = last_errno();
            0
        });
        handle.map(Program::own).ok_or_else(|| Error::new(errno, why))
    }

    /// From `struct sock_filter[]` of either byte order, validated as the kernel would.
    pub fn from_bytes(bytes: &[u8]) -> Result<Program> {
        // SAFETY: the bytes and the buffer have their sizes.
        Program::made(|buffer, size| unsafe {
            sys::abjure_program_from_bytes(bytes.as_ptr().cast(), bytes.len() as u64, buffer, size)
        })
    }

    /// Number `index` of a process, 0 being the newest. It needs CAP_SYS_ADMIN, and a caller without a filter of its own.
    pub fn from_process(pid: i32, index: u64) -> Result<Program> {
        // SAFETY: the buffer has its size.
        Program::made(|buffer, size| unsafe { sys::abjure_program_from_process(pid, index, buffer, size) })
    }

    /// All programs of a process as one, which decides as the kernel does: the strictest verdict of them wins. Several
    /// programs have no [`Program::bytes`], and cannot be loaded. It needs CAP_SYS_ADMIN, and a caller without a filter
    /// of its own.
    pub fn effective(pid: i32) -> Result<Program> {
        // SAFETY: the buffer has its size.
        Program::made(|buffer, size| unsafe { sys::abjure_program_effective(pid, buffer, size) })
    }

    /// `struct sock_filter[]`, as seccomp(2) and `bwrap --seccomp` take it. Several programs have none as one.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        // SAFETY: the handle is valid; without a buffer it gives the length.
        let size = unsafe { sys::abjure_program_bytes(self.handle.as_ptr(), std::ptr::null_mut(), 0) };
        let size = check(size, || SEVERAL.into())?;
        let mut bytes = vec![0; size as usize];
        // SAFETY: the handle is valid, and the buffer has its size.
        unsafe { sys::abjure_program_bytes(self.handle.as_ptr(), bytes.as_mut_ptr().cast(), bytes.len() as u64) };
        Ok(bytes)
    }

    /// The verdict for one call: `allow`, `EPERM`, `kill`. The ABI `""` is this program's own.
    pub fn eval(&self, abi: &str, call: &str, args: &[Argument<'_>]) -> Result<String> {
        let a = arguments(abi, args)?;
        let (abi, call) = (clean(abi)?, clean(call)?);
        // SAFETY: the handle is valid, the texts are terminated, and the buffer has its size.
        let (result, text) = collect(|buffer, size| unsafe {
            let (p, abi, call) = (self.handle.as_ptr(), abi.as_ptr(), call.as_ptr());
            sys::abjure_program_eval(p, abi, call, a[0], a[1], a[2], a[3], a[4], a[5], buffer, size)
        });
        check(result, || text.clone())?;
        Ok(text)
    }

    /// The instructions in words, a line each.
    pub fn disassemble(&self) -> String {
        // SAFETY: the handle is valid, and the buffer has its size.
        collect(|buffer, size| unsafe { sys::abjure_program_disassemble(self.handle.as_ptr(), buffer, size) }).1
    }

    /// What the program does for every call of every ABI that it tells apart: exact, whatever its arguments. The format
    /// is `text`, `policy` (which [`crate::Filter::read`] takes) or `json`, narrowed as in `json, abi=x86_64, call=clone`.
    pub fn outline(&self, format: &str) -> Result<String> {
        let format = clean(format)?;
        // SAFETY: the handle is valid, the text is terminated, and the buffer has its size.
        let (result, text) = collect(|buffer, size| unsafe {
            sys::abjure_program_outline(self.handle.as_ptr(), format.as_ptr(), buffer, size)
        });
        check(result, || text.clone())?;
        Ok(text)
    }

    /// Puts the program in force for all threads of the process, for good.
    #[must_use = "where this fails nothing is denied"]
    pub fn load(&self) -> Result<()> {
        self.load_with("")
    }

    /// As [`Program::load`], with options: `this_thread`, `log=off`, `speculation=mitigate`, `no_new_privs=off`. Several
    /// have commas between them.
    #[must_use = "where this fails nothing is denied"]
    pub fn load_with(&self, options: &str) -> Result<()> {
        let options = clean(options)?;
        // SAFETY: the handle is valid, and the text is terminated.
        let result = unsafe { sys::abjure_program_load(self.handle.as_ptr(), options.as_ptr()) };
        check(result.into(), || format!("the program was not loaded: {}", describe(-result))).map(drop)
    }

    /// Loads the program and starts another one in place of this process, as [`crate::Filter::exec`] does.
    #[must_use = "it returns only where the program did not start"]
    pub fn exec<S: AsRef<OsStr>>(
        &self,
        path: impl AsRef<OsStr>,
        argv: &[S],
        env: Option<&[(OsString, OsString)]>,
    ) -> Error {
        let (text, argv, env) = match start_words(path.as_ref(), argv, env) {
            Ok(words) => words,
            Err(error) => return error,
        };
        let errno = self.exec_words(&text, &argv, &env);
        Error::new(errno, format!("cannot start {}: {}", path.as_ref().to_string_lossy(), describe(errno)))
    }

    /// Async-signal-safe: for use between fork and exec. Gives the errno.
    pub(crate) fn exec_words(&self, path: &CString, argv: &Vector, env: &Vector) -> i32 {
        // SAFETY: the handle is valid, and the texts and lists are terminated.
        -unsafe { sys::abjure_program_exec(self.handle.as_ptr(), path.as_ptr(), argv.as_ptr(), env.as_ptr()) }
    }
}

/// What execve takes.
pub(crate) fn start_words<S: AsRef<OsStr>>(
    path: &OsStr,
    argv: &[S],
    env: Option<&[(OsString, OsString)]>,
) -> Result<(CString, Vector, Vector)> {
    let env = match env {
        Some(variables) => Vector::environment(variables)?,
        None => Vector::environment(&vars_os().collect::<Vec<_>>())?,
    };
    Ok((clean_os(path)?, Vector::of(argv)?, env))
}
