// SPDX-License-Identifier: MIT

//go:build linux && cgo

package abjure_test

import (
	"abjure"
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func denied(t *testing.T, what string, err error, errno syscall.Errno) {
	t.Helper()
	if !errors.Is(err, errno) {
		t.Errorf("%s: %v, not %v", what, err, errno)
	}
}

func start() error { return exec.Command("/bin/true").Run() }

func TestNaturalErrors(t *testing.T) {
	inChild(t, func(t *testing.T) {
		server, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		must(t, start())
		must(t, abjure.Deny("@exec", "@spawn", "@listen"))

		denied(t, "exec.Command", start(), syscall.EPERM)
		if !errors.Is(start(), os.ErrPermission) {
			t.Error("os/exec does not report a missing permission")
		}
		_, err = os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
		denied(t, "os.StartProcess", err, syscall.EPERM)
		denied(t, "syscall.Exec", syscall.Exec("/bin/true", []string{"true"}, nil), syscall.EPERM)
		_, err = net.Listen("tcp", "127.0.0.1:0")
		denied(t, "net.Listen", err, syscall.EPERM)

		_, err = os.ReadFile("/etc/passwd")
		must(t, err)
		client, err := net.Dial("tcp", server.Addr().String())
		must(t, err)
		defer client.Close()
		peer, err := server.Accept()
		must(t, err)
		must(t, peer.Close())
	})
}

func TestDenyErrno(t *testing.T) {
	inChild(t, func(t *testing.T) {
		must(t, abjure.DenyErrno(syscall.EACCES, "socket(family == AF_INET)"))
		_, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		denied(t, "AF_INET", err, syscall.EACCES)
		_, err = syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		must(t, err)
	})
}

// Threads that are at work while the filter loads are covered, and so are those that the runtime starts later.
func TestAllThreads(t *testing.T) {
	inChild(t, func(t *testing.T) {
		const workers = 32
		var atWork, finished sync.WaitGroup
		errs := make([]error, workers)
		stop := make(chan struct{})
		for i := 0; i < workers; i++ {
			atWork.Add(1)
			finished.Add(1)
			go func(i int) {
				defer finished.Done()
				runtime.LockOSThread()
				atWork.Done()
				for running := true; running; {
					select {
					case <-stop:
						running = false
					default:
						_, _ = os.ReadFile("/proc/self/stat")
					}
				}
				errs[i] = start()
			}(i)
		}
		atWork.Wait()
		must(t, abjure.Deny("@exec", "@spawn"))
		close(stop)
		finished.Wait()
		for _, err := range errs {
			denied(t, "an old thread", err, syscall.EPERM)
		}
		results := make(chan error)
		for i := 0; i < workers; i++ {
			go func() {
				runtime.LockOSThread() // and never unlock: each of these is a new thread
				results <- start()
			}()
		}
		for i := 0; i < workers; i++ {
			denied(t, "a new thread", <-results, syscall.EPERM)
		}
	})
}

func TestThisThread(t *testing.T) {
	inChild(t, func(t *testing.T) {
		type outcome struct {
			load, start error
			thread      int
		}
		results, hold := make(chan outcome), make(chan struct{})
		go func() {
			f, err := abjure.NewFilter()
			if err == nil {
				_ = f.Deny("@exec")
				err = f.Load(abjure.ThisThread)
			}
			results <- outcome{err, start(), syscall.Gettid()}
			<-hold
		}()
		other := <-results
		must(t, other.load)
		denied(t, "the filtered thread", other.start, syscall.EPERM)
		must(t, start())

		f, err := abjure.NewFilter()
		must(t, err)
		must(t, f.Deny("@exec"))
		err = f.Load()
		denied(t, "the load beside a thread with a filter of its own", err, syscall.ESRCH)
		var e *abjure.Error
		if !errors.As(err, &e) || e.Thread != other.thread || f.BlockingThread() != other.thread {
			t.Errorf("the thread in the way is %d, not %d: %v", f.BlockingThread(), other.thread, err)
		}
		must(t, start())
		close(hold)
	})
}

func TestOnceAndComplain(t *testing.T) {
	inChild(t, func(t *testing.T) {
		filters := func() string {
			status, err := os.ReadFile("/proc/self/status")
			must(t, err)
			_, rest, _ := strings.Cut(string(status), "Seccomp_filters:")
			count, _, _ := strings.Cut(rest, "\n")
			return count
		}
		f, err := abjure.NewFilter()
		must(t, err)
		must(t, f.Set("complain", "on"))
		must(t, f.Deny("@exec"))
		before := filters()
		must(t, f.Load(abjure.Once))
		first := filters()
		must(t, f.Load(abjure.Once))
		if before == first || first != filters() {
			t.Errorf("filters: %s, %s, %s", before, first, filters())
		}
		must(t, start())
	})
}

// The programs of a process decide together, the strictest verdict wins.
func TestEffectiveProgram(t *testing.T) {
	if os.Getenv("ABJURE_CHILD") == t.Name() {
		for _, action := range []string{"kill", "EACCES"} {
			f, err := abjure.NewFilter()
			must(t, err)
			must(t, f.Add(action, "acct"))
			must(t, f.Add("EPERM", "swapon"))
			must(t, f.Load())
		}
		os.Stdout.WriteString("ready\n")
		_, _ = os.Stdin.Read(make([]byte, 1))
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "ABJURE_CHILD="+t.Name())
	input, err := child.StdinPipe()
	must(t, err)
	output, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	defer func() { _ = child.Wait() }()
	defer input.Close()
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		t.Fatal(line, err)
	}
	p, err := abjure.EffectiveProgram(child.Process.Pid)
	if errors.Is(err, syscall.EACCES) {
		t.Skip(err)
	}
	must(t, err)
	for call, want := range map[string]string{"acct": "kill", "swapon": "EPERM", "mount": "allow"} {
		if got, err := p.Eval("", call); got != want {
			t.Error(call, got, err)
		}
	}
	_, err = p.Bytes()
	denied(t, "the bytes of two programs", err, syscall.EOPNOTSUPP)
	denied(t, "the load of two programs", p.Load(), syscall.EOPNOTSUPP)
}

func TestExec(t *testing.T) {
	if os.Getenv("ABJURE_EXEC") != "" {
		f, err := abjure.NewFilter()
		must(t, err)
		must(t, f.Deny("@exec"))
		t.Fatal(f.Exec("sh", []string{"sh", "-c", "echo started; exec /bin/echo again"}, nil))
	}
	child := exec.Command(os.Args[0], "-test.run=^TestExec$")
	child.Env = append(os.Environ(), "ABJURE_EXEC=1")
	output, err := child.CombinedOutput()
	if err == nil || !bytes.HasPrefix(output, []byte("started\n")) || bytes.Contains(output, []byte("\nagain")) ||
		!bytes.Contains(output, []byte("not permitted")) {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestProgramLoad(t *testing.T) {
	inChild(t, func(t *testing.T) {
		f, err := abjure.NewFilter()
		must(t, err)
		must(t, f.Deny("@exec"))
		p, err := f.Compile()
		must(t, err)
		must(t, p.Load("log=off"))
		denied(t, "exec.Command", start(), syscall.EPERM)
		denied(t, "Program.Exec of what is not there", p.Exec("/nowhere", []string{"nowhere"}, nil), syscall.ENOENT)
	})
}
