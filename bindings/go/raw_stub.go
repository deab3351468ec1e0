// SPDX-License-Identifier: MIT

//go:build !linux || !cgo

package abjure

import (
	"runtime"
	"unsafe"
)

const available = false

// unsupported tells why, and what to do about it. Go turns cgo off by itself where it finds no C compiler.
var unsupported = func() string {
	if runtime.GOOS == "linux" {
		return "built without cgo; install gcc"
	}
	return "system call filters need Linux"
}()

// Any failure: here all of them are ErrUnsupported.
const no = -1

// No function that takes a handle is ever reached: rawFilterNew and those that make programs make none.

func rawDeny(string, int) (int, string) { return no, unsupported }

func rawFilterNew() unsafe.Pointer                                      { return nil }
func rawFilterFree(unsafe.Pointer)                                      {}
func rawFilterClear(unsafe.Pointer)                                     {}
func rawFilterAdd(unsafe.Pointer, string, string) int64                 { return no }
func rawFilterDefault(unsafe.Pointer, string) int64                     { return no }
func rawFilterSet(unsafe.Pointer, string, string) int64                 { return no }
func rawFilterRead(unsafe.Pointer, string, string) int64                { return no }
func rawFilterError(unsafe.Pointer) int                                 { return no }
func rawFilterBlockingThread(unsafe.Pointer) int                        { return 0 }
func rawFilterMessage(unsafe.Pointer) string                            { return unsupported }
func rawFilterSkipped(unsafe.Pointer) string                            { return "" }
func rawFilterNotes(unsafe.Pointer) string                              { return "" }
func rawFilterWrite(unsafe.Pointer, string) (string, int64)             { return "", no }
func rawFilterCompile(unsafe.Pointer) (unsafe.Pointer, int64)           { return nil, no }
func rawFilterLoad(unsafe.Pointer, string) int                          { return no }
func rawFilterExec(unsafe.Pointer, string, []string, []string) int      { return no }
func rawProgramFree(unsafe.Pointer)                                     {}
func rawProgramBytes(unsafe.Pointer) ([]byte, int64)                    { return nil, no }
func rawProgramLoad(unsafe.Pointer, string) int                         { return no }
func rawProgramExec(unsafe.Pointer, string, []string, []string) int     { return no }
func rawProgramDisassemble(unsafe.Pointer) string                       { return "" }
func rawProgramFromBytes([]byte) (unsafe.Pointer, int64, string)        { return nil, no, unsupported }
func rawProgramFromProcess(int, uint64) (unsafe.Pointer, int64, string) { return nil, no, unsupported }
func rawProgramEffective(int) (unsafe.Pointer, int64, string)           { return nil, no, unsupported }
func rawProgramOutline(unsafe.Pointer, string) (string, int64)          { return unsupported, no }

func rawFilterExplain(unsafe.Pointer, string, string, [6]uint64) (string, int64) { return "", no }
func rawProgramEval(unsafe.Pointer, string, string, [6]uint64) (string, int64)   { return "", no }

func rawSupported() string                             { return "seccomp: no - " + unsupported }
func rawStatus(int) (string, int64)                    { return unsupported, no }
func rawGroups() string                                { return "" }
func rawGroup(string, string) (string, int64)          { return unsupported, no }
func rawValue(string, string) (uint64, int, string)    { return 0, no, unsupported }
func rawArgument(string, string, string) (int, string) { return no, unsupported }
func rawExplain(string) (string, int64)                { return unsupported, no }
func rawVersion() string                               { return "" }
func rawTablesVersion() string                         { return "" }
