// SPDX-License-Identifier: MIT

//go:build linux && cgo

package abjure_test

import (
	"abjure"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func filter(t *testing.T) *abjure.Filter {
	t.Helper()
	f, err := abjure.NewFilter()
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	return f
}

func refused(t *testing.T, err error, errno syscall.Errno, part string) {
	t.Helper()
	if !errors.Is(err, errno) || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, not %v with %q", err, errno, part)
	}
}

func TestExplainAndEval(t *testing.T) {
	f := filter(t)
	must(t, f.Set("abi", "x86_64"))
	must(t, f.Allow("socket(type == SOCK_DGRAM)"))
	must(t, f.DenyErrno(syscall.EACCES, "socket(family == AF_INET)"))
	must(t, f.Kill("chroot"))
	must(t, f.Log("mount"))
	must(t, f.DenyErrno(0, "acct"))
	v, err := f.Explain("", "socket", "AF_INET", 1)
	must(t, err)
	if v.Action != "EACCES" || v.Origin != "rule" || v.Allowed() || v.Number != 41 || v.ABI != "x86_64" ||
		!strings.Contains(v.String(), "EACCES") {
		t.Errorf("%+v", v)
	}
	p, err := f.Compile()
	must(t, err)
	defer p.Close()
	for call, want := range map[string]string{"chroot": "kill", "mount": "log", "read": "allow", "acct": "EPERM"} {
		got, err := p.Eval("x86_64", call)
		must(t, err)
		if got != want {
			t.Errorf("%s: %s, not %s", call, got, want)
		}
	}
	got, err := p.Eval("x86_64", "socket", uint64(0x100000002), int8(-1))
	must(t, err)
	if got != "EACCES" {
		t.Error(got)
	}
	bytes, err := p.Bytes()
	must(t, err)
	again, err := abjure.ProgramFromBytes(bytes)
	must(t, err)
	first, err := p.Disassemble()
	must(t, err)
	second, err := again.Disassemble()
	must(t, err)
	if first != second || len(bytes)%8 != 0 || first == "" {
		t.Errorf("%d bytes\n%s\n%s", len(bytes), first, second)
	}
}

func TestOutline(t *testing.T) {
	f := filter(t)
	must(t, f.Set("abi", "x86_64"))
	must(t, f.DenyErrno(syscall.EACCES, "kill(sig == 9)"))
	p, err := f.Compile()
	must(t, err)
	policy, err := p.Outline("policy")
	must(t, err)
	again := filter(t)
	must(t, again.Read(policy, "outline"))
	for sig, want := range map[int]string{9: "EACCES", 15: "allow"} {
		v, err := again.Explain("x86_64", "kill", 1, sig)
		if err != nil || v.Action != want {
			t.Error(sig, v, err)
		}
	}
	text, err := p.Outline("json, call=kill")
	must(t, err)
	if !json.Valid([]byte(text)) || !strings.Contains(text, "EACCES") {
		t.Error(text)
	}
	_, err = p.Outline("yaml")
	refused(t, err, syscall.EINVAL, "yaml")
	_, err = p.Outline("te\x00xt")
	refused(t, err, syscall.EINVAL, "U+0000")
}

