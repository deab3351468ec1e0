// SPDX-License-Identifier: MIT

//go:build linux && cgo

package abjure

// #cgo pkg-config: abjure
// #include <abjure.h>
// #include <stdlib.h>
import "C"

import (
	"syscall"
	"unsafe"
)

const available = true
const unsupported = "there is no seccomp here"

// terminated gives a text as C has it. The bytes are Go's: cgo keeps them in place for the call they are passed to.
func terminated(text string) *C.char {
	bytes := make([]byte, len(text)+1)
	copy(bytes, text)
	return (*C.char)(unsafe.Pointer(&bytes[0]))
}

// collect calls a function of the core that writes a text, again where the buffer was too small.
func collect(run func(buffer *C.char, size C.uint64_t) C.int64_t) (string, int64) {
	for size := 1024; ; {
		buffer := make([]byte, size)
		result := run((*C.char)(unsafe.Pointer(&buffer[0])), C.uint64_t(size))
		if int64(result) < int64(size) {
			return untilNul(buffer), int64(result)
		}
		size = int(result) + 1
	}
}

func untilNul(buffer []byte) string {
	for i, b := range buffer {
		if b == 0 {
			return string(buffer[:i])
		}
	}
	return string(buffer)
}

// why calls a function of the core that gives an int, and writes the reason where it fails.
func why(run func(why *C.char, size C.uint64_t) C.int) (int, string) {
	message, result := collect(func(buffer *C.char, size C.uint64_t) C.int64_t { return C.int64_t(run(buffer, size)) })
	return int(result), message
}

// vector gives a list of texts as execve has it, in memory of C, since it holds pointers.
func vector(texts []string) (list **C.char, free func()) {
	size := unsafe.Sizeof(uintptr(0))
	start := C.calloc(C.size_t(len(texts)+1), C.size_t(size))
	at := unsafe.Slice((**C.char)(start), len(texts)+1)
	for i, text := range texts {
		at[i] = C.CString(text)
	}
	return (**C.char)(start), func() {
		for _, text := range at {
			C.free(unsafe.Pointer(text))
		}
		C.free(start)
	}
}

// withVectors calls a function that starts a program with both its lists.
func withVectors(argv, env []string, run func(argv, env **C.char) C.int) int {
	arguments, freeArguments := vector(argv)
	defer freeArguments()
	environment, freeEnvironment := vector(env)
	defer freeEnvironment()
	return int(run(arguments, environment))
}

func filterOf(h unsafe.Pointer) *C.abjure_filter   { return (*C.abjure_filter)(h) }
func programOf(h unsafe.Pointer) *C.abjure_program { return (*C.abjure_program)(h) }

func rawDeny(calls string, errno int) (int, string) {
	return why(func(b *C.char, n C.uint64_t) C.int { return C.abjure_deny(terminated(calls), C.int(errno), b, n) })
}

func rawFilterNew() unsafe.Pointer    { return unsafe.Pointer(C.abjure_filter_new()) }
func rawFilterFree(h unsafe.Pointer)  { C.abjure_filter_free(filterOf(h)) }
func rawFilterClear(h unsafe.Pointer) { C.abjure_filter_clear(filterOf(h)) }

func rawFilterAdd(h unsafe.Pointer, action, calls string) int64 {
	return int64(C.abjure_filter_add(filterOf(h), terminated(action), terminated(calls)))
}

func rawFilterDefault(h unsafe.Pointer, action string) int64 {
	return int64(C.abjure_filter_default(filterOf(h), terminated(action)))
}

func rawFilterSet(h unsafe.Pointer, option, value string) int64 {
	return int64(C.abjure_filter_set(filterOf(h), terminated(option), terminated(value)))
}

func rawFilterRead(h unsafe.Pointer, text, name string) int64 {
	return int64(C.abjure_filter_read(filterOf(h), terminated(text), terminated(name)))
}

func rawFilterError(h unsafe.Pointer) int { return int(C.abjure_filter_error(filterOf(h))) }

func rawFilterBlockingThread(h unsafe.Pointer) int {
	return int(C.abjure_filter_blocking_thread(filterOf(h)))
}

func rawFilterMessage(h unsafe.Pointer) string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_filter_message(filterOf(h), b, n) })
	return text
}

func rawFilterSkipped(h unsafe.Pointer) string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_filter_skipped(filterOf(h), b, n) })
	return text
}

func rawFilterNotes(h unsafe.Pointer) string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_filter_notes(filterOf(h), b, n) })
	return text
}

func rawFilterWrite(h unsafe.Pointer, format string) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_filter_write(filterOf(h), terminated(format), b, n)
	})
}

func rawFilterExplain(h unsafe.Pointer, abi, call string, a [6]uint64) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_filter_explain(filterOf(h), terminated(abi), terminated(call), C.uint64_t(a[0]), C.uint64_t(a[1]),
			C.uint64_t(a[2]), C.uint64_t(a[3]), C.uint64_t(a[4]), C.uint64_t(a[5]), b, n)
	})
}

