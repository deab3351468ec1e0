// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// step is a verb with its words, and the lines that say what it must give.
type step struct {
	line     int
	words    []string
	expected []string
}

// word gives word i, "" behind the last.
func (s step) word(i int) string {
	if i < len(s.words) {
		return s.words[i]
	}
	return ""
}

// split cuts a line into words; in double quotes \n, \t, \\, \" and \xNN stand for what they stand for in Go.
func split(line string) (words []string, err error) {
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		word := line
		if line[0] == '"' {
			if word, err = strconv.QuotedPrefix(line); err != nil {
				return nil, fmt.Errorf("%w: %s", err, line)
			}
		} else if end := strings.IndexByte(line, ' '); end >= 0 {
			word = line[:end]
		}
		line = line[len(word):]
		if word[0] == '"' {
			if word, err = strconv.Unquote(word); err != nil {
				return nil, err
			}
		}
		words = append(words, word)
	}
	return words, nil
}

// read gives the steps of a file.
func read(file string) (steps []step, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var last *step
	at := -1 // the word that the text in "> " lines stands for
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] >= 'a' && line[0] <= 'z':
			words, err := split(line)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
			}
			steps = append(steps, step{line: i + 1, words: words})
			last, at = &steps[len(steps)-1], -1
			for w, word := range words {
				if word == "<<" {
					at, words[w] = w, ""
				}
			}
		case last != nil && line[0] == '>' && at >= 0:
			last.words[at] += strings.TrimPrefix(line[1:], " ") + "\n"
		case last != nil && strings.IndexByte("=|~!", line[0]) >= 0:
			last.expected = append(last.expected, line)
		default:
			return nil, fmt.Errorf("%s:%d: neither a verb nor a result", file, i+1)
		}
	}
	if len(steps) == 0 || steps[0].words[0] != "case" {
		return nil, fmt.Errorf("%s:1: the first verb is case", file)
	}
	return steps, nil
}
