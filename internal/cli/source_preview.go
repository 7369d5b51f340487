package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// unsavedSource is a source that is previewed before it is created.
type unsavedSource struct {
	spec   client.SourceSpec
	format formatFlags
}

func (u *unsavedSource) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&u.spec.Integration, "integration", "", "integration to use, by ID or name")
	flags.StringVar(&u.spec.Credential, "credential", "", "access key to use, by ID or name")
	flags.StringVar(&u.spec.Bucket, "bucket", "", "bucket of a source that isn't created yet")
	flags.StringVar(&u.spec.Pattern, "pattern", "", "pattern of its keys")
	flags.StringArrayVar(&u.spec.Exclude, "exclude", nil, "pattern of keys to exclude; may be repeated")
	u.format.add(cmd)
}

func (u *unsavedSource) preview(cmd *cobra.Command, api *client.Client, conn *connection, streams Streams,
	columns client.FeedColumns,
) error {
	if u.spec.Bucket == "" || u.spec.Pattern == "" {
		return usagef("name a source, or use --bucket and --pattern with --integration or --credential")
	}
	var given client.SourceFormat
	if u.format.apply(cmd, &given) {
		u.spec.Format = &given
	}
	seen, err := api.PreviewUnsaved(cmd.Context(), u.spec, columns)
	if err != nil {
		return checkSetting(err)
	}
	if conn.json {
		return printJSON(streams.Out, seen)
	}
	more := ""
	if seen.Objects.More {
		more = ", and there are more"
	}
	_, _ = fmt.Fprintf(streams.Out, "%d of %s match%s\n", seen.Objects.Matched,
		counted(seen.Objects.Listed, "object"), more)
	rows := make([][]string, len(seen.Objects.Items))
	for i, o := range seen.Objects.Items {
		rows[i] = []string{o.Key, o.Match, o.Reason}
	}
	if err := printTable(streams.Out, []string{"key", "state", "reason"}, rows); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(streams.Out)
	if seen.Key == "" {
		for _, note := range seen.Notes {
			_, _ = fmt.Fprintf(streams.Out, "note: %s\n", note)
		}
		return nil
	}
	return printPreview(streams.Out, seen.SourcePreview)
}
