// Command conformance runs versitygw's tests of IAM and S3 against the
// sandbox, and prints how many pass and the names of the others. With
// -s3-tests it runs Ceph's tests instead; see s3tests.go.
//
// versitygw names an account by its root's access key, and its tests expect
// that name where AWS has the account's number, so here the two are the same
// text. For each user that the tests create with versitygw's own
// administration API (PATCH /create-user and others, which AWS doesn't have),
// the sandbox's IAM creates an account with an IAM user; see admin.go. New
// buckets have no Block Public Access, as the tests expect. Without -as-sent,
// two things are translated: a user that a bucket policy names by its access
// key alone, which AWS rejects, gets an ARN, and "Access Denied" gets a full
// stop; see words.go. Nothing else between the tests and the sandbox changes a
// request, a response or a decision.
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
	flag.StringVar(&o.versitygw, "versitygw", "bin/versitygw", "path of the versitygw binary, whose tests are run")
	flag.StringVar(
		&o.groups,
		"groups",
		"iam,"+fullFlow+","+fullFlow+" -vs",
		"what to run, separated by commas: groups with their flags, or names of tests",
	)
	flag.StringVar(&o.log, "log", "", "folder for the complete output of each group (default: discarded)")
	flag.BoolVar(&o.asSent, "as-sent", false, "don't translate requests and responses: see words.go")
	flag.StringVar(
		&o.s3tests,
		"s3-tests",
		"",
		"folder of Ceph's s3-tests: run these with pytest instead of versitygw's",
	)
	flag.StringVar(&o.python, "python", "python3", "the Python interpreter with pytest and the requirements of "+
		"s3-tests")
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

// again reruns each test of full-flow that hasn't passed in any group, alone,
// with buckets whose owner's canonical user ID is the root's access key too,
// as in versitygw. The whole group can't run like this: versitygw's program
// crashes when a list of grants has its own owner.
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
