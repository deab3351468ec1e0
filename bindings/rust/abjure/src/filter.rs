// SPDX-License-Identifier: MIT
//! A filter: ordered rules and a default action.

use crate::error::{check, last_errno, Error, Result, ENOMEM};
use crate::program::{start_words, Program};
use crate::text::{arguments, clean, collect, join, Argument};
use abjure_sys as sys;
use std::ffi::{c_char, OsStr, OsString};
use std::path::Path;
use std::ptr::NonNull;
use std::{fmt, fs};

/// An ordered list of rules and a default action. The first rule that matches a call decides it.
///
/// ```
/// # fn main() -> abjure::Result<()> {
/// let mut filter = abjure::Filter::new()?;
/// filter.allow(&["socket(family == AF_UNIX)"])?.deny(&["socket", "@listen"])?;
/// let verdict = filter.explain("x86_64", "socket", &["AF_INET".into()])?;
/// assert_eq!(verdict.action, "EPERM");
/// # Ok(())
/// # }
/// ```
///
/// A method that fails breaks the filter: `load`, `compile`, `exec` and `write` then give that error, until
/// [`Filter::clear`]. What was loaded stays in force when the filter is dropped.
pub struct Filter {
    handle: NonNull<sys::abjure_filter>,
    broken: Option<Error>, // what this crate refused, which the core has not seen
}

// SAFETY: handles are independent, and may be used and freed by any thread, one at a time: `Filter` is not `Sync`.
unsafe impl Send for Filter {}

impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: the handle is this filter's own, and nothing uses it afterwards.
        unsafe { sys::abjure_filter_free(self.handle.as_ptr()) }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").field("error", &self.error()).finish_non_exhaustive()
    }
}

impl Filter {
    /// A filter without rules that allows everything. It fails only where there is no memory.
    pub fn new() -> Result<Filter> {
        // SAFETY: it takes nothing.
        match NonNull::new(unsafe { sys::abjure_filter_new() }) {
            Some(handle) => Ok(Filter { handle, broken: None }),
            None => Err(Error::new(ENOMEM, "out of memory")),
        }
    }

    fn check(&self, result: i64) -> Result<i64> {
        check(result, || self.text(sys::abjure_filter_message))
    }

    fn text(&self, get: unsafe extern "C" fn(*const sys::abjure_filter, *mut c_char, u64) -> i64) -> String {
        // SAFETY: the handle is valid, and the buffer has its size.
        collect(|buffer, size| unsafe { get(self.handle.as_ptr(), buffer, size) }).1
    }

    /// Breaks the filter where this crate refuses something.
    fn accept<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.broken.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// The error that broke the filter before the core saw a text.
    fn sound(&self) -> Result<()> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Calls a function that takes two texts and changes the rules.
    fn change(
        &mut self,
        run: unsafe extern "C" fn(*mut sys::abjure_filter, *const c_char, *const c_char) -> i32,
        first: &str,
        second: &str,
    ) -> Result<&mut Filter> {
        let texts = clean(first).and_then(|first| Ok((first, clean(second)?)));
        let (first, second) = self.accept(texts)?;
        // SAFETY: the handle is valid, and the texts are terminated.
        let result = unsafe { run(self.handle.as_ptr(), first.as_ptr(), second.as_ptr()) };
        self.check(result.into())?;
        Ok(self)
    }

    /// Adds a rule behind those that are there. Actions are `allow`, `deny`, `EACCES`, `log`, `kill`, `trap` and more.
    pub fn add<S: AsRef<str>>(&mut self, action: &str, calls: &[S]) -> Result<&mut Filter> {
        let texts = clean(action).and_then(|action| Ok((action, join(calls)?)));
        let (action, calls) = self.accept(texts)?;
        // SAFETY: the handle is valid, and the texts are terminated.
        let result = unsafe { sys::abjure_filter_add(self.handle.as_ptr(), action.as_ptr(), calls.as_ptr()) };
        self.check(result.into())?;
        Ok(self)
    }

    /// Adds a rule that allows the calls: an exception to rules that follow.
    pub fn allow<S: AsRef<str>>(&mut self, calls: &[S]) -> Result<&mut Filter> {
        self.add("allow", calls)
    }

    /// Adds a rule that denies the calls with EPERM, or with what suits the rule of a group better.
    pub fn deny<S: AsRef<str>>(&mut self, calls: &[S]) -> Result<&mut Filter> {
        self.add("deny", calls)
    }

