// Command conformance runs the tests that versitygw has of IAM and S3 against
// the sandbox, and prints how many pass and the names of those that do not. With
// -s3-tests it runs Ceph's tests instead; see s3tests.go.
//
// versitygw knows one name for an account, its root's access key, and its tests
// want that where AWS has the account's number: so the two are one text here.
// Each user that the tests make by versitygw's own administration (PATCH
// /create-user and its like, which no AWS has) is made as an account with an
// IAM user in it, by the sandbox's own IAM; see admin.go. New buckets are made
// without Block Public Access, as the tests expect. Two things are put in the
// other's words, but for -as-sent: a user whom a bucket policy names by the access
// key alone, which AWS calls malformed, gets an ARN, and "Access Denied" a full
// stop; see words.go. Nothing else between the tests and the sandbox changes a
// request, an answer or a decision.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

const fullFlow = "full-flow"

// options are the flags.
type options struct {
	versitygw string
	groups    string
	log       string
	asSent    bool
	s3tests   string
	python    string
}

func main() {
	var o options
	flag.StringVar(&o.versitygw, "versitygw", "bin/versitygw", "versitygw's binary, whose tests are run")
	flag.StringVar(
		&o.groups,
		"groups",
		"iam,"+fullFlow+","+fullFlow+" -vs",
		"what to run, parted by commas: groups with their flags, or names of tests",
	)
	flag.StringVar(&o.log, "log", "", "folder for the whole output of each group (default: none is kept)")
	flag.BoolVar(&o.asSent, "as-sent", false, "put nothing in the other's words: see words.go")
	flag.StringVar(
		&o.s3tests,
		"s3-tests",
		"",
		"folder of Ceph's s3-tests: run these, by pytest, and nothing of versitygw's",
	)
	flag.StringVar(&o.python, "python", "python3", "the interpreter that has pytest and what s3-tests needs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	if o.s3tests != "" {
		return s3Tests(ctx, o, out)
	}
	done := map[string][]result{}
	for group := range strings.SplitSeq(o.groups, ",") {
		text, err := test(ctx, o, "", strings.Fields(group))
		if err != nil {
			return fmt.Errorf("group %s: %w", group, err)
		}
		if o.log != "" {
			if err := os.WriteFile(
				filepath.Join(o.log, strings.ReplaceAll(group, " ", "")+".log"),
				text,
				0o600,
			); err != nil {
				return err
			}
		}
		results, err := read(string(text))
		if err != nil {
			return fmt.Errorf("group %s: %w", group, err)
		}
		if err := report(out, group, results); err != nil {
			return err
		}
		done[group] = results
	}
	return again(ctx, o, out, done)
}

// again runs each test of full-flow that has not passed in any group once
// more, alone, with buckets whose owner's canonical user ID is the root's
// access key as well, which is what versitygw calls an owner. It cannot be so
// for the whole group: the list of grants that AWS answers ends versitygw's
// program where it meets its own owner in it.
func again(ctx context.Context, o options, out io.Writer, done map[string][]result) error {
	all := done[fullFlow]
	if len(all) == 0 {
		return nil
	}
	ever := passing(nil, all)
	alone := count(all)
	_, err := fmt.Fprintf(out, "%s: %d of %d pass in one run", fullFlow, alone, len(all))
	if err != nil {
		return err
	}
	if ever = passing(ever, done[fullFlow+" -vs"]); among(all, ever) > alone {
		if _, err := fmt.Fprintf(out, ", %d in that or with -vs", among(all, ever)); err != nil {
			return err
		}
	}
	for _, r := range all {
		if ever[r.name] {
			continue
		}
		text, err := test(ctx, o, account, []string{r.name})
		if err != nil {
			return fmt.Errorf("test %s: %w", r.name, err)
		}
		if results, err := read(string(text)); err == nil {
			passing(ever, results)
		}
	}
	_, err = fmt.Fprintf(out, ", %d in those or alone\n", among(all, ever))
	return err
}
