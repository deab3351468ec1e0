// SPDX-License-Identifier: MIT

package abjure

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// Filter is an ordered list of rules and a default action. The first rule that matches a call decides it.
//
// A method that fails breaks the filter: Load, Compile, Exec and Write then give that error, until Clear. So it is
// enough to look at the error of the last of them. A filter can be used from several goroutines.
type Filter struct {
	mu     sync.Mutex
	handle unsafe.Pointer
	broken error // what this package refused, which the core has not seen
}

// NewFilter makes a filter without rules that allows everything. Close frees it, and so does the garbage collector.
func NewFilter() (*Filter, error) {
	handle := rawFilterNew()
	if handle == nil {
		if !available {
			return nil, ErrUnsupported
		}
		return nil, &Error{Errno: enomem, Message: "out of memory"}
	}
	f := &Filter{handle: handle}
	runtime.SetFinalizer(f, (*Filter).Close)
	return f, nil
}

// Close frees the memory. What was loaded stays in force.
func (f *Filter) Close() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle != nil {
		rawFilterFree(f.handle)
		f.handle = nil
		runtime.SetFinalizer(f, nil)
	}
	return nil
}

// with runs a function of the core on the handle, and gives the filter's message where it fails.
func (f *Filter) with(run func(handle unsafe.Pointer) int64) error {
	if f == nil {
		return closed("filter")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle == nil {
		return closed("filter")
	}
	if result := run(f.handle); result < 0 {
		return failure(result, rawFilterMessage(f.handle))
	}
	return nil
}

// refuse breaks the filter with an error of this package.
func (f *Filter) refuse(err error) error {
	if f == nil {
		return closed("filter")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken == nil {
		f.broken = err
	}
	return err
}

// sound is the error that broke the filter before the core saw the text.
func (f *Filter) sound() error {
	if f == nil {
		return closed("filter")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle == nil {
		return closed("filter")
	}
	return f.broken
}

// change runs a function that changes the rules, behind the check of its texts.
func (f *Filter) change(bad error, run func(handle unsafe.Pointer) int64) error {
	if bad != nil {
		return f.refuse(bad)
	}
	return f.with(run)
}

// Add adds a rule behind those that are there. Actions are "allow", "deny", "EACCES", "log", "kill", "trap" and more.
func (f *Filter) Add(action string, calls ...string) error {
	text, err := join(calls)
	if err == nil {
		err = clean(action)
	}
	return f.change(err, func(h unsafe.Pointer) int64 { return rawFilterAdd(h, action, text) })
}

// Allow adds a rule that allows the calls: an exception to rules that follow.
func (f *Filter) Allow(calls ...string) error { return f.Add("allow", calls...) }

// Deny adds a rule that denies the calls with EPERM, or with what suits the rule of a group better.
func (f *Filter) Deny(calls ...string) error { return f.Add("deny", calls...) }

// DenyErrno adds a rule that denies the calls with an errno of the caller's choice, 1 to 4095; 0 is Deny.
func (f *Filter) DenyErrno(errno Errno, calls ...string) error {
	number := errnoNumber(errno)
	if number == 0 {
		return f.Deny(calls...)
	}
	return f.Add("errno("+strconv.Itoa(number)+")", calls...)
}

// Kill adds a rule: the kernel ends a process that makes one of the calls.
func (f *Filter) Kill(calls ...string) error { return f.Add("kill", calls...) }

// Log adds a rule that allows the calls and has the kernel log them.
func (f *Filter) Log(calls ...string) error { return f.Add("log", calls...) }

// Default sets the action for calls that no rule matches.
func (f *Filter) Default(action string) error {
	return f.change(clean(action), func(h unsafe.Pointer) int64 { return rawFilterDefault(h, action) })
}

// Set sets an option; abjure.h and abjure(1) list them.
func (f *Filter) Set(option, value string) error {
	return f.change(clean(option, value), func(h unsafe.Pointer) int64 { return rawFilterSet(h, option, value) })
}

// Read adds what a policy text or a seccomp profile of Docker or OCI says. The name is for messages.
func (f *Filter) Read(text, name string) error {
	return f.change(clean(text, name), func(h unsafe.Pointer) int64 { return rawFilterRead(h, text, name) })
}

// ReadFile adds what the policy or profile in a file says.
func (f *Filter) ReadFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return f.refuse(err)
	}
	return f.Read(string(text), path)
}

// Write gives the filter as "policy" text or as "oci" JSON.
func (f *Filter) Write(format string) (text string, err error) {
	if err = f.sound(); err == nil {
		err = clean(format)
	}
	if err != nil {
		return "", err
	}
	err = f.with(func(h unsafe.Pointer) (result int64) {
		text, result = rawFilterWrite(h, format)
		return result
	})
	return text, err
}

// Err gives the error of the last method that failed, or nil.
func (f *Filter) Err() error {
	if err := f.sound(); err != nil {
		return err
	}
	return f.with(func(h unsafe.Pointer) int64 { return int64(rawFilterError(h)) })
}

// Clear forgets the error of a broken filter.
func (f *Filter) Clear() {
	_ = f.with(func(h unsafe.Pointer) int64 {
		f.broken = nil
		rawFilterClear(h)
		return 0
	})
}

// Skipped gives the names that the filter's ABIs lack: "creat: absent on aarch64".
func (f *Filter) Skipped() []string { return f.list(rawFilterSkipped) }

// Notes gives what is worth knowing and no error: repeated rules; after a load, what no filter takes back.
func (f *Filter) Notes() []string { return f.list(rawFilterNotes) }

func (f *Filter) list(get func(unsafe.Pointer) string) (list []string) {
	_ = f.with(func(h unsafe.Pointer) int64 {
		list = lines(get(h))
		return 0
	})
	return list
}

// Explain tells what the filter decides for a call: Explain("", "socket", "AF_INET", "SOCK_STREAM"). The ABI "" is the
// filter's only one, or this program's own. Arguments are integers, or texts such as "O_RDWR|O_CREAT".
func (f *Filter) Explain(abi, call string, args ...any) (Verdict, error) {
	numbers, err := arguments(abi, call, args)
	if err == nil {
		err = f.sound()
	}
	if err != nil {
		return Verdict{}, err
	}
	var text string
	err = f.with(func(h unsafe.Pointer) (result int64) {
		text, result = rawFilterExplain(h, abi, call, numbers)
		return result
	})
	if err != nil {
		return Verdict{}, err
	}
	return verdict(text), nil
}

// Compile gives the program, proven to equal the rules.
func (f *Filter) Compile() (*Program, error) {
	if err := f.sound(); err != nil {
		return nil, err
	}
	var handle unsafe.Pointer
	err := f.with(func(h unsafe.Pointer) (result int64) {
		handle, result = rawFilterCompile(h)
		return result
	})
	if err != nil {
		return nil, err
	}
	return newProgram(handle), nil
}

// Load puts the filter in force for all threads of the process, for good. nil means that it is in force.
func (f *Filter) Load(options ...Option) error {
	if err := f.sound(); err != nil {
		return err
	}
	thread := 0
	err := load(options, func(text string) error {
		return f.with(func(h unsafe.Pointer) int64 {
			result := rawFilterLoad(h, text)
			thread = rawFilterBlockingThread(h)
			return int64(result)
		})
	})
	if e, ok := err.(*Error); ok {
		e.Thread = thread
	}
	return err
}

// BlockingThread gives, after a load that failed with ESRCH, the id of the thread in the way; else 0. The error of the
// load has it too.
func (f *Filter) BlockingThread() (thread int) {
	_ = f.with(func(h unsafe.Pointer) int64 {
		thread = rawFilterBlockingThread(h)
		return 0
	})
	return thread
}

// Exec loads the filter and starts a program in place of this one, also where the filter denies @exec: this one start
// passes, and nothing that the program executes afterwards does. It returns only where that failed. A path without "/"
// is looked up in PATH. A nil env is this process's own. The soft limit of open files, which the Go runtime raises
// when it starts, stays raised. The goroutine is locked to its thread, which a failed start may leave filtered.
func (f *Filter) Exec(path string, argv, env []string) error {
	if err := f.sound(); err != nil {
		return err
	}
	return execve(path, argv, env, func(env []string) error {
		return f.with(func(h unsafe.Pointer) int64 { return int64(rawFilterExec(h, path, argv, env)) })
	})
}

// Verdict is what a filter decides for one call.
type Verdict struct {
	Action string // "allow", "EPERM", "kill" ...
	Origin string // "rule", "default", "guard", "unknown", "essential", "kernel", "x32" or "foreign"
	Rule   string // the rule as written, where one decided; else ""
	Source string // "file:line:column" where the rule came from a file; else ""
	Call   string // the call with its arguments by name
	Number uint32
	ABI    string
}

// Allowed tells whether the call is made.
func (v Verdict) Allowed() bool { return v.Action == "allow" || v.Action == "log" }

func (v Verdict) String() string {
	text := v.Call + ": " + v.Action
	if v.Rule != "" {
		text += " by rule \"" + v.Rule + "\""
	} else {
		text += " (" + v.Origin + ")"
	}
	if v.Source != "" {
		text += " (" + v.Source + ")"
	}
	return text
}

func verdict(text string) Verdict {
	values := map[string]string{}
	for _, line := range lines(text) {
		if key, value, found := strings.Cut(line, ": "); found {
			values[key] = value
		}
	}
	number, _ := strconv.ParseUint(values["number"], 10, 32)
	return Verdict{values["action"], values["origin"], values["rule"], values["source"], values["call"], uint32(number),
		values["abi"]}
}
