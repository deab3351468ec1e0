// SPDX-License-Identifier: MIT

package abjure

import "syscall"

// Errno is the text of an error: this system numbers none.
type Errno = syscall.ErrorString

const (
	ebadf  = Errno("bad file descriptor")
	einval = Errno("invalid argument")
	enomem = Errno("cannot allocate memory")
	enosys = Errno("function not implemented")
)

func errnoOf(int64) Errno { return enosys }

func errnoNumber(Errno) int { return 0 }
