// SPDX-License-Identifier: MIT
//! Texts on their way into the core and out of it.

use crate::error::{Error, Result};
use std::ffi::{c_char, CStr, CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::ptr;

/// A text that C sees whole: it would end at U+0000, and a rule behind that would be lost.
pub(crate) fn clean(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::invalid("the text contains U+0000"))
}

pub(crate) fn clean_os(text: &OsStr) -> Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| Error::invalid("a path, an argument or the environment contains U+0000"))
}

pub(crate) fn join<S: AsRef<str>>(calls: &[S]) -> Result<CString> {
    if calls.is_empty() {
        return Err(Error::invalid("no calls given; for example \"@exec\", \"@listen\""));
    }
    let texts: Vec<&str> = calls.iter().map(AsRef::as_ref).collect();
    clean(&texts.join(", "))
}

/// Calls a function of the core that writes a text, again where the buffer was too small.
pub(crate) fn collect(mut run: impl FnMut(*mut c_char, u64) -> i64) -> (i64, String) {
    let mut buffer = vec![0u8; 1024];
    loop {
        let result = run(buffer.as_mut_ptr().cast(), buffer.len() as u64);
        match usize::try_from(result) {
            Ok(length) if length >= buffer.len() => buffer = vec![0u8; length + 1],
            _ => {
                let text = CStr::from_bytes_until_nul(&buffer).unwrap_or_default();
                return (result, text.to_string_lossy().into_owned());
            }
        }
    }
}

/// A list of texts as execve has it, ended by NULL.
pub(crate) struct Vector {
    // The pointers lead into these texts, whose places on the heap do not change when the vector is moved.
    _texts: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Vector {
    pub(crate) fn new(texts: Vec<CString>) -> Vector {
        let pointers = texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Vector { _texts: texts, pointers }
    }

    pub(crate) fn of<S: AsRef<OsStr>>(texts: &[S]) -> Result<Vector> {
        Ok(Vector::new(texts.iter().map(|text| clean_os(text.as_ref())).collect::<Result<_>>()?))
    }

    pub(crate) fn environment(variables: &[(OsString, OsString)]) -> Result<Vector> {
        let texts: Vec<OsString> = variables
            .iter()
            .map(|(name, value)| {
                let mut text = name.clone();
                text.push("=");
                text.push(value);
                text
            })
            .collect();
        Vector::of(&texts)
    }

    pub(crate) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

/// An argument of a call: an integer, or a text such as `AF_INET` or `O_RDWR|O_CREAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument<'a> {
    /// The value of the register.
    Number(u64),
    /// A value as the calls language has it.
    Text(&'a str),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Argument::Text(text)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Argument<'_> {
            fn from(value: $integer) -> Self {
                Argument::Number(value as u64) // signs extend, as in a register
            }
        })*
    };
}
from_integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

pub(crate) fn arguments(abi: &str, values: &[Argument<'_>]) -> Result<[u64; 6]> {
    let mut numbers = [0; 6];
    if values.len() > numbers.len() {
        return Err(Error::invalid(format!("a system call has at most 6 arguments, not {}", values.len())));
    }
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = match value {
            Argument::Number(number) => *number,
            Argument::Text(text) => crate::value(abi, text)?,
        };
    }
    Ok(numbers)
}
