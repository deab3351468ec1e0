// SPDX-License-Identifier: MIT
//! The raw declarations of libabjure. `abjure.h` says what each function does and when it fails; the crate `abjure` is
//! the safe form of them.

#![allow(non_camel_case_types)]

#[cfg(not(target_os = "linux"))]
compile_error!("abjure is for Linux: no other system has seccomp");

use std::ffi::{c_char, c_int, c_void};

/// A filter; only ever behind a pointer.
#[repr(C)]
pub struct abjure_filter {
    _opaque: [u8; 0],
}

/// A program; only ever behind a pointer.
#[repr(C)]
pub struct abjure_program {
    _opaque: [u8; 0],
}

extern "C" {
    pub fn abjure_deny(calls: *const c_char, err: c_int, why: *mut c_char, why_size: u64) -> c_int;

    pub fn abjure_filter_new() -> *mut abjure_filter;
    pub fn abjure_filter_free(filter: *mut abjure_filter);
    pub fn abjure_filter_add(filter: *mut abjure_filter, action: *const c_char, calls: *const c_char) -> c_int;
    pub fn abjure_filter_default(filter: *mut abjure_filter, action: *const c_char) -> c_int;
    pub fn abjure_filter_read(filter: *mut abjure_filter, text: *const c_char, name: *const c_char) -> c_int;
    pub fn abjure_filter_set(filter: *mut abjure_filter, option: *const c_char, value: *const c_char) -> c_int;
    pub fn abjure_filter_error(filter: *const abjure_filter) -> c_int;
    pub fn abjure_filter_message(filter: *const abjure_filter, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_filter_clear(filter: *mut abjure_filter);
    pub fn abjure_filter_skipped(filter: *const abjure_filter, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_filter_notes(filter: *const abjure_filter, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_filter_write(
        filter: *mut abjure_filter,
        format: *const c_char,
        buffer: *mut c_char,
        size: u64,
    ) -> i64;
    pub fn abjure_filter_explain(
        filter: *mut abjure_filter,
        abi: *const c_char,
        call: *const c_char,
        a0: u64,
        a1: u64,
        a2: u64,
        a3: u64,
        a4: u64,
        a5: u64,
        buffer: *mut c_char,
        size: u64,
    ) -> i64;
    pub fn abjure_filter_load(filter: *mut abjure_filter, options: *const c_char) -> c_int;
    pub fn abjure_filter_blocking_thread(filter: *const abjure_filter) -> c_int;
    pub fn abjure_filter_exec(
        filter: *mut abjure_filter,
        path: *const c_char,
        argv: *const *const c_char,
        envp: *const *const c_char,
    ) -> c_int;

    pub fn abjure_filter_compile(filter: *mut abjure_filter) -> *mut abjure_program;
    pub fn abjure_program_from_bytes(
        bytes: *const c_void,
        size: u64,
        why: *mut c_char,
        why_size: u64,
    ) -> *mut abjure_program;
    pub fn abjure_program_from_process(pid: c_int, index: u64, why: *mut c_char, why_size: u64) -> *mut abjure_program;
    pub fn abjure_program_effective(pid: c_int, why: *mut c_char, why_size: u64) -> *mut abjure_program;
    pub fn abjure_program_free(program: *mut abjure_program);
    pub fn abjure_program_bytes(program: *const abjure_program, buffer: *mut c_void, size: u64) -> i64;
    pub fn abjure_program_load(program: *const abjure_program, options: *const c_char) -> c_int;
    pub fn abjure_program_exec(
        program: *const abjure_program,
        path: *const c_char,
        argv: *const *const c_char,
        envp: *const *const c_char,
    ) -> c_int;
    pub fn abjure_program_eval(
        program: *const abjure_program,
        abi: *const c_char,
        call: *const c_char,
        a0: u64,
        a1: u64,
        a2: u64,
        a3: u64,
        a4: u64,
        a5: u64,
        buffer: *mut c_char,
        size: u64,
    ) -> i64;
    pub fn abjure_program_disassemble(program: *const abjure_program, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_program_outline(
        program: *const abjure_program,
        format: *const c_char,
        buffer: *mut c_char,
        size: u64,
    ) -> i64;

    pub fn abjure_status(pid: c_int, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_supported(buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_groups(buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_group(group: *const c_char, abi: *const c_char, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_value(
        abi: *const c_char,
        text: *const c_char,
        value: *mut u64,
        why: *mut c_char,
        why_size: u64,
    ) -> c_int;
    pub fn abjure_argument(
        abi: *const c_char,
        call: *const c_char,
        name: *const c_char,
        why: *mut c_char,
        why_size: u64,
    ) -> c_int;
    pub fn abjure_explain(line: *const c_char, buffer: *mut c_char, size: u64) -> i64;
    pub fn abjure_version() -> *const c_char;
    pub fn abjure_tables_version() -> *const c_char;
}
