// SPDX-License-Identifier: MIT

package abjure

import (
	"strings"
	"unicode/utf8"
)

// clean refuses texts that C would not see as they are: it ends at U+0000, and a rule behind that would be lost.
func clean(texts ...string) error {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return invalid("the text contains U+0000")
		}
		if !utf8.ValidString(text) {
			return invalid("the text is not valid UTF-8")
		}
	}
	return nil
}

// noNul refuses what execve would cut. Paths and arguments are bytes, of any encoding.
func noNul(lists ...[]string) error {
	for _, list := range lists {
		for _, text := range list {
			if strings.IndexByte(text, 0) >= 0 {
				return invalid("a path, an argument or the environment contains U+0000")
			}
		}
	}
	return nil
}

func join(calls []string) (string, error) {
	if len(calls) == 0 {
		return "", invalid(`no calls given; for example "@exec", "@listen"`)
	}
	return strings.Join(calls, ", "), clean(calls...)
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// number is an argument of a call: an integer, or a text such as "AF_INET" or "O_RDWR|O_CREAT".
func number(abi string, value any) (uint64, error) {
	switch v := value.(type) {
	case int:
		return uint64(v), nil
	case int8:
		return uint64(v), nil
	case int16:
		return uint64(v), nil
	case int32:
		return uint64(v), nil
	case int64:
		return uint64(v), nil
	case uint:
		return uint64(v), nil
	case uint8:
		return uint64(v), nil
	case uint16:
		return uint64(v), nil
	case uint32:
		return uint64(v), nil
	case uint64:
		return v, nil
	case uintptr:
		return uint64(v), nil
	case string:
		return Value(abi, v)
	}
	return 0, invalid(`an argument of a call is an integer or a text such as "AF_INET", not %T`, value)
}

func arguments(abi, call string, values []any) (args [6]uint64, err error) {
	if err = clean(abi, call); err != nil {
		return args, err
	}
	if len(values) > len(args) {
		return args, invalid("a system call has at most %d arguments, not %d", len(args), len(values))
	}
	for i, value := range values {
		if args[i], err = number(abi, value); err != nil {
			return args, err
		}
	}
	return args, nil
}
