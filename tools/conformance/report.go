package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

var (
	colour   = regexp.MustCompile("\x1b\\[[0-9;]*m")
	leftover = regexp.MustCompile(`^(\w+): (failed to delete the bucket: .*)`)
)

// result is the result of a test. A few names run twice and have two results,
// as versitygw counts them.
type result struct {
	name   string
	passed bool
	why    string // why it failed
}

// read parses versitygw's output: PASS or FAIL, or an error of a test's
// cleanup, which also fails the test.
func read(text string) ([]result, error) {
	var results []result
	for line := range strings.Lines(colour.ReplaceAllString(text, "")) {
		line = strings.TrimSpace(line)
		verdict, rest, _ := strings.Cut(line, " ")
		name, why, _ := strings.Cut(strings.TrimSpace(rest), ": ")
		switch verdict {
		case "PASS":
			results = append(results, result{name: name, passed: true})
		case "FAIL":
			results = append(results, result{name: name, why: why})
		default:
			if found := leftover.FindStringSubmatch(line); found != nil && !failed(results, found[1]) {
				results = append(results, result{name: found[1], why: found[2]})
			}
		}
	}
	if len(results) == 0 {
		return nil, errors.New("no test ran: " + text)
	}
	return results, nil
}

// failed reports whether the last result is a failure of this test.
func failed(results []result, name string) bool {
	return len(results) > 0 && results[len(results)-1].name == name && !results[len(results)-1].passed
}

// report prints how many tests of a group pass, and each failing test with its
// message.
func report(out io.Writer, group string, results []result) error {
	if _, err := fmt.Fprintf(out, "%s: %d of %d pass\n", group, count(results), len(results)); err != nil {
		return err
	}
	for _, r := range results {
		if r.passed {
			continue
		}
		if _, err := fmt.Fprintf(out, "  %s: %.300s\n", r.name, r.why); err != nil {
			return err
		}
	}
	return nil
}

// count returns the number of passes.
func count(results []result) int {
	n := 0
	for _, r := range results {
		if r.passed {
			n++
		}
	}
	return n
}

// passing adds the names of tests that passed to names.
func passing(names map[string]bool, results []result) map[string]bool {
	if names == nil {
		names = map[string]bool{}
	}
	for _, r := range results {
		if r.passed {
			names[r.name] = true
		}
	}
	return names
}

// among returns the number of results with these names.
func among(results []result, names map[string]bool) int {
	n := 0
	for _, r := range results {
		if names[r.name] {
			n++
		}
	}
	return n
}
