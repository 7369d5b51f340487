package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newSource(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{Use: "source", Short: "Manage sources: which objects to load", Args: cobra.NoArgs}
	conn.flags(cmd)
	cmd.AddCommand(newSourceCreate(&conn, streams), newSourceList(&conn, streams), newSourceShow(&conn, streams),
		newSourceUpdate(&conn, streams),
		newSourcePreview(&conn, streams), newSourceObjects(&conn, streams), newSourceRemove(&conn, streams),
		newSourceEvents(&conn, streams))
	return cmd
}

func newSourceList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List sources", Args: cobra.NoArgs,
		Example: "  windlass source list",
		RunE: listing[client.Source]{
			head: []string{"id", "name", "objects", "way in"},
			page: ofAll((*client.Client).Sources),
			row: func(s *client.Source) []string {
				return []string{
					s.ID, s.Name, "s3://" + s.Bucket + "/" + s.Pattern,
					first(s.Integration, s.Credential),
				}
			},
		}.run(conn, streams),
	}
}

func newSourceShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show SOURCE", Short: "Show one source, by ID or name", Args: cobra.ExactArgs(1),
		Example: "  windlass source show prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Source(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printSource(conn, streams, found)
		},
	}
}

func newSourcePreview(conn *connection, streams Streams) *cobra.Command {
	var options client.PreviewOptions
	var columns shapeFlags
	var unsaved unsavedSource
	cmd := &cobra.Command{
		Use: "preview [SOURCE]", Short: "Show the inferred schema and the first rows of the oldest matching object",
		Args: cobra.MaximumNArgs(1),
		Long: "Show the inferred schema and the first rows of the oldest matching object, with the columns of a feed or of a\n" +
			"new one. The flags try other columns. Without SOURCE, --bucket and --pattern preview a source before it is\n" +
			"created, with the objects that match and the reason why others don't.",
		Example: "  windlass source preview prices\n" +
			"  windlass source preview prices --column 'from=Customer Name,name=customer' --metadata object_key",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if options.FeedColumns, err = columns.given(cmd); err != nil {
				return err
			}
			if len(args) == 0 {
				return unsaved.preview(cmd, api, conn, streams, options.FeedColumns)
			}
			seen, err := api.PreviewSource(cmd.Context(), args[0], options)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, seen)
			}
			return printPreview(streams.Out, seen)
		},
	}
	cmd.Flags().StringVar(&options.Feed, "feed", "", "show the columns that this feed of the source loads")
	unsaved.add(cmd)
	columns.add(cmd.Flags())
	return cmd
}

// printPreview writes the columns, then the first rows as JSON values.
func printPreview(w io.Writer, seen client.SourcePreview) error {
	_, _ = fmt.Fprintf(w, "%s  %s  %d bytes\n", seen.Key, seen.Format, seen.Size)
	columns := make([][]string, len(seen.Columns))
	head := make([]string, len(seen.Columns))
	for i, c := range seen.Columns {
		columns[i], head[i] = []string{c.Name, c.Type, c.Format}, c.Name
	}
	if err := printTable(w, []string{"column", "type", "format"}, columns); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "index: %s\n", first(seen.Index.Reason, "none"))
	for _, note := range seen.Notes {
		_, _ = fmt.Fprintf(w, "note: %s\n", note)
	}
	rows := make([][]string, len(seen.Rows))
	for i, row := range seen.Rows {
		for _, value := range row {
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			rows[i] = append(rows[i], string(text))
		}
	}
	_, _ = fmt.Fprintln(w)
	if err := printTable(w, head, rows); err != nil {
		return err
	}
	for _, r := range seen.Rejected {
		_, _ = fmt.Fprintf(w, "would be rejected: %s\n", r.Error)
	}
	return printDialect(w, seen.Dialect, true)
}

func newSourceObjects(conn *connection, streams Streams) *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use: "objects SOURCE", Short: "List the bucket's objects, with their state and the reason",
		Args:    cobra.ExactArgs(1),
		Example: "  windlass source objects prices",
		RunE: listing[client.SourceObject]{
			head: []string{"key", "bytes", "modified", "state", "why"},
			page: ofOneIn(&prefix, (*client.Client).SourceObjects),
			row: func(o *client.SourceObject) []string {
				return []string{
					o.Key, strconv.FormatInt(o.Size, 10), o.Modified.Format(time.RFC3339),
					first(o.Outcome, objectState(o.Match)), o.Reason,
				}
			},
		}.run(conn, streams),
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "list keys with this prefix (default: the pattern's)")
	return cmd
}

// objectState describes an object that no load has seen.
func objectState(match string) string {
	if match == "matched" {
		return "new"
	}
	return strings.ReplaceAll(match, "_", " ")
}

func newSourceRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove SOURCE", Short: "Remove a source; its rows stay", Example: "  windlass source remove prices",
	}, "source", (*client.Client).SourceImpact, (*client.Client).RemoveSource)
}

func printSource(conn *connection, streams Streams, s client.Source) error {
	if conn.json {
		return printJSON(streams.Out, s)
	}
	_, err := fmt.Fprintf(streams.Out, "%s  %s\n  objects   s3://%s/%s\n  way in    %s\n  format    %s\n",
		s.ID, s.Name, s.Bucket, s.Pattern, first(s.Integration, s.Credential), s.Format.Name)
	if err != nil {
		return err
	}
	return printDialect(streams.Out, s.Dialect, false)
}
