package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

// schemaApply has the flags for applying a change of a schema.
type schemaApply struct {
	apply      string
	dryRun     bool
	acceptLoss bool
	force      bool
	yes        bool
}

func (a *schemaApply) flags(flags *pflag.FlagSet) {
	flags.StringVar(&a.apply, "apply", "leave", "leave existing rows unchanged, or convert them")
	flags.BoolVar(&a.dryRun, "dry-run", false, "only show what the change would do")
	flags.BoolVar(&a.acceptLoss, "accept-loss", false, "convert even if rows are rejected or values are rounded")
	flags.BoolVar(&a.force, "force", false, "apply the change even if it breaks views")
	flags.BoolVarP(&a.yes, "yes", "y", false, "confirm without a prompt")
}

// run applies a change, or prints its effect. A change that deletes values
// needs a confirmation.
func (a *schemaApply) run(ctx context.Context, conn *connection, streams Streams, name string, deletes bool,
	operations ...client.SchemaOperation,
) error {
	if a.apply != "leave" && a.apply != "convert" {
		return usagef("--apply must be leave or convert, not %q", a.apply)
	}
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	d, err := api.Dataset(ctx, name)
	if err != nil {
		return err
	}
	order := client.SchemaOrder{
		Version: d.Version, Apply: a.apply, DryRun: true, AcceptLoss: a.acceptLoss, Force: a.force,
		Operations: operations,
	}
	report, err := api.ChangeSchema(ctx, d.ID, order)
	if err != nil {
		return schemaHint(err)
	}
	if a.dryRun {
		return printSchemaReport(conn, streams, &report, "dry run: ")
	}
	if deletes = deletes && report.Rows > 0 || report.Duplicates > 0 || report.Rejected > 0; deletes && !a.yes {
		if err := confirmSchema(conn, streams, d.Name, &report); err != nil {
			return err
		}
	}
	order.DryRun = false
	if report, err = api.ChangeSchema(ctx, d.ID, order); err != nil {
		return schemaHint(err)
	}
	return printSchemaReport(conn, streams, &report, "")
}

// schemaHint names flags where the service names members of a request.
func schemaHint(err error) error {
	var refused *client.Error
	if errors.As(err, &refused) {
		refused.Hint = strings.NewReplacer(
			`apply set to "convert"`,
			"--apply convert",
			"accept_loss",
			"--accept-loss",
			"set keep of the operation index to first or last",
			"use --keep first or --keep last",
			"with force",
			"with --force",
		).Replace(refused.Hint)
	}
	return err
}

// confirmSchema asks for a confirmation on a terminal.
func confirmSchema(conn *connection, streams Streams, name string, report *client.SchemaReport) error {
	if conn.json || !isTerminal(streams) {
		return unconfirmed()
	}
	shown := streams
	shown.Out = streams.Err
	if err := printSchemaReport(conn, shown, report, "dry run: "); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(streams.Err, "Change the schema of %s? This can't be undone.\nType y to confirm: ", name)
	line, err := bufio.NewReader(io.LimitReader(streams.In, 4096)).ReadString('\n')
	if err != nil && line == "" {
		return unconfirmed()
	}
	if answer := strings.TrimSpace(line); answer != "y" && answer != "yes" {
		_, _ = fmt.Fprintln(streams.Err, "Nothing was changed.")
		return errNo
	}
	return nil
}

// suggestedIndex fills in the index that the service suggests.
func suggestedIndex(ctx context.Context, conn *connection, streams Streams, name string,
	o *client.SchemaOperation,
) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	d, err := api.Dataset(ctx, name)
	if err != nil {
		return err
	}
	s := d.Index.Suggestion
	if s == nil {
		return fmt.Errorf("the rows of %s suggest no unique index; name its columns with --key, --subkey and --date",
			d.Name)
	}
	o.Key, o.Subkey, o.Date, o.Unique = s.Key, s.Subkey, s.Date, true
	return nil
}

// printSchemaReport prints the effect of a change after a prefix.
func printSchemaReport(conn *connection, streams Streams, r *client.SchemaReport, prefix string) error {
	if conn.json {
		return printJSON(streams.Out, r)
	}
	_, _ = fmt.Fprintf(streams.Out, "%sversion %d, rows: %d, rejected: %d, dropped duplicates: %d\n",
		prefix, r.Version, r.Rows, r.Rejected, r.Duplicates)
	rows := make([][]string, len(r.Operations))
	for i, o := range r.Operations {
		rows[i] = []string{
			strings.TrimSpace(o.Op + " " + o.Name), o.ApplyNeeded,
			fmt.Sprint(o.Converts), fmt.Sprint(o.Rejects), fmt.Sprint(o.Rounds),
		}
	}
	if err := printTable(streams.Out, []string{"operation", "needs", "converts", "rejects", "rounds"},
		rows); err != nil {
		return err
	}
	for _, o := range r.Operations {
		for _, s := range o.Samples {
			_, _ = fmt.Fprintf(streams.Out, "  %s%s: %s becomes %s%s\n", o.Name, choice(s.Key != "", " of "+s.Key, ""),
				sampled(s.From, "null"), sampled(s.To, "a rejected row"), choice(s.Reason != "", " ("+s.Reason+")", ""))
		}
	}
	if r.Load != "" {
		_, _ = fmt.Fprintf(streams.Out, "To see the rejected rows:\n  windlass load rejects %s\n", r.Load)
	}
	return nil
}

func sampled(text *string, preset string) string {
	if text == nil {
		return preset
	}
	return fmt.Sprintf("%q", *text)
}
