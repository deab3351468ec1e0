// SPDX-License-Identifier: MIT

//go:build !plan9

package abjure

import (
	"math"
	"syscall"
)

// Errno is the number of an error: syscall.EPERM.
type Errno = syscall.Errno

const (
	ebadf  = syscall.EBADF
	einval = syscall.EINVAL
	enomem = syscall.ENOMEM
	enosys = syscall.ENOSYS
)

func errnoOf(result int64) Errno { return Errno(-result) }

// errnoNumber gives the number as C has it. What does not fit must not become another one: the core refuses the largest.
func errnoNumber(errno Errno) int {
	if number := int(errno); number >= math.MinInt32 && number <= math.MaxInt32 {
		return number
	}
	return math.MaxInt32
}
