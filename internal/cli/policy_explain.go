package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/cli/policycase"
)

// policyExplainCommand explains why a request is allowed or denied.
type policyExplainCommand struct {
	cases   string
	files   map[iam.Kind]*[]string // policies, if the request is given by flags
	asks    iam.Request
	caller  string
	keys    []string
	json    bool
	html    bool
	streams Streams
}

func newPolicyExplain(streams Streams) *cobra.Command {
	c := &policyExplainCommand{streams: streams, files: make(map[iam.Kind]*[]string)}
	cmd := &cobra.Command{
		Use:   "explain [--cases FILE [ID…] | --principal ARN --action ACTION --on ARN …]",
		Short: "Explain why a request is allowed or denied, and what to change",
		Long: `Explain why a request is allowed or denied: the statement that decides, what
failed first in each other statement, and what to change.

The request and its policies come from a file of cases, as for policy eval, or
from flags. With flags, the request also carries the condition keys that follow
from it, such as aws:PrincipalArn.

Exit status: 0 everything explained is allowed, 1 something is denied, 2 the
input cannot be read.`,
		Example: `  windlass policy explain --cases cases.json read-report
  windlass policy explain --identity role-policy.json \
    --principal arn:aws:sts::111122223333:assumed-role/app/s1 \
    --action s3:ListBucket --on arn:aws:s3:::acme-data --resource-account 111122223333 \
    --context s3:prefix=reports/`,
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&c.cases, "cases", "", "file of cases, or - for standard input")
	for _, kind := range iam.Kinds() {
		list := new([]string)
		c.files[kind] = list
		flags.StringArrayVar(list, kind.String(), nil, kindHelp(kind))
	}
	flags.StringVar(&c.caller, "principal", "", "ARN of the caller, a service's name, or * for an unsigned request")
	flags.StringVar(&c.asks.Principal.RoleARN, "role", "", "ARN of the role of a session, where the role has a path")
	flags.StringVar(&c.asks.Action, "action", "", "action, such as s3:GetObject")
	flags.StringVar(&c.asks.Resource, "on", "", "ARN of the resource, or * for calls without one")
	flags.StringVar(&c.asks.ResourceAccount, "resource-account", "",
		"account that owns the resource (default: the one in its ARN, else the caller's)")
	flags.StringArrayVar(&c.keys, "context", nil, "condition key=value; the same key again for several values")
	flags.BoolVar(&c.json, "json", false, "print the trace as JSON")
	flags.BoolVar(&c.html, "html", false, "print the explanation as a fragment of HTML")
	return cmd
}

func (c *policyExplainCommand) run(ids []string) error {
	switch {
	case c.cases != "" && c.caller != "":
		return usagef("use either --cases or --principal, because each case has a principal")
	case c.cases != "":
		return withInput(c.streams, c.cases, func(in io.Reader) error { return c.explainCases(in, ids) })
	case c.caller == "" || c.asks.Action == "" || c.asks.Resource == "":
		return usagef("specify --cases, or --principal, --action and --on; see windlass policy explain --help")
	}
	if err := checkAction(c.asks.Action); err != nil {
		return err
	}
	return c.explainFlags()
}

func (c *policyExplainCommand) explainCases(in io.Reader, ids []string) error {
	reader := policycase.NewReader(in)
	var compiler policycase.Compiler
	explained, denied := 0, false
	for {
		text, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return usageError{err}
		}
		parsed, err := policycase.Parse(text)
		if len(ids) > 0 && !slices.Contains(ids, parsed.ID) {
			continue
		}
		if err != nil {
			return usagef("case %q: %w", parsed.ID, err)
		}
		policies, err := compiler.Policies(parsed)
		if err != nil {
			return usagef("case %q: %w", parsed.ID, err)
		}
		allowed, err := c.explain(policies, &parsed.Request, explained)
		if err != nil {
			return err
		}
		explained++
		denied = denied || !allowed
	}
	if explained == 0 {
		return usagef("case not found in %s", c.cases)
	}
	return noUnless(!denied)
}

func (c *policyExplainCommand) explainFlags() error {
	policies, err := c.policies()
	if err != nil {
		return err
	}
	role := c.asks.Principal.RoleARN
	if c.asks.Principal, err = iam.ParsePrincipal(c.caller); err != nil {
		return usageError{err}
	}
	if role != "" {
		c.asks.Principal.RoleARN = role
	}
	values := make(map[string][]string)
	for _, pair := range c.keys {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usagef("invalid --context %q: use key=value", pair)
		}
		values[key] = append(values[key], value)
		c.asks.Context.Set(key, values[key]...)
	}
	assumed := c.setResourceAccount()
	c.asks.AddGlobalKeys()
	allowed, err := c.explain(policies, &c.asks, 0)
	if err != nil {
		return err
	}
	if assumed {
		_, _ = fmt.Fprintf(c.streams.Err, "Note: %s has no account in its ARN, so this assumes that the caller's account "+
			"%s owns it. If another account does, use --resource-account.\n", c.asks.Resource, c.asks.ResourceAccount)
	}
	return noUnless(allowed)
}

