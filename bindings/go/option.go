// SPDX-License-Identifier: MIT

package abjure

import (
	"runtime"
	"strings"
)

// Option changes what a load does. Those without a constant here are written as the core has them: "log=off",
// "speculation=mitigate" and "no_new_privs=off", for programs.
type Option string

const (
	// ThisThread filters the calling thread only, and what it starts. The goroutine is locked to its thread for good
	// (runtime.LockOSThread), so that no other goroutine runs under the filter; the thread ends with the goroutine.
	// It is also the way to filter a child: load so in a goroutine of its own, and start the child there.
	ThisThread Option = "this_thread"
	// Once does nothing where this process already loaded this very filter for all its threads.
	Once Option = "once"
)

// load calls `run` with the options as text, on a thread that stays the goroutine's own if only that one is filtered.
func load(options []Option, run func(string) error) error {
	words := make([]string, len(options))
	for i, option := range options {
		words[i] = string(option)
	}
	text := strings.Join(words, ", ")
	if err := clean(text); err != nil {
		return err
	}
	if !strings.Contains(text, string(ThisThread)) {
		return run(text)
	}
	runtime.LockOSThread()
	err := run(text)
	if err != nil {
		runtime.UnlockOSThread()
	}
	return err
}