func rawFilterCompile(h unsafe.Pointer) (unsafe.Pointer, int64) {
	p, err := C.abjure_filter_compile(filterOf(h))
	return made(p, err)
}

func rawFilterLoad(h unsafe.Pointer, options string) int {
	return int(C.abjure_filter_load(filterOf(h), terminated(options)))
}

func rawFilterExec(h unsafe.Pointer, path string, argv, env []string) int {
	return withVectors(argv, env, func(argv, env **C.char) C.int {
		return C.abjure_filter_exec(filterOf(h), terminated(path), argv, env)
	})
}

// made turns a handle, or NULL and the errno beside it, into a handle and a result.
func made(p *C.abjure_program, err error) (unsafe.Pointer, int64) {
	if p != nil {
		return unsafe.Pointer(p), 0
	}
	if errno, ok := err.(syscall.Errno); ok {
		return nil, -int64(errno)
	}
	return nil, -int64(syscall.EINVAL)
}

func rawProgramFromBytes(bytes []byte) (handle unsafe.Pointer, result int64, message string) {
	padded := append(append(make([]byte, 0, len(bytes)+1), bytes...), 0) // so that there is a first byte
	message, _ = collect(func(b *C.char, n C.uint64_t) C.int64_t {
		p, err := C.abjure_program_from_bytes(unsafe.Pointer(&padded[0]), C.uint64_t(len(bytes)), b, n)
		handle, result = made(p, err)
		return C.int64_t(result)
	})
	return handle, result, message
}

func rawProgramFromProcess(pid int, index uint64) (handle unsafe.Pointer, result int64, message string) {
	message, _ = collect(func(b *C.char, n C.uint64_t) C.int64_t {
		p, err := C.abjure_program_from_process(C.int(pid), C.uint64_t(index), b, n)
		handle, result = made(p, err)
		return C.int64_t(result)
	})
	return handle, result, message
}

func rawProgramEffective(pid int) (handle unsafe.Pointer, result int64, message string) {
	message, _ = collect(func(b *C.char, n C.uint64_t) C.int64_t {
		p, err := C.abjure_program_effective(C.int(pid), b, n)
		handle, result = made(p, err)
		return C.int64_t(result)
	})
	return handle, result, message
}

func rawProgramFree(h unsafe.Pointer) { C.abjure_program_free(programOf(h)) }

func rawProgramBytes(h unsafe.Pointer) ([]byte, int64) {
	size := int64(C.abjure_program_bytes(programOf(h), nil, 0))
	if size <= 0 {
		return nil, size
	}
	bytes := make([]byte, size)
	C.abjure_program_bytes(programOf(h), unsafe.Pointer(&bytes[0]), C.uint64_t(len(bytes)))
	return bytes, size
}

func rawProgramLoad(h unsafe.Pointer, options string) int {
	return int(C.abjure_program_load(programOf(h), terminated(options)))
}

func rawProgramExec(h unsafe.Pointer, path string, argv, env []string) int {
	return withVectors(argv, env, func(argv, env **C.char) C.int {
		return C.abjure_program_exec(programOf(h), terminated(path), argv, env)
	})
}

func rawProgramEval(h unsafe.Pointer, abi, call string, a [6]uint64) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_program_eval(programOf(h), terminated(abi), terminated(call), C.uint64_t(a[0]), C.uint64_t(a[1]),
			C.uint64_t(a[2]), C.uint64_t(a[3]), C.uint64_t(a[4]), C.uint64_t(a[5]), b, n)
	})
}

func rawProgramDisassemble(h unsafe.Pointer) string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_program_disassemble(programOf(h), b, n)
	})
	return text
}

func rawProgramOutline(h unsafe.Pointer, format string) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_program_outline(programOf(h), terminated(format), b, n)
	})
}

func rawStatus(pid int) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_status(C.int(pid), b, n) })
}

func rawSupported() string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_supported(b, n) })
	return text
}

func rawGroups() string {
	text, _ := collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_groups(b, n) })
	return text
}

func rawGroup(name, abi string) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t {
		return C.abjure_group(terminated(name), terminated(abi), b, n)
	})
}

func rawValue(abi, text string) (uint64, int, string) {
	var value C.uint64_t
	result, message := why(func(b *C.char, n C.uint64_t) C.int {
		return C.abjure_value(terminated(abi), terminated(text), &value, b, n)
	})
	return uint64(value), result, message
}

func rawArgument(abi, call, name string) (int, string) {
	return why(func(b *C.char, n C.uint64_t) C.int {
		return C.abjure_argument(terminated(abi), terminated(call), terminated(name), b, n)
	})
}

func rawExplain(line string) (string, int64) {
	return collect(func(b *C.char, n C.uint64_t) C.int64_t { return C.abjure_explain(terminated(line), b, n) })
}

func rawVersion() string       { return C.GoString(C.abjure_version()) }
func rawTablesVersion() string { return C.GoString(C.abjure_tables_version()) }