// kindHelp returns the help of the flag of a kind.
func kindHelp(kind iam.Kind) string {
	switch kind {
	case iam.ServiceControl:
		return "service control policy file; several are levels, from the organization's root to the account"
	case iam.ResourceControl:
		return "resource control policy file"
	case iam.Endpoint:
		return "policy file of the VPC endpoint that the request passes"
	default:
		return kind.String() + " policy file"
	}
}

// setResourceAccount sets the account that owns the resource: the one in its
// ARN, or else the caller's. It reports whether it had to assume the latter.
func (c *policyExplainCommand) setResourceAccount() (assumed bool) {
	if c.asks.ResourceAccount != "" {
		return false
	}
	c.asks.ResourceAccount = c.asks.Owner()
	if c.asks.ResourceAccount == "" {
		c.asks.ResourceAccount = c.asks.Principal.Account
		return c.asks.ResourceAccount != ""
	}
	return false
}

// checkAction rejects names that aren't actions, such as those of API
// operations: no policy can allow them.
func checkAction(name string) error {
	if reference.FindAction(name) != nil {
		return nil
	}
	if action, ok := reference.ActionOf(name); ok {
		return usagef("%s is an operation of the API, not an action: it needs %s; use --action %s", name, action, action)
	}
	prefix, _, _ := strings.Cut(name, ":")
	if reference.FindService(prefix) == nil {
		return usagef("unknown action %q: use the form service:Name, such as s3:GetObject", name)
	}
	return usagef("unknown action %q: %s has no such action", name, prefix)
}

// policies reads the files that the flags name.
func (c *policyExplainCommand) policies() (*iam.Policies, error) {
	compiled := make(map[iam.Kind][]*iam.Compiled)
	for _, kind := range iam.Kinds() {
		for _, file := range *c.files[kind] {
			text, err := readPolicyFile(file, c.streams)
			if err != nil {
				return nil, err
			}
			policy, err := iam.Parse(kind, text)
			if err != nil {
				return nil, usagef("%s: %w", file, err)
			}
			ready, err := iam.Compile(policy)
			if err != nil {
				return nil, usagef("%s: %w", file, err)
			}
			compiled[kind] = append(compiled[kind], ready)
		}
	}
	p := &iam.Policies{
		Identity: compiled[iam.Identity], Session: compiled[iam.Session],
		ResourceControl: compiled[iam.ResourceControl],
	}
	for _, policy := range compiled[iam.ServiceControl] {
		p.ServiceControl = append(p.ServiceControl, []*iam.Compiled{policy})
	}
	for kind, place := range map[iam.Kind]**iam.Compiled{
		iam.Resource: &p.Resource, iam.Trust: &p.Trust,
		iam.Boundary: &p.Boundary, iam.Endpoint: &p.Endpoint,
	} {
		switch list := compiled[kind]; {
		case len(list) > 1:
			return nil, usagef("a request has one %s policy, but --%s has %d values", kind, kind, len(list))
		case len(list) == 1:
			*place = list[0]
		}
	}
	return p, nil
}

// explain prints one explanation and reports whether the request is allowed.
func (c *policyExplainCommand) explain(policies *iam.Policies, request *iam.Request,
	before int,
) (allowed bool, err error) {
	trace := explain.Explain(policies, request, explain.Options{Carries: reference.Carries})
	switch {
	case c.json:
		err = printJSON(c.streams.Out, trace)
	case c.html:
		var fragment string
		if fragment, err = htmlOf(trace); err == nil {
			_, err = io.WriteString(c.streams.Out, fragment)
		}
	default:
		if before > 0 {
			_, _ = fmt.Fprintln(c.streams.Out)
		}
		_, err = io.WriteString(c.streams.Out, trace.Text())
	}
	return trace.Decision == iam.Allow, err
}

func htmlOf(trace *explain.Trace) (string, error) {
	fragment, err := trace.HTML()
	return string(fragment), err
}

// noUnless returns the error for a negative result that is already printed.
func noUnless(yes bool) error {
	if yes {
		return nil
	}
	return errNo
}