    /// Adds a rule that denies the calls with an errno of the caller's choice: 1 to 4095; 0 is
    /// [`Filter::deny`].
    pub fn deny_with<S: AsRef<str>>(&mut self, errno: i32, calls: &[S]) -> Result<&mut Filter> {
        match errno {
            0 => self.deny(calls),
            _ => self.add(&format!("errno({errno})"), calls),
        }
    }

    /// Adds a rule: the kernel ends a process that makes one of the calls.
    pub fn kill<S: AsRef<str>>(&mut self, calls: &[S]) -> Result<&mut Filter> {
        self.add("kill", calls)
    }

    /// Adds a rule that allows the calls and has the kernel log them.
    pub fn log<S: AsRef<str>>(&mut self, calls: &[S]) -> Result<&mut Filter> {
        self.add("log", calls)
    }

    /// Sets the action for calls that no rule matches.
    pub fn default(&mut self, action: &str) -> Result<&mut Filter> {
        let action = self.accept(clean(action))?;
        // SAFETY: the handle is valid, and the text is terminated.
        let result = unsafe { sys::abjure_filter_default(self.handle.as_ptr(), action.as_ptr()) };
        self.check(result.into())?;
        Ok(self)
    }

    /// Sets an option; abjure.h and abjure(1) list them.
    pub fn set(&mut self, option: &str, value: &str) -> Result<&mut Filter> {
        self.change(sys::abjure_filter_set, option, value)
    }

    /// Adds what a policy text or a seccomp profile of Docker or OCI says. The name is for messages.
    pub fn read(&mut self, text: &str, name: &str) -> Result<&mut Filter> {
        self.change(sys::abjure_filter_read, text, name)
    }

