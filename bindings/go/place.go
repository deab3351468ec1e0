// SPDX-License-Identifier: MIT

package abjure

import "strings"

// Support is what this kernel, process and sandbox allow.
type Support struct{ text string }

// Supported finds out what can be loaded here. Where something cannot be found out, its line says so.
func Supported() Support { return Support{rawSupported()} }

// OK tells whether filters can be loaded.
func (s Support) OK() bool { return strings.HasPrefix(s.Get("filter"), "yes") }

// Get gives "yes", "no" or a value, with " - reason" behind where something is missing; "" where there is no such name.
func (s Support) Get(name string) string { return find(s.text, name) }

// find gives the value of a line "name: value".
func find(text, name string) string {
	for _, line := range lines(text) {
		if key, value, found := strings.Cut(line, ": "); found && key == name {
			return value
		}
	}
	return ""
}

// String gives all of it, a line each.
func (s Support) String() string { return s.text }

// Status is how a process uses seccomp.
type Status struct{ text string }

// StatusOf finds out how a process uses seccomp now; 0 is this one. Where there is none it gives ESRCH.
func StatusOf(pid int) (Status, error) {
	if pid != int(int32(pid)) {
		return Status{}, invalid("%d is no process id", pid)
	}
	text, result := rawStatus(pid)
	if result < 0 {
		return Status{}, failure(result, text)
	}
	return Status{text}, nil
}

// Get gives one of pid, name, parent, uid, mode ("disabled", "strict", "filter"), filters, no_new_privs, speculation,
// threads, differing, exe, cgroup, unit and container; "" where it is not known.
func (s Status) Get(key string) string { return find(s.text, key) }

// String gives all of it, a line each.
func (s Status) String() string { return s.text }

// Groups gives the names of the groups: "@exec", "@spawn" and so on.
func Groups() []string { return lines(rawGroups()) }

// Group tells what a group is for, its rules on an ABI ("": this program's own), what it breaks and what it leaves open.
func Group(name, abi string) (string, error) {
	if err := clean(name, abi); err != nil {
		return "", err
	}
	text, result := rawGroup(name, abi)
	if result < 0 {
		return "", failure(result, text)
	}
	return text, nil
}

// Value gives one value as the calls language has it: "AF_INET", "O_RDWR|O_CREAT", "-100". The ABI "" is this program's
// own.
func Value(abi, text string) (uint64, error) {
	if err := clean(abi, text); err != nil {
		return 0, err
	}
	value, result, why := rawValue(abi, text)
	return value, failure(int64(result), why)
}

// Argument tells which argument of a call, 0 to 5, has this name.
func Argument(abi, call, name string) (int, error) {
	if err := clean(abi, call, name); err != nil {
		return 0, err
	}
	result, why := rawArgument(abi, call, name)
	if result < 0 {
		return 0, failure(int64(result), why)
	}
	return result, nil
}

// Version is the version of libabjure: "0.1.0".
func Version() string { return rawVersion() }

// TablesVersion is the newest kernel whose calls the tables know: "linux-7.2".
func TablesVersion() string { return rawTablesVersion() }

// Record is what an audit record of seccomp tells.
type Record struct{ text string }

// Explain tells what one line of audit.log, ausearch, dmesg or the journal says of a denied call.
func Explain(line string) (Record, error) {
	if err := clean(line); err != nil {
		return Record{}, err
	}
	text, result := rawExplain(line)
	if result < 0 {
		return Record{}, failure(result, text)
	}
	return Record{text}, nil
}

// Get gives "time", "serial", "call", "abi", "action", "signal", "errno", "pid", "uid", "auid", "gid", "session", "name",
// "exe", "ip", "subject", "compat" or "summary"; "" where the record does not have it.
func (r Record) Get(name string) string { return Support{r.text}.Get(name) }

// Lines gives all that it has, lines "name: value".
func (r Record) Lines() []string { return lines(r.text) }

// String gives the sentence.
func (r Record) String() string { return r.Get("summary") }
