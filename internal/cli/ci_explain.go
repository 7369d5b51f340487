package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/job"
)

func newCIExplain(streams Streams) *cobra.Command {
	var x exchange
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Explain why an ID token is accepted or refused",
		Long: `Explain why an ID token is accepted or refused: every check, and each grant's
conditions next to the token's claims. The token isn't used up, and no credentials
are issued.

You need an API token (WINDLASS_TOKEN). In a job, save the ID token to a file and
explain it on your own machine, or look up the reason in the audit log. Never
print the token.`,
		Example: "  WINDLASS_TOKEN=sk_… windlass ci explain --token-file job.jwt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := x.complete(streams); err != nil {
				return err
			}
			token, err := tokensOf(streams).Token(cmd.Context(), x.ask)
			if err != nil {
				return err
			}
			conn := connection{url: x.url, workspace: x.workspace, insecure: x.insecure}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			explained, err := api.ExplainExchange(cmd.Context(), client.ExplainSpec{
				Token:        token.Text.Reveal(),
				ExchangeSpec: x.spec(),
			})
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(streams.Out, explained)
			} else {
				printExchange(streams, x.ask.CI, token.Origin, explained)
			}
			if err == nil && !explained.Accepted {
				err = errNo
			}
			return err
		},
	}
	x.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printExchange(streams Streams, ci job.CI, origin string, explained client.ExchangeExplanation) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(streams.Out, format+"\n", args...) }
	say("The token is for %s; this is %s.", origin, ci.Title())
	for _, check := range explained.Checks {
		say("%s %-18s %s", markOf(check.Status), check.Code, check.Detail)
	}
	for _, grant := range explained.Grants {
		say("%s grant %s: %s", mark(grant.Accepted), first(grant.Name, grant.ID), grant.Reason)
		for _, c := range grant.Conditions {
			say("    %s %s %s %s: %s", mark(c.Met), c.Claim, c.Operator, strings.Join(c.Values, " "),
				first(c.Reason, fmt.Sprint(c.Got)))
		}
	}
	say("%s", explained.Reason)
	if explained.Hint != "" {
		say("  %s", explained.Hint)
	}
}

func mark(yes bool) string {
	if yes {
		return "✓"
	}
	return "✗"
}

func markOf(status string) string {
	if status == "skip" {
		return "·"
	}
	return mark(status == "pass")
}
