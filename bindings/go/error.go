// SPDX-License-Identifier: MIT

package abjure

import "fmt"

// Error is what the core refused. It unwraps to its errno: errors.Is(err, syscall.ENOENT).
type Error struct {
	Errno   Errno
	Message string // the cause and the remedy, for people
	Thread  int    // after a load with ESRCH: the id of the thread in the way; else 0
}

func (e *Error) Error() string { return "abjure: " + e.Message }

// Unwrap gives the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Is tells whether this is ErrUnsupported: a system without seccomp, or a build without cgo.
func (e *Error) Is(target error) bool { return target == error(ErrUnsupported) && e.Errno == enosys }

// ErrUnsupported matches what everything gives where filters cannot be: errors.Is(err, abjure.ErrUnsupported).
var ErrUnsupported = &Error{Errno: enosys, Message: unsupported}

// failure turns a result of the core into an error; not negative is nil.
func failure(result int64, message string) error {
	if result >= 0 {
		return nil
	}
	if !available {
		return ErrUnsupported
	}
	if message == "" {
		message = errnoOf(result).Error()
	}
	return &Error{Errno: errnoOf(result), Message: message}
}

func invalid(format string, args ...any) *Error {
	return &Error{Errno: einval, Message: fmt.Sprintf(format, args...)}
}

// closed is the error of a handle that is nil, was not made by this package or was closed.
func closed(what string) *Error {
	return &Error{Errno: ebadf, Message: "the " + what + " is closed, or was never made"}
}
