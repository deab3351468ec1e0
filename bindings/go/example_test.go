// SPDX-License-Identifier: MIT

//go:build linux && cgo

package abjure_test

import (
	"abjure"
	"errors"
	"fmt"
	"log"
	"os/exec"
	"syscall"
)

// What is loaded here stays in force for the tests that follow, so the call is one that nothing else makes.
func ExampleDeny() {
	if err := abjure.Deny("sysinfo"); err != nil {
		log.Fatal(err)
	}
	err := syscall.Sysinfo(&syscall.Sysinfo_t{})
	fmt.Println(err, errors.Is(err, syscall.EPERM))
	// Output: operation not permitted true
}

func ExampleFilter() {
	f, err := abjure.NewFilter()
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	f.Allow("socket(family == AF_UNIX)") // the first rule that matches decides
	f.DenyErrno(syscall.EACCES, "socket")
	if err := f.Err(); err != nil {
		log.Fatal(err)
	}
	verdict, err := f.Explain("x86_64", "socket", "AF_INET", "SOCK_STREAM")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verdict.Action, verdict.Rule)
	// Output: EACCES EACCES socket
}

// A child under a filter: the thread that starts it is filtered, and no other.
func ExampleFilter_Load_thisThread() {
	done := make(chan error)
	go func() {
		f, err := abjure.NewFilter()
		if err == nil {
			f.DenyErrno(syscall.EACCES, "sysinfo")
			err = f.Load(abjure.ThisThread)
		}
		if err == nil {
			err = exec.Command("true").Run()
		}
		done <- err
	}()
	fmt.Println(<-done)
	// Output: <nil>
}

func ExampleProgram() {
	f, err := abjure.NewFilter()
	if err != nil {
		log.Fatal(err)
	}
	f.Set("abi", "x86_64")
	f.Deny("@listen")
	program, err := f.Compile() // the error of any rule would come out here
	if err != nil {
		log.Fatal(err)
	}
	verdict, err := program.Eval("x86_64", "listen")
	fmt.Println(verdict, err)
	// Output: EPERM <nil>
}
