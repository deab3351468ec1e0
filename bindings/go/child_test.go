// SPDX-License-Identifier: MIT

//go:build linux && cgo

package abjure_test

import (
	"os"
	"os/exec"
	"testing"
)

// inChild runs the body in a process of its own, since a load cannot be taken back. That process is this test binary
// again, told to run this one test.
func inChild(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	if os.Getenv("ABJURE_CHILD") == t.Name() {
		body(t)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=60s")
	child.Env = append(os.Environ(), "ABJURE_CHILD="+t.Name())
	if output, err := child.CombinedOutput(); err != nil {
		t.Fatalf("the child: %v\n%s", err, output)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
