package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/audit"
)

func newAudit(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "audit", Short: "List audit entries and verify that none was changed",
		Args: cobra.NoArgs,
	}
	conn.flags(cmd)
	cmd.AddCommand(newAuditList(&conn, streams), newAuditVerify(&conn, streams), newAuditExport(&conn, streams))
	return cmd
}

func newAuditList(conn *connection, streams Streams) *cobra.Command {
	var filter client.AuditFilter
	var since time.Duration
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List entries, newest first", Args: cobra.NoArgs,
		Example: "  windlass audit list --outcome denied --since 24h\n  windlass audit list --action integration. --resource int_…\n  windlass audit list --reads --actor tok_…",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if since > 0 {
				filter.Since = streams.Now().Add(-since)
			}
			found, err := newestAudit(cmd.Context(), api, filter, limit)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			rows := make([][]string, len(found))
			for i, e := range found {
				rows[i] = []string{
					fmt.Sprint(e.Seq), moment(e.Time, ""), first(e.Actor.Name, e.Actor.ID, e.Actor.Kind),
					e.Action, first(e.Resource.ID, e.Resource.Kind), e.Outcome, e.Reason,
				}
			}
			return printTable(streams.Out, []string{"no", "time", "who", "action", "what", "outcome", "reason"}, rows)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&filter.Actor, "actor", "", "actor, by ID")
	flags.StringVar(&filter.Action, "action", "", "action such as integration.create; integration. means all of them")
	flags.StringVar(&filter.Resource, "resource", "", "resource, by ID")
	flags.StringVar(&filter.Outcome, "outcome", "", "allowed, denied or done")
	flags.StringVar(&filter.Request, "request", "", "request ID")
	flags.DurationVar(&since, "since", 0, "only entries from this long ago or later, such as 24h (default: all)")
	flags.BoolVar(&filter.Reads, "reads", false, "include reads of data")
	flags.IntVar(&limit, "limit", 50, "maximum number of entries")
	return cmd
}

// newestAudit reads pages until it has the requested number of entries.
func newestAudit(ctx context.Context, api *client.Client, filter client.AuditFilter,
	limit int,
) ([]client.AuditEntry, error) {
	if limit < 1 {
		return nil, usagef("--limit must be 1 or more")
	}
	found := []client.AuditEntry{}
	for options := (client.PageOptions{}); ; {
		options.Limit = min(limit-len(found), 1000)
		p, err := api.Audit(ctx, filter, options)
		if err != nil {
			return nil, err
		}
		found = append(found, p.Items...)
		if options.Cursor = p.Next; p.Next == "" || len(found) >= limit {
			return found, nil
		}
	}
}

func newAuditVerify(conn *connection, streams Streams) *cobra.Command {
	var head string
	var names []string
	cmd := &cobra.Command{
		Use: "verify", Short: "Verify the chain of entries and find the first changed one", Args: cobra.NoArgs,
		Long: "Verify the chain: each entry has a hash of itself and the previous hash. The exit\nstatus is 1 " +
			"if an entry was changed.\n\nSomebody who can write to the database can replace the whole chain. Store " +
			"the printed\nhead elsewhere and pass it next time: a replaced chain doesn't contain it.",
		Example: "  windlass audit verify\n  windlass audit verify --head 1234:9f86d081…\n  windlass audit verify --file audit.jsonl\n  windlass audit verify --file archive/ws_…/000000000001.jsonl.gz --file audit.jsonl",
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := verifyAudit(cmd, conn, streams, head, names)
			if err != nil {
				return err
			}
			if err := printAuditReport(conn, streams, report); err != nil {
				return err
			}
			if !report.Holds {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&head, "head", "", "head of an earlier verification, which must still be in the chain")
	cmd.Flags().StringArrayVar(&names, "file", nil,
		"verify archive files and an export instead of a server; repeat it in the order of the entries")
	return cmd
}

func verifyAudit(cmd *cobra.Command, conn *connection, streams Streams, head string,
	names []string,
) (client.AuditReport, error) {
	if len(names) == 0 {
		api, err := conn.client(streams)
		if err != nil {
			return client.AuditReport{}, err
		}
		return api.VerifyAudit(cmd.Context(), head)
	}
	var anchor audit.Head
	if head != "" {
		var err error
		if anchor, err = audit.ParseHead(head); err != nil {
			return client.AuditReport{}, usagef("--head: %w", err)
		}
	}
	files := make([]io.Reader, len(names))
	for i, name := range names {
		file, err := os.Open(name) //nolint:gosec // the file is the caller's own
		if err != nil {
			return client.AuditReport{}, usageError{err}
		}
		defer func() { _ = file.Close() }()
		files[i] = file
	}
	found, err := audit.VerifyFiles(files, anchor)
	report := client.AuditReport{Holds: found.Break == nil, Entries: found.Entries, Head: found.Head.String()}
	if found.Start.Seq > 0 {
		report.Start = found.Start.String()
	}
	if found.Break != nil {
		report.Break = &client.AuditBreak{Seq: found.Break.Seq, Reason: found.Break.Reason}
	}
	return report, err
}

func printAuditReport(conn *connection, streams Streams, report client.AuditReport) error {
	if conn.json {
		return printJSON(streams.Out, report)
	}
	for _, name := range report.Missing {
		if _, err := fmt.Fprintf(streams.Out, "The archive file %s is missing, so its entries weren't read.\n",
			name); err != nil {
			return err
		}
	}
	if !report.Holds {
		_, err := fmt.Fprintf(streams.Out, "Entry %d isn't valid. %s\n%d entries before it are "+
			"valid.\n", report.Break.Seq,
			report.Break.Reason, report.Entries)
		return err
	}
	if report.Start != "" {
		_, err := fmt.Fprintf(streams.Out, "The entries after %s are valid, up to entry %d.\nhead %s\n", report.Start,
			report.Entries, report.Head)
		return err
	}
	_, err := fmt.Fprintf(streams.Out, "All %d entries are valid.\nhead %s\n", report.Entries, report.Head)
	return err
}

func newAuditExport(conn *connection, streams Streams) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "export", Short: "Write all entries as JSON Lines, oldest first", Args: cobra.NoArgs,
		Example: "  windlass audit export --output audit.jsonl && windlass audit verify --file audit.jsonl",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if name == "" {
				return api.ExportAudit(cmd.Context(), streams.Out)
			}
			file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the file is the caller's own
			if err != nil {
				return usageError{err}
			}
			if err := api.ExportAudit(cmd.Context(), file); err != nil {
				_ = file.Close()
				return err
			}
			return file.Close()
		},
	}
	cmd.Flags().StringVarP(&name, "output", "o", "", "file to write (default: standard output)")
	return cmd
}
