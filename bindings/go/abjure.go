// SPDX-License-Identifier: MIT

// Package abjure gives up system calls for good.
//
//	if err := abjure.Deny("@exec", "@listen"); err != nil {
//		log.Fatal(err)
//	}
//
// From there on no thread of this process, and nothing that it starts, can execute a program or open a port. There is
// no way back. A load covers all threads of the Go runtime, those that it starts later included; it succeeds for all
// of them or is an error. Importing the package changes nothing.
//
// A call that a filter denies gives what Go gives for its errno: errors.Is(err, syscall.EPERM).
//
// The package needs Linux, cgo and libabjure, which pkg-config finds. Without them it compiles, and everything that
// would make or load a filter gives ErrUnsupported.
package abjure

// Deny denies the calls to this process, all its threads and all that it will start, now and for good. They are texts
// such as "execve", "@listen" and "socket(family == AF_INET)". A denied call fails with EPERM, or with what suits the
// rule of a group better.
func Deny(calls ...string) error {
	return deny(0, calls)
}

// DenyErrno is Deny with an errno of the caller's choice, 1 to 4095; 0 is Deny.
func DenyErrno(errno Errno, calls ...string) error { return deny(errnoNumber(errno), calls) }

func deny(errno int, calls []string) error {
	text, err := join(calls)
	if err != nil {
		return err
	}
	result, why := rawDeny(text, errno)
	return failure(int64(result), why)
}
