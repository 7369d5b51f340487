package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// shapeFlags has the flags for the columns of a feed's rows.
type shapeFlags struct {
	columns    []string
	rest       string
	metadata   []string
	partitions string
}

func (f *shapeFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.columns, "column", nil,
		"select, rename or type a column: 'from=Customer Name,name=customer,type=string' (repeatable); also format=,\n"+
			"and from='$.a.b[0]' for a JSON value; '' clears the list")
	flags.StringVar(&f.rest, "rest", "keep", "keep or drop the columns that no --column lists")
	flags.StringSliceVar(&f.metadata, "metadata", nil,
		"add columns with the origin of each row: object_key, row_number, last_modified, load_time, etag;\n"+
			"etag=version names one")
	flags.StringVar(&f.partitions, "partitions", "auto",
		"read name=value segments of keys as columns: auto, off, or names, such as dt,hour")
}

// given returns the settings whose flags are given.
func (f *shapeFlags) given(cmd *cobra.Command) (client.FeedColumns, error) {
	out := client.FeedColumns{Rest: set(cmd, "rest", &f.rest)}
	if cmd.Flags().Changed("column") {
		columns := []client.FeedColumn{}
		for _, text := range f.columns {
			if text == "" {
				continue
			}
			column, err := parseFeedColumn(text)
			if err != nil {
				return client.FeedColumns{}, err
			}
			columns = append(columns, column)
		}
		out.Columns = &columns
	}
	if cmd.Flags().Changed("metadata") {
		metadata := []client.FeedMetadata{}
		for _, text := range f.metadata {
			if name, as, _ := strings.Cut(text, "="); name != "" {
				metadata = append(metadata, client.FeedMetadata{Name: name, As: as})
			}
		}
		out.Metadata = &metadata
	}
	if cmd.Flags().Changed("partitions") {
		out.Partitions = &client.FeedPartitions{Mode: f.partitions}
		if f.partitions != "auto" && f.partitions != "off" {
			out.Partitions = &client.FeedPartitions{Names: strings.Split(f.partitions, ",")}
		}
	}
	return out, nil
}

// parseFeedColumn parses "from=a,name=b,type=decimal(19,2)".
func parseFeedColumn(text string) (client.FeedColumn, error) {
	column, err := shape.ParseColumn(text)
	if err != nil {
		return client.FeedColumn{}, usagef("--column %s", err)
	}
	return client.FeedColumn{
		From: column.From, Name: column.Name, Type: string(column.Type), Precision: column.Precision,
		Scale: column.Scale, Format: column.Format,
	}, nil
}

// describeColumns describes the columns of a feed in a few words.
func describeColumns(c *client.FeedColumns) (columns, metadata, partitions string) {
	var parts []string
	if c.Columns != nil {
		for _, column := range *c.Columns {
			part := column.From
			if column.Name != "" {
				part += " as " + column.Name
			}
			if column.Type != "" {
				part += " " + typeName(client.Column{Type: column.Type, Precision: column.Precision, Scale: column.Scale})
			}
			parts = append(parts, part)
		}
	}
	if c.Rest != nil && *c.Rest == "keep" {
		parts = append(parts, choice(len(parts) == 0, "all", "and the rest"))
	}
	columns, parts = strings.Join(parts, ", "), nil
	if c.Metadata != nil {
		for _, m := range *c.Metadata {
			parts = append(parts, m.Name+choice(m.As == "", "", " as "+m.As))
		}
	}
	if c.Partitions != nil {
		partitions = first(c.Partitions.Mode, strings.Join(c.Partitions.Names, ", "))
	}
	return columns, first(strings.Join(parts, ", "), "none"), partitions
}
