// SPDX-License-Identifier: MIT

// What a filter denies, tried with Go's own means: matrix PORT FOLDER [CALLS...]
package main

import (
	"abjure"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

var names = map[syscall.Errno]string{syscall.EPERM: "EPERM", syscall.EACCES: "EACCES", syscall.ENOSYS: "ENOSYS",
	syscall.EAFNOSUPPORT: "EAFNOSUPPORT", syscall.ENOENT: "ENOENT", syscall.EAGAIN: "EAGAIN"}

func result(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &errno) && names[errno] != "":
		return names[errno]
	}
	return err.Error()
}

func tell(effect, means string, err error) { fmt.Printf("%s\t%s\t%s\n", effect, means, result(err)) }

// marker is the file whose existence proves that a program ran.
func marker(folder, means string) string {
	return filepath.Join(folder, strings.NewReplacer(".", "", " ", "").Replace(means))
}

func run(path string) error { return exec.Command("/bin/touch", path).Run() }

func startProcess(path string) error {
	process, err := os.StartProcess("/bin/touch", []string{"touch", path}, &os.ProcAttr{})
	if err == nil {
		_, err = process.Wait()
	}
	return err
}

func forkExec(path string) error {
	pid, err := syscall.ForkExec("/bin/touch", []string{"touch", path}, &syscall.ProcAttr{})
	if err == nil {
		_, err = syscall.Wait4(pid, nil, 0, nil)
	}
	return err
}

func shell(path string) error { return exec.Command("/bin/sh", "-c", "/bin/touch '"+path+"'").Run() }

// onNewThread runs a function on an OS thread that was made for it: it is locked and never unlocked.
func onNewThread(run func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- run()
	}()
	return <-done
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: matrix PORT FOLDER [CALLS...]")
		os.Exit(2)
	}
	port, folder := os.Args[1], os.Args[2]
	runtime.LockOSThread()
	requests, answers := make(chan func() error), make(chan error)
	ready := make(chan bool)
	go func() {
		runtime.LockOSThread()
		ready <- true
		for request := range requests {
			answers <- request()
		}
	}()
	<-ready
	if len(os.Args) > 3 {
		if err := abjure.Deny(os.Args[3:]...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}

	tell("start", "exec.Command", run(marker(folder, "exec.Command")))
	tell("start", "exec.Command shell", shell(marker(folder, "exec.Command shell")))
	tell("start", "os.StartProcess", startProcess(marker(folder, "os.StartProcess")))
	tell("start", "syscall.ForkExec", forkExec(marker(folder, "syscall.ForkExec")))
	fmt.Println("fork\tnone\tn/a")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	tell("listen", "net.Listen", err)
	if err == nil {
		_ = listener.Close()
	}
	connection, err := net.Dial("tcp", "127.0.0.1:"+port)
	tell("connect", "net.Dial", err)
	if err == nil {
		_ = connection.Close()
	}
	_, err = os.ReadFile("/etc/hostname")
	tell("open", "os.ReadFile", err)
	main := syscall.Gettid()
	tell("thread", "goroutine", onNewThread(func() error {
		if syscall.Gettid() == main {
			return errors.New("the same thread")
		}
		return nil
	}))
	requests <- func() error { return run(marker(folder, "exec.Command there")) }
	tell("old thread", "exec.Command there", <-answers)
}
