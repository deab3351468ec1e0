// SPDX-License-Identifier: MIT

package abjure

import (
	"os"
	"runtime"
)

// execve checks what becomes the arguments of execve, and calls `run` with the environment: nil is this process's own.
// The thread stays the goroutine's own, since a failed start may leave it filtered.
func execve(path string, argv, env []string, run func(env []string) error) error {
	if env == nil {
		env = os.Environ()
	}
	if err := noNul([]string{path}, argv, env); err != nil {
		return err
	}
	runtime.LockOSThread()
	return run(env)
}
