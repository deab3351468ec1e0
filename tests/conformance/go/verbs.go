// SPDX-License-Identifier: MIT

package main

import (
	"abjure"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// state is what the verbs of a case share.
type state struct {
	filter  *abjure.Filter
	program *abjure.Program
}

type verb func(s *state, w step) (string, error)

// quiet makes a verb of what gives no text.
func quiet(run func(s *state, w step) error) verb {
	return func(s *state, w step) (string, error) { return "", run(s, w) }
}

// made keeps the program that a verb gives.
func made(make func(s *state, w step) (*abjure.Program, error)) verb {
	return func(s *state, w step) (string, error) {
		p, err := make(s, w)
		if err == nil {
			_ = s.program.Close()
			s.program = p
		}
		return "", err
	}
}

// arguments are integers, or texts that the binding looks up.
func arguments(words []string) (values []any) {
	for _, word := range words {
		if n, err := strconv.ParseUint(word, 0, 64); err == nil {
			values = append(values, n)
		} else if n, err := strconv.ParseInt(word, 0, 64); err == nil {
			values = append(values, n)
		} else {
			values = append(values, word)
		}
	}
	return values
}

func explain(s *state, w step) (string, error) {
	v, err := s.filter.Explain(w.word(1), w.word(2), arguments(w.words[3:])...)
	text := ""
	for _, line := range [][2]string{{"action", v.Action}, {"origin", v.Origin}, {"rule", v.Rule}, {"source", v.Source},
		{"call", v.Call}, {"number", strconv.FormatUint(uint64(v.Number), 10)}, {"abi", v.ABI}} {
		if line[1] != "" {
			text += line[0] + ": " + line[1] + "\n"
		}
	}
	return text, err
}

func fromProcess(_ *state, w step) (*abjure.Program, error) {
	pid, err := strconv.Atoi(w.word(1))
	if err != nil {
		return nil, err
	}
	index, err := strconv.ParseUint(w.word(2), 0, 64)
	if err != nil {
		return nil, err
	}
	return abjure.ProgramFromProcess(pid, index)
}

func effective(_ *state, w step) (*abjure.Program, error) {
	pid, err := strconv.Atoi(w.word(1))
	if err != nil {
		return nil, err
	}
	return abjure.EffectiveProgram(pid)
}

func fromBytes(_ *state, w step) (*abjure.Program, error) {
	bytes, err := hex.DecodeString(w.word(1))
	if err != nil {
		return nil, err
	}
	return abjure.ProgramFromBytes(bytes)
}

func deny(_ *state, w step) error {
	errno, err := strconv.Atoi(w.word(2))
	if err != nil {
		return err
	}
	return abjure.DenyErrno(syscall.Errno(errno), w.word(1))
}

// last is the error of the last call on the filter that failed; one without an errno if there is none.
func last(s *state) abjure.Error {
	var e *abjure.Error
	if errors.As(s.filter.Err(), &e) {
		return *e
	}
	return abjure.Error{}
}

func filterNew(s *state, _ step) (err error) {
	_ = s.filter.Close()
	s.filter, err = abjure.NewFilter()
	return err
}

func status(_ *state, w step) (string, error) {
	pid, err := strconv.Atoi(w.word(1))
	if err != nil {
		return "", err
	}
	found, err := abjure.StatusOf(pid)
	return found.String(), err
}

func record(r abjure.Record, err error) (string, error) { return strings.Join(r.Lines(), "\n"), err }

var verbs = map[string]verb{
	"filter_new":     quiet(filterNew),
	"filter_free":    quiet(func(s *state, w step) error { return s.filter.Close() }),
	"filter_add":     quiet(func(s *state, w step) error { return s.filter.Add(w.word(1), w.word(2)) }),
	"filter_default": quiet(func(s *state, w step) error { return s.filter.Default(w.word(1)) }),
	"filter_set":     quiet(func(s *state, w step) error { return s.filter.Set(w.word(1), w.word(2)) }),
	"filter_read":    quiet(func(s *state, w step) error { return s.filter.Read(w.word(1), w.word(2)) }),
	"filter_clear":   quiet(func(s *state, w step) error { s.filter.Clear(); return nil }),
	"filter_load":    quiet(func(s *state, w step) error { return s.filter.Load(abjure.Option(w.word(1))) }),
	"filter_exec":    quiet(func(s *state, w step) error { return s.filter.Exec(w.word(1), w.words[2:], nil) }),
	"filter_compile": made(func(s *state, w step) (*abjure.Program, error) { return s.filter.Compile() }),
	"filter_write":   func(s *state, w step) (string, error) { return s.filter.Write(w.word(1)) },
	"filter_explain": explain,
	"filter_error":   func(s *state, w step) (string, error) { return fmt.Sprint(-int(last(s).Errno)), nil },
	"filter_message": func(s *state, w step) (string, error) { return last(s).Message, nil },
	"filter_skipped": func(s *state, w step) (string, error) { return strings.Join(s.filter.Skipped(), "\n"), nil },
	"filter_notes":   func(s *state, w step) (string, error) { return strings.Join(s.filter.Notes(), "\n"), nil },
	"filter_blocking_thread": func(s *state, w step) (string, error) {
		return strconv.Itoa(s.filter.BlockingThread()), nil
	},
	"program_from_bytes":   made(fromBytes),
	"program_from_process": made(fromProcess),
	"program_effective":    made(effective),
	"program_free":         quiet(func(s *state, w step) error { return s.program.Close() }),
	"program_load":         quiet(func(s *state, w step) error { return s.program.Load(abjure.Option(w.word(1))) }),
	"program_exec":         quiet(func(s *state, w step) error { return s.program.Exec(w.word(1), w.words[2:], nil) }),
	"program_bytes": func(s *state, w step) (string, error) {
		bytes, err := s.program.Bytes()
		return hex.EncodeToString(bytes), err
	},
	"program_eval": func(s *state, w step) (string, error) {
		return s.program.Eval(w.word(1), w.word(2), arguments(w.words[3:])...)
	},
	"program_disassemble": func(s *state, w step) (string, error) { return s.program.Disassemble() },
	"program_outline":     func(s *state, w step) (string, error) { return s.program.Outline(w.word(1)) },
	"supported":           func(s *state, w step) (string, error) { return abjure.Supported().String(), nil },
	"status":              status,
	"groups":              func(s *state, w step) (string, error) { return strings.Join(abjure.Groups(), "\n"), nil },
	"group":               func(s *state, w step) (string, error) { return abjure.Group(w.word(1), w.word(2)) },
	"value": func(s *state, w step) (string, error) {
		value, err := abjure.Value(w.word(1), w.word(2))
		return strconv.FormatUint(value, 10), err
	},
	"argument": func(s *state, w step) (string, error) {
		argument, err := abjure.Argument(w.word(1), w.word(2), w.word(3))
		return strconv.Itoa(argument), err
	},
	"explain":        func(s *state, w step) (string, error) { return record(abjure.Explain(w.word(1))) },
	"deny":           quiet(deny),
	"version":        func(s *state, w step) (string, error) { return abjure.Version(), nil },
	"tables_version": func(s *state, w step) (string, error) { return abjure.TablesVersion(), nil },
}
