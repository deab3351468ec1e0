// SPDX-License-Identifier: MIT

// Runs the corpus from Go: runner FOLDER
package main

// #define _GNU_SOURCE
// #include <string.h>
import "C"

import (
	"abjure"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// outcome is what a verb gave.
type outcome struct {
	errno   string // the name; "" where it succeeded
	text    string // or the message of the error
	present bool   // whether there is such a verb
}

func run(s *state, w step) outcome {
	verb, present := verbs[w.words[0]]
	if !present {
		return outcome{}
	}
	text, err := verb(s, w)
	if err == nil {
		return outcome{text: text, present: true}
	}
	var e *abjure.Error
	if !errors.As(err, &e) {
		return outcome{"no errno", err.Error(), true}
	}
	return outcome{errnoName(e.Errno), e.Message, true}
}

// errnoName gives the name that abjure.h has: the two for ENOTSUP are one number.
func errnoName(errno syscall.Errno) string {
	name := C.strerrorname_np(C.int(errno))
	switch {
	case errno == syscall.ENOTSUP:
		return "ENOTSUP"
	case name == nil:
		return fmt.Sprintf("errno %d", int(errno))
	}
	return C.GoString(name)
}

// meets tells whether the outcome is what one line says. A line "| " takes the next of the text's lines.
func (o outcome) meets(line string, rest *[]string) bool {
	if line[0] == '|' {
		if o.errno != "" || len(*rest) == 0 {
			return false
		}
		next := (*rest)[0]
		*rest = (*rest)[1:]
		return next == strings.TrimPrefix(line[1:], " ")
	}
	part := strings.HasPrefix(line, "!~")
	words, err := split(strings.TrimLeft(line, "=~!"))
	if err != nil || len(words) == 0 {
		return false
	}
	switch {
	case line[0] == '!' && len(words) == 1:
		return o.errno == words[0]
	case part:
		return o.errno == words[0] && strings.Contains(o.text, words[1])
	case line[0] == '!':
		return o.errno == words[0] && o.text == words[1]
	case line[0] == '~':
		return o.errno == "" && strings.Contains(o.text, words[0])
	}
	return o.errno == "" && o.text == words[0]
}

// differs gives the first line that the outcome does not meet; "" where it meets all.
func differs(w step, o outcome) string {
	if !o.present {
		return "a verb that exists"
	}
	if len(w.expected) == 0 && o.errno != "" {
		return "success"
	}
	rest := strings.Split(strings.TrimSuffix(o.text, "\n"), "\n")
	if o.text == "" {
		rest = nil
	}
	lines := false
	for _, line := range w.expected {
		lines = lines || line[0] == '|'
		if !o.meets(line, &rest) {
			return line
		}
	}
	if lines && len(rest) > 0 {
		return "no further line"
	}
	return ""
}

func runFile(file string, passed, failed *int) error {
	steps, err := read(file)
	for i := 0; i < len(steps); {
		s, good := &state{}, true
		for i++; i < len(steps) && steps[i].words[0] != "case"; i++ {
			if !good {
				continue
			}
			o := run(s, steps[i])
			if wanted := differs(steps[i], o); wanted != "" {
				good = false
				fmt.Printf("%s:%d: %s: wanted %s\n  got %s %s\n", file, steps[i].line, steps[i].words[0], wanted, o.errno, o.text)
			}
		}
		_, _ = s.filter.Close(), s.program.Close()
		if good {
			*passed++
		} else {
			*failed++
		}
	}
	return err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: runner FOLDER")
		os.Exit(2)
	}
	var files []string
	err := filepath.WalkDir(os.Args[1], func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".case") {
			files = append(files, path)
		}
		return err
	})
	sort.Strings(files)
	passed, failed := 0, 0
	for _, file := range files {
		if err == nil {
			err = runFile(file, &passed, &failed)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Printf("conformance go: %d passed, %d failed, 0 skipped\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
