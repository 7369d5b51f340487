package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newSecurity(streams Streams) *cobra.Command {
	var conn connection
	var filter client.SecurityFilter
	var since time.Duration
	var from, to string
	var limit int
	cmd := &cobra.Command{
		Use: "security", Short: "List refused sign-ins, tokens and addresses, newest first", Args: cobra.NoArgs,
		Long: "List the security log, newest first: sign-ins, links, devices, refused tokens and " +
			"blocked\naddresses. Events of one kind, address and subject within ten minutes are one entry with a\n" +
			"count. Owners see the entries that name their workspace; with --instance, operators see\nall of them.",
		Example: "  windlass security --since 24h\n  windlass security --kind signin.failed --address 203.0.113.7\n  windlass security --instance --from 2026-11-01",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if filter.From, err = parseMoment("from", from); err != nil {
				return err
			}
			if filter.To, err = parseMoment("to", to); err != nil {
				return err
			}
			if since > 0 {
				filter.From = streams.Now().Add(-since)
			}
			found, err := newestSecurity(cmd, &conn, streams, filter, limit)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			rows := make([][]string, len(found))
			for i, e := range found {
				rows[i] = []string{
					moment(e.Last, ""), e.Kind, first(e.Address, "-"), fmt.Sprint(e.Count),
					first(e.Subject, "-"), e.Reason,
				}
			}
			return printTable(streams.Out, []string{"last", "kind", "address", "count", "subject", "reason"}, rows)
		},
	}
	conn.flags(cmd)
	cmd.AddCommand(newSecurityVerify(&conn, streams))
	flags := cmd.Flags()
	flags.StringVar(&filter.Kind, "kind", "", "kind, such as signin.failed")
	flags.StringVar(&filter.Address, "address", "", "IP address; for IPv6, its /64")
	flags.StringVar(&from, "from", "", "first day or time, such as 2026-11-22 or 2026-11-22T14:00:00Z")
	flags.StringVar(&to, "to", "", "day or time to end before")
	flags.DurationVar(&since, "since", 0, "only entries from this long ago or later, such as 24h (default: all)")
	flags.BoolVar(&filter.Instance, "instance", false, "entries of the whole instance, for operators")
	flags.IntVar(&limit, "limit", 50, "maximum number of entries")
	return cmd
}

func newSecurityVerify(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Verify the security log and find the first changed entry", Args: cobra.NoArgs,
		Long: "Verify the chain of the security log, from the oldest stored entry. The exit status is 1\nif an " +
			"entry was changed or is missing. Only operators can do this.",
		Example: "  windlass security verify",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			report, err := api.VerifySecurity(cmd.Context())
			if err != nil {
				return err
			}
			if conn.json {
				err = printJSON(streams.Out, report)
			} else if report.Broken == 0 {
				_, err = fmt.Fprintf(streams.Out, "The chain is valid. Entries: %d.\n", report.Entries)
			} else {
				_, err = fmt.Fprintf(streams.Out, "Entry %d was changed or is missing. Valid entries before it: %d.\n",
					report.Broken, report.Entries)
			}
			if err == nil && report.Broken != 0 {
				err = errNo
			}
			return err
		},
	}
}

// newestSecurity reads pages until it has the requested number of entries.
func newestSecurity(cmd *cobra.Command, conn *connection, streams Streams, filter client.SecurityFilter,
	limit int,
) ([]client.SecurityEntry, error) {
	if limit < 1 {
		return nil, usagef("--limit must be 1 or more")
	}
	api, err := conn.client(streams)
	if err != nil {
		return nil, err
	}
	found := []client.SecurityEntry{}
	for options := (client.PageOptions{}); ; {
		options.Limit = min(limit-len(found), 1000)
		p, err := api.Security(cmd.Context(), filter, options)
		if err != nil {
			return nil, err
		}
		found = append(found, p.Items...)
		if options.Cursor = p.Next; p.Next == "" || len(found) >= limit {
			return found, nil
		}
	}
}

// parseMoment parses a day or a time of a flag; an empty text is the zero time.
func parseMoment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--%s: %q isn't a day such as 2026-11-22 or a time such as 2026-11-22T14:00:00Z", flag,
		text)
}