    /// Adds what the policy or profile in a file says.
    pub fn read_file(&mut self, path: impl AsRef<Path>) -> Result<&mut Filter> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| {
            Error::new(
                error.raw_os_error().unwrap_or(Error::invalid("").errno()),
                format!("{}: {error}", path.display()),
            )
        });
        let text = self.accept(text)?;
        self.read(&text, &path.to_string_lossy())
    }

    /// The filter as `policy` text or as `oci` JSON.
    pub fn write(&mut self, format: &str) -> Result<String> {
        self.sound()?;
        let format = clean(format)?;
        // SAFETY: the handle is valid, the text is terminated, and the buffer has its size.
        let (result, text) = collect(|buffer, size| unsafe {
            sys::abjure_filter_write(self.handle.as_ptr(), format.as_ptr(), buffer, size)
        });
        self.check(result)?;
        Ok(text)
    }

    /// The error of the last method that failed.
    pub fn error(&self) -> Option<Error> {
        // SAFETY: the handle is valid.
        let result = unsafe { sys::abjure_filter_error(self.handle.as_ptr()) };
        self.broken.clone().or_else(|| self.check(result.into()).err())
    }

    /// Forgets the error of a broken filter.
    pub fn clear(&mut self) -> &mut Filter {
        self.broken = None;
        // SAFETY: the handle is valid.
        unsafe { sys::abjure_filter_clear(self.handle.as_ptr()) };
        self
    }

    /// The names that the filter's ABIs lack: `creat: absent on aarch64`.
    pub fn skipped(&self) -> Vec<String> {
        self.text(sys::abjure_filter_skipped).lines().map(String::from).collect()
    }

    /// What is worth knowing and no error: repeated rules; after a load, what no filter takes back.
    pub fn notes(&self) -> Vec<String> {
        self.text(sys::abjure_filter_notes).lines().map(String::from).collect()
    }

    /// What the filter decides for a call: `explain("", "socket", &["AF_INET".into(), 1.into()])`. The ABI `""` is the
    /// filter's only one, or this program's own.
    pub fn explain(&mut self, abi: &str, call: &str, args: &[Argument<'_>]) -> Result<Verdict> {
        let a = arguments(abi, args)?;
        let (abi, call) = (clean(abi)?, clean(call)?);
        self.sound()?;
        // SAFETY: the handle is valid, the texts are terminated, and the buffer has its size.
        let (result, text) = collect(|buffer, size| unsafe {
            let (f, abi, call) = (self.handle.as_ptr(), abi.as_ptr(), call.as_ptr());
            sys::abjure_filter_explain(f, abi, call, a[0], a[1], a[2], a[3], a[4], a[5], buffer, size)
        });
        self.check(result)?;
        Ok(Verdict::parse(&text))
    }

    /// The program, proven to equal the rules.
    pub fn compile(&mut self) -> Result<Program> {
        self.sound()?;
        // SAFETY: the handle is valid, and the program that it gives is the caller's.
        match NonNull::new(unsafe { sys::abjure_filter_compile(self.handle.as_ptr()) }) {
            Some(handle) => Ok(Program::own(handle)),
            None => Err(Error::new(last_errno(), self.text(sys::abjure_filter_message))),
        }
    }

    /// Puts the filter in force for all threads of the process, for good.
    #[must_use = "where this fails nothing is denied"]
    pub fn load(&mut self) -> Result<()> {
        self.load_with("")
    }

    /// As [`Filter::load`], with options: `this_thread` covers the calling thread only, and what it starts; `once` does
    /// nothing where this process already loaded this very filter for all its threads. Several have commas between them.
    #[must_use = "where this fails nothing is denied"]
    pub fn load_with(&mut self, options: &str) -> Result<()> {
        self.sound()?;
        let options = clean(options)?;
        // SAFETY: the handle is valid, and the text is terminated.
        let result = unsafe { sys::abjure_filter_load(self.handle.as_ptr(), options.as_ptr()) };
        self.check(result.into()).map_err(|error| error.with_thread(self.blocking_thread().unwrap_or(0))).map(drop)
    }

    /// After a load that failed with ESRCH: the id of the thread in the way. The error of the load has it too.
    pub fn blocking_thread(&self) -> Option<i32> {
        // SAFETY: the handle is valid.
        let thread = unsafe { sys::abjure_filter_blocking_thread(self.handle.as_ptr()) };
        (thread > 0).then_some(thread)
    }

    /// Loads the filter and starts a program in place of this one, also where the filter denies `@exec`: this one start
    /// passes, and nothing that the program executes afterwards does. It returns only where that failed, and then the
    /// calling thread may be filtered.
    ///
    /// A path without `/` is looked up in PATH. Without `env` the program gets this one's environment.
    #[must_use = "it returns only where the program did not start"]
    pub fn exec<S: AsRef<OsStr>>(
        &mut self,
        path: impl AsRef<OsStr>,
        argv: &[S],
        env: Option<&[(OsString, OsString)]>,
    ) -> Error {
        let (path, argv, env) = match self.sound().and_then(|()| start_words(path.as_ref(), argv, env)) {
            Ok(words) => words,
            Err(error) => return error,
        };
        // SAFETY: the handle is valid, and the texts and lists are terminated.
        let result =
            unsafe { sys::abjure_filter_exec(self.handle.as_ptr(), path.as_ptr(), argv.as_ptr(), env.as_ptr()) };
        Error::new(-result, self.text(sys::abjure_filter_message))
    }
}

/// What a filter decides for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// `allow`, `EPERM`, `kill` ...
    pub action: String,
    /// `rule`, `default`, `guard`, `unknown`, `essential`, `kernel`, `x32` or `foreign`.
    pub origin: String,
    /// The rule as written, where one decided.
    pub rule: Option<String>,
    /// `file:line:column`, where the rule came from a file.
    pub source: Option<String>,
    /// The call with its arguments by name.
    pub call: String,
    /// The number of the call.
    pub number: u32,
    /// The ABI that the number belongs to.
    pub abi: String,
}

impl Verdict {
    /// Whether the call is made.
    pub fn allowed(&self) -> bool {
        self.action == "allow" || self.action == "log"
    }

    fn parse(text: &str) -> Verdict {
        let get = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(key, _)| *key == name)
                .map(|(_, v)| v.to_string())
        };
        Verdict {
            action: get("action").unwrap_or_default(),
            origin: get("origin").unwrap_or_default(),
            rule: get("rule"),
            source: get("source"),
            call: get("call").unwrap_or_default(),
            number: get("number").and_then(|number| number.parse().ok()).unwrap_or_default(),
            abi: get("abi").unwrap_or_default(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, self.action)?;
        match &self.rule {
            Some(rule) => write!(f, " by rule \"{rule}\"")?,
            None => write!(f, " ({})", self.origin)?,
        }
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}
