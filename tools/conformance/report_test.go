package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []result
	}{
		"a pass": {"PASS  PutObject_success\n", []result{{name: "PutObject_success", passed: true}}},
		"a failure, and why": {
			"FAIL  PutObject_missing: expected NoSuchBucket: got AccessDenied\n",
			[]result{{name: "PutObject_missing", why: "expected NoSuchBucket: got AccessDenied"}},
		},
		"in colours, between other lines": {
			"\x1b[34mRUN  \x1b[0m one\n\x1b[32mPASS \x1b[0m one\r\n\nRAN: 1\n",
			[]result{{name: "one", passed: true}},
		},
		"one name twice": {"PASS one\nFAIL one: no\n", []result{{name: "one", passed: true}, {name: "one", why: "no"}}},
		"what cannot be removed fails the test": {
			"one: failed to delete the bucket: BucketNotEmpty\n",
			[]result{{name: "one", why: "failed to delete the bucket: BucketNotEmpty"}},
		},
		"what cannot be removed after a failure is that failure": {
			"FAIL one: no\none: failed to delete the bucket: BucketNotEmpty\n",
			[]result{{name: "one", why: "no"}},
		},
		"what cannot be removed after a pass is a failure more": {
			"PASS one\none: failed to delete the bucket: BucketNotEmpty\nPASS two\n",
			[]result{
				{name: "one", passed: true},
				{name: "one", why: "failed to delete the bucket: BucketNotEmpty"},
				{name: "two", passed: true},
			},
		},
		"the last line without an end": {"PASS one", []result{{name: "one", passed: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	if results, err := read(
		"dial tcp: connection refused\n",
	); err == nil ||
		!strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v, %v: want what was printed as an error", results, err)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	results, err := read("PASS one\nFAIL two: no\nPASS one\nFAIL three: " + strings.Repeat("x", 400) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := report(&out, "iam", results); err != nil {
		t.Fatal(err)
	}
	want := "iam: 2 of 4 pass\n  two: no\n  three: " + strings.Repeat("x", 300) + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	names := passing(nil, results)
	if among(results, names) != 2 || among([]result{{name: "two"}, {name: "one"}}, names) != 1 {
		t.Errorf("those that passed: %v", names)
	}
}
