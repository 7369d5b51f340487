package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// integrationCheck judges documents that a role has already.
type integrationCheck struct {
	trust, boundary string
	permissions     []string
	buckets, keys   []string // [NAME=]FILE
	questions       bool
}

func newIntegrationCheck(conn *connection, streams Streams) *cobra.Command {
	var c integrationCheck
	cmd := onIntegration("check", "Check the documents of an existing role, without calling AWS", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			documents, err := c.read(streams)
			if err == nil {
				err = c.readOwned(ctx, api, streams, name, &documents)
			}
			if err != nil {
				return err
			}
			checked, err := api.CheckIntegration(ctx, name, documents)
			if err != nil {
				return err
			}
			if conn.json {
				err = printJSON(streams.Out, checked)
			} else {
				c.print(streams, checked)
			}
			switch {
			case err != nil || checked.Verdict == "fits":
				return err
			case checked.Verdict == "unreadable":
				return commandError(exitUsage) // already printed above
			}
			return errNo
		})
	cmd.Long = "Check the documents of an existing role: what differs from what the integration needs,\nand why it " +
		"matters. Windlass evaluates each call that the integration makes, and each\nthat must be refused, without " +
		"calling AWS. A FILE is a policy or the aws command's\noutput that contains it; - is standard input.\n\n" +
		"Exit status: 0 the documents fit, 1 they don't, 2 they can't be read."
	cmd.Example = "  windlass integration check acme --trust trust.json --permissions access.json\n" +
		"  windlass integration check acme --permissions list.json --permissions get.json --boundary boundary.json --bucket-policy bucket.json\n" +
		"  aws iam get-role --role-name reader | windlass integration check acme --trust -"
	flags := cmd.Flags()
	flags.StringVar(&c.trust, "trust", "", "FILE with the role's trust policy")
	flags.StringArrayVar(&c.permissions, "permissions", nil,
		"FILE with a permission policy of the role; may be repeated")
	flags.StringVar(&c.boundary, "boundary", "", "FILE with the role's permissions boundary")
	flags.StringArrayVar(&c.buckets, "bucket-policy", nil,
		"[BUCKET=]FILE with the policy of a bucket; BUCKET is optional if there is only one")
	flags.StringArrayVar(&c.keys, "key-policy", nil,
		"[ARN=]FILE with the policy of a KMS key; ARN is optional if there is only one")
	flags.BoolVar(&c.questions, "questions", false, "also print the requests that were evaluated")
	return cmd
}

func (c *integrationCheck) read(streams Streams) (documents client.PastedDocuments, err error) {
	if c.trust == "" && len(c.permissions) == 0 {
		return documents, usagef("specify a document: --trust FILE, --permissions FILE, or both")
	}
	file := func(path string) string {
		if path == "" || err != nil {
			return ""
		}
		var text []byte
		text, err = readPolicyFile(path, streams)
		return string(text)
	}
	documents.TrustPolicy, documents.PermissionsBoundary = file(c.trust), file(c.boundary)
	for _, path := range c.permissions {
		documents.PermissionPolicies = append(documents.PermissionPolicies, file(path))
	}
	return documents, err
}

// readOwned reads the policies of buckets and keys. If the integration has
// several, each policy must name its bucket or key.
func (c *integrationCheck) readOwned(ctx context.Context, api *client.Client, streams Streams, name string,
	documents *client.PastedDocuments,
) error {
	if len(c.buckets)+len(c.keys) == 0 {
		return nil
	}
	i, err := api.Integration(ctx, name)
	if err != nil {
		return err
	}
	var buckets []string
	for _, l := range i.Locations {
		if !slices.Contains(buckets, l.Bucket) {
			buckets = append(buckets, l.Bucket)
		}
	}
	if documents.BucketPolicies, err = named("--bucket-policy BUCKET=FILE", c.buckets, buckets, streams); err != nil {
		return err
	}
	documents.KeyPolicies, err = named("--key-policy ARN=FILE", c.keys, i.KMSKeyARNs, streams)
	return err
}

// named reads files, each under the name before its "=" or the only possible
// name.
func named(usage string, files, names []string, streams Streams) (map[string]string, error) {
	read := map[string]string{}
	for _, file := range files {
		name, path, found := strings.Cut(file, "=")
		if !found {
			if len(names) != 1 {
				return nil, usagef("specify whose policy %s is, with %s: the integration has %d", file, usage,
					len(names))
			}
			name, path = names[0], file
		}
		text, err := readPolicyFile(path, streams)
		if err != nil {
			return nil, err
		}
		read[name] = string(text)
	}
	return read, nil
}

// documentNames has the names of documents for people.
var documentNames = map[string]string{
	"trust_policy": "trust policy", "permission_policy": "permission policy",
	"permissions_boundary": "permissions boundary",
	"bucket_policy":        "bucket policy", "key_policy": "key policy",
}

// verdicts has the words for people in place of the API's.
var verdicts = map[string]string{
	"fits":       "The documents fit.",
	"excess":     "The documents let Windlass in, but open more than was declared.",
	"unknown":    "Only a real call can decide whether the documents fit: verify the integration.",
	"missing":    "The documents don't allow what the integration needs.",
	"insecure":   "The documents let in callers that must be refused. Windlass won't use this role.",
	"unreadable": "The documents aren't valid policies.",
}

func (c *integrationCheck) print(streams Streams, checked client.CheckedDocuments) {
	w, paint := streams.Out, paintFor(streams)
	marks := map[string]string{
		"unreadable": "fail", "insecure": "fail", "missing": "fail", "unknown": "warn",
		"excess": "warn",
	}
	if c.questions {
		for _, q := range checked.Questions {
			printQuestion(w, paint, q)
		}
		_, _ = fmt.Fprintln(w)
	}
	for _, f := range checked.Findings {
		place := documentNames[f.Document]
		if f.Line > 0 {
			place = fmt.Sprintf("%s, line %d", place, f.Line)
		}
		_, _ = fmt.Fprintf(w, "%s %-10s %s (%s)\n", paint.mark(marks[f.Severity]), f.Severity, f.Message, place)
		for _, line := range []struct{ name, text string }{{"Why", f.Why}, {"Now", f.Reason}, {"Fix", f.Fix}} {
			if line.text != "" {
				_, _ = fmt.Fprintf(w, "  %-10s %s: %s\n", "", line.name, line.text)
			}
		}
	}
	if checked.Diff != nil && checked.Verdict != "fits" && checked.Verdict != "unreadable" {
		_, _ = fmt.Fprintf(w, "\nChanges from the role's documents to the generated "+
			"ones:\n%s%s", checked.Diff.TrustPolicy,
			checked.Diff.PermissionPolicy)
	}
	_, _ = fmt.Fprintf(w, "\n%s Calls evaluated: %d.\n", verdicts[checked.Verdict], len(checked.Questions))
}

func printQuestion(w io.Writer, paint paint, q client.DocumentQuestion) {
	status, answer := "pass", "refused"
	if q.Allowed {
		answer = "allowed"
	}
	if q.Wanted != q.Allowed {
		status = "fail"
	}
	_, _ = fmt.Fprintf(w, "%s %-7s %s\n", paint.mark(status), answer, q.Asked)
}