func TestPolicy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy")
	must(t, os.WriteFile(path, []byte("default allow\nEACCES chroot\n"), 0o600))
	f := filter(t)
	must(t, f.ReadFile(path))
	text, err := f.Write("policy")
	must(t, err)
	g := filter(t)
	must(t, g.Read(text, "again"))
	v, err := g.Explain("x86_64", "chroot")
	must(t, err)
	if v.Action != "EACCES" || !strings.HasPrefix(v.Source, "again:") {
		t.Errorf("%+v", v)
	}
	refused(t, g.Read("nonsense\n", "bad.policy"), syscall.EINVAL, "bad.policy:1:")
	if err := g.ReadFile(path + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// Whoever looks at no error but the load's still gets no weaker filter.
func TestFailureBreaksTheFilter(t *testing.T) {
	for name, fail := range map[string]func(f *abjure.Filter) error{
		"the core":    func(f *abjure.Filter) error { return f.Deny("execev") },
		"U+0000":      func(f *abjure.Filter) error { return f.Deny("@exec\x00, @listen") },
		"action":      func(f *abjure.Filter) error { return f.Add("de\x00ny", "chroot") },
		"UTF-8":       func(f *abjure.Filter) error { return f.Deny("@exec\xff") },
		"nothing":     func(f *abjure.Filter) error { return f.Deny() },
		"errno -1":    func(f *abjure.Filter) error { return f.DenyErrno(^syscall.Errno(0), "chroot") },
		"errno 2^32":  func(f *abjure.Filter) error { return f.DenyErrno(1<<32, "chroot") },
		"errno 4096":  func(f *abjure.Filter) error { return f.DenyErrno(4096, "chroot") },
		"option":      func(f *abjure.Filter) error { return f.Set("abi", "x86_64\x00") },
		"default":     func(f *abjure.Filter) error { return f.Default("kill\x00") },
		"policy":      func(f *abjure.Filter) error { return f.Read("deny @exec\x00\n", "policy") },
		"policy name": func(f *abjure.Filter) error { return f.Read("deny @exec\n", "a\x00b") },
	} {
		f := filter(t)
		must(t, f.Deny("chroot"))
		first := fail(f)
		if first == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		_, compiled := f.Compile()
		_, written := f.Write("policy")
		exec := f.Exec("/bin/true", []string{"true"}, nil)
		for _, err := range []error{f.Load(), compiled, written, exec, f.Err()} {
			if err == nil || err.Error() != first.Error() {
				t.Errorf("%s: %v, not %v", name, err, first)
			}
		}
		f.Clear()
		if _, err := f.Compile(); err != nil || (f.Err() != nil) {
			t.Errorf("%s: after Clear: %v", name, err)
		}
	}
}

func TestTexts(t *testing.T) {
	refused(t, abjure.Deny("@exec\x00, @listen"), syscall.EINVAL, "U+0000")
	refused(t, abjure.Deny("@exec\xff"), syscall.EINVAL, "UTF-8")
	refused(t, abjure.Deny(), syscall.EINVAL, "no calls")
	refused(t, abjure.Deny("execev"), syscall.ENOENT, "did you mean \"execve\"?")
	refused(t, abjure.DenyErrno(4096, "@exec"), syscall.EINVAL, "no errno")
	refused(t, abjure.DenyErrno(^syscall.Errno(0), "@exec"), syscall.EINVAL, "no errno")
	refused(t, abjure.DenyErrno(1<<32, "@exec"), syscall.EINVAL, "no errno")
	f := filter(t)
	refused(t, f.Load("once\x00"), syscall.EINVAL, "U+0000")
	refused(t, f.Load("now"), syscall.ENOENT, "now")
	refused(t, f.Exec("/bin/true\x00", []string{"true"}, nil), syscall.EINVAL, "U+0000")
	refused(t, f.Exec("/bin/true", []string{"tr\x00ue"}, nil), syscall.EINVAL, "U+0000")
	refused(t, f.Exec("/bin/true", []string{"true"}, []string{"A=\x00"}), syscall.EINVAL, "U+0000")
	refused(t, f.Exec("/bin/true", nil, nil), syscall.EINVAL, "argv")
	_, err := abjure.Group("@ex\x00ec", "")
	refused(t, err, syscall.EINVAL, "U+0000")
	_, err = f.Explain("", "sock\x00et")
	refused(t, err, syscall.EINVAL, "U+0000")
	huge := strings.Repeat("a", 64<<20)
	if err := f.Deny(huge); err == nil {
		t.Error("64 MiB of nonsense are a rule")
	}
	f.Clear()
	must(t, f.Read("# "+huge+"\nEACCES chroot\n", "huge"))
	v, err := f.Explain("x86_64", "chroot")
	if err != nil || v.Action != "EACCES" {
		t.Error(v, err)
	}
}

func TestArguments(t *testing.T) {
	f := filter(t)
	_, err := f.Explain("", "socket", 1.5)
	refused(t, err, syscall.EINVAL, "float64")
	_, err = f.Explain("", "socket", nil)
	refused(t, err, syscall.EINVAL, "nil")
	_, err = f.Explain("", "socket", 1, 2, 3, 4, 5, 6, 7)
	refused(t, err, syscall.EINVAL, "at most 6")
	_, err = f.Explain("", "socket", "AF_NONE")
	refused(t, err, syscall.ENOENT, "AF_NONE")
}

func TestClosedAndNil(t *testing.T) {
	closed := filter(t)
	must(t, closed.Deny("chroot"))
	p, err := closed.Compile()
	must(t, err)
	must(t, closed.Close())
	must(t, closed.Close())
	must(t, p.Close())
	for _, f := range []*abjure.Filter{closed, nil, {}} {
		_, compiled := f.Compile()
		_, explained := f.Explain("", "read")
		_, written := f.Write("policy")
		for _, err := range []error{f.Deny("chroot"), f.Load(), compiled, explained, written, f.Err(),
			f.DenyErrno(0, "chroot"), f.Exec("/bin/true", []string{"true"}, nil)} {
			if err == nil {
				t.Error("a filter that is not there works")
			}
		}
		refused(t, f.Load(), syscall.EBADF, "closed")
		if f.Notes() != nil || f.Skipped() != nil || f.BlockingThread() != 0 {
			t.Error("a filter that is not there has notes")
		}
		f.Clear()
	}
	for _, p := range []*abjure.Program{p, nil, {}} {
		_, bytes := p.Bytes()
		_, verdict := p.Eval("", "read")
		_, text := p.Disassemble()
		_, outline := p.Outline("text")
		for _, err := range []error{bytes, verdict, text, outline, p.Load(), p.Exec("/bin/true", []string{"true"}, nil)} {
			refused(t, err, syscall.EBADF, "closed")
		}
	}
}

func TestBadPrograms(t *testing.T) {
	for _, bytes := range [][]byte{nil, {}, {1}, make([]byte, 8)} {
		_, err := abjure.ProgramFromBytes(bytes)
		refused(t, err, syscall.EINVAL, "")
	}
	_, err := abjure.ProgramFromProcess(1<<40, 0)
	refused(t, err, syscall.EINVAL, "no id of a process")
	if _, err = abjure.ProgramFromProcess(-1, 0); err == nil {
		t.Error("process -1 has a program")
	}
	_, err = abjure.EffectiveProgram(1 << 40)
	refused(t, err, syscall.EINVAL, "no id of a process")
	if _, err = abjure.EffectiveProgram(-1); err == nil {
		t.Error("process -1 has programs")
	}
	f := filter(t)
	must(t, f.Deny("kill(pid == self)"))
	_, err = f.Compile()
	refused(t, err, syscall.EINVAL, "self")
}

func TestStatus(t *testing.T) {
	mine, err := abjure.StatusOf(0)
	if err != nil || mine.Get("pid") != strconv.Itoa(os.Getpid()) || mine.Get("no such key") != "" {
		t.Errorf("%v\n%s", err, mine)
	}
	if mode := mine.Get("mode"); mode != "disabled" && mode != "filter" {
		t.Error(mode)
	}
	again, err := abjure.StatusOf(os.Getpid())
	if err != nil || again.Get("name") != mine.Get("name") {
		t.Errorf("%v\n%s", err, again)
	}
	_, err = abjure.StatusOf(1<<31 - 1)
	refused(t, err, syscall.ESRCH, "no process")
	_, err = abjure.StatusOf(-1)
	refused(t, err, syscall.EINVAL, "-1")
	_, err = abjure.StatusOf(1 << 32)
	refused(t, err, syscall.EINVAL, "4294967296")
}

func TestPlace(t *testing.T) {
	support := abjure.Supported()
	if !support.OK() || support.Get("no such line") != "" || !strings.Contains(support.String(), "seccomp: yes") {
		t.Errorf("%s", support)
	}
	found := false
	for _, name := range abjure.Groups() {
		text, err := abjure.Group(name, "aarch64")
		if err != nil || !strings.Contains(text, name) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		found = found || name == "@exec"
	}
	if !found {
		t.Error("no group @exec")
	}
	_, err := abjure.Group("@exce", "")
	refused(t, err, syscall.ENOENT, "exec\"?")
	value, err := abjure.Value("x86_64", "O_RDWR|O_CREAT")
	if value != 0o102 || err != nil {
		t.Error(value, err)
	}
	argument, err := abjure.Argument("x86_64", "socket", "protocol")
	if argument != 2 || err != nil {
		t.Error(argument, err)
	}
	_, err = abjure.Argument("x86_64", "socket", "familly")
	refused(t, err, syscall.ENOENT, "family")
	if !strings.HasPrefix(abjure.TablesVersion(), "linux-") || strings.Count(abjure.Version(), ".") != 2 {
		t.Error(abjure.Version(), abjure.TablesVersion())
	}
}

func TestRecords(t *testing.T) {
	line := `type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e syscall=49 code=0x0`
	record, err := abjure.Explain(line)
	if err != nil || record.Get("call") != "bind" || record.Get("exe") != "" ||
		record.String() != "nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64" {
		t.Error(record, err)
	}
	_, err = abjure.Explain("type=LOGIN msg=audit(1592235512.578:148): pid=1")
	refused(t, err, syscall.ENOENT, "another type")
	_, err = abjure.Explain(line + "\x00")
	refused(t, err, syscall.EINVAL, "U+0000")
}

func TestSkipped(t *testing.T) {
	f := filter(t)
	must(t, f.Set("abi", "aarch64"))
	must(t, f.Deny("creat", "chroot"))
	if got := f.Skipped(); !reflect.DeepEqual(got, []string{"creat: absent on aarch64"}) {
		t.Errorf("%q", got)
	}
}

// Handles that nobody closes are freed by the collector, and not before their last use.
func TestCollector(t *testing.T) {
	for i := 0; i < 2000; i++ {
		f, err := abjure.NewFilter()
		must(t, err)
		must(t, f.Deny("chroot"))
		p, err := f.Compile()
		must(t, err)
		if i%100 == 0 {
			runtime.GC()
		}
		if verdict, err := p.Eval("", "chroot"); verdict != "EPERM" {
			t.Fatal(verdict, err)
		}
	}
}
