// SPDX-License-Identifier: MIT

//go:build !linux || !cgo

package abjure_test

import (
	"abjure"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestUnsupported(t *testing.T) {
	_, made := abjure.NewFilter()
	_, bytes := abjure.ProgramFromBytes(make([]byte, 8))
	_, value := abjure.Value("", "AF_INET")
	_, group := abjure.Group("@exec", "")
	_, status := abjure.StatusOf(0)
	for _, err := range []error{made, bytes, value, group, status, abjure.Deny("@exec")} {
		if !errors.Is(err, abjure.ErrUnsupported) {
			t.Errorf("%v", err)
		}
		if runtime.GOOS == "linux" && !strings.HasSuffix(err.Error(), "built without cgo; install gcc") {
			t.Errorf("%v", err)
		}
	}
	if abjure.Supported().OK() {
		t.Error("supported")
	}
}
