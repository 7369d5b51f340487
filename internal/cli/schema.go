package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

func newDatasetSchema(conn *connection, streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "schema", Short: "Show and change the columns and the index of a dataset", Args: cobra.NoArgs,
		Long: "Show and change the columns and the index of a dataset, with or without rows. --dry-run shows what a\n" +
			"change would do.",
	}
	cmd.AddCommand(newSchemaShow(conn, streams), newSchemaSet(conn, streams), newSchemaAdd(conn, streams),
		newSchemaDrop(conn, streams), newSchemaRename(conn, streams), newSchemaIndex(conn, streams),
		newSchemaChanges(conn, streams))
	return invalidIsUsage(cmd)
}

func newSchemaShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show DATASET", Short: "Show the columns, the index and the version of a schema", Args: cobra.ExactArgs(1),
		Example: "  windlass dataset schema show prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			d, err := api.Dataset(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, map[string]any{
					"version": d.Version, "columns": d.Columns,
					"index": d.Index,
				})
			}
			_, _ = fmt.Fprintf(streams.Out, "%s  version %d\n  index  %s\n\n", d.Name, d.Version, indexOf(d.Index))
			rows := make([][]string, len(d.Columns))
			for i, c := range d.Columns {
				rows[i] = []string{
					c.Name, typeName(c), c.Format, choice(c.Declared, "declared", "guessed"),
					choice(c.Required, "required", ""), choice(c.AllowNull, "", "not null"), strings.Join(c.From, ", "),
				}
			}
			return printTable(streams.Out, []string{"column", "type", "format", "", "", "", "from"}, rows)
		},
	}
}

func typeName(c client.Column) string {
	if c.Type == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	}
	return c.Type
}

func choice(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// typeFlag is a type as people write it, "decimal(19,2)" for a decimal.
type typeFlag struct {
	name             string
	precision, scale int
}

// parseType parses a type. It leaves unknown names to the service.
func parseType(text string) (typeFlag, error) {
	inside, ok := strings.CutPrefix(text, "decimal(")
	if !ok {
		return typeFlag{name: text}, nil
	}
	precision, scale, _ := strings.Cut(strings.TrimSuffix(inside, ")"), ",")
	t := typeFlag{name: "decimal"}
	var err error
	if t.precision, err = strconv.Atoi(strings.TrimSpace(precision)); err == nil && scale != "" {
		t.scale, err = strconv.Atoi(strings.TrimSpace(scale))
	}
	if err != nil || !strings.HasSuffix(text, ")") {
		return t, usagef("invalid type %q: write a decimal like decimal(19,2)", text)
	}
	return t, nil
}

// columnFlags has the flags of a column's settings.
type columnFlags struct {
	typ, format, description      string
	required, allowNull, declared bool
}

func (f *columnFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.typ, "type", "",
		"string, integer, decimal(19,2), number, boolean, date, date-time, object, array or any")
	flags.StringVar(&f.format, "format", "", "how files write a date or number, such as DD.MM.YYYY or 1.234,5")
	flags.StringVar(&f.description, "description", "", "description of the column")
	flags.BoolVar(&f.required, "required", false, "reject rows without it")
	flags.BoolVar(&f.allowNull, "allow-null", true, "keep nulls; false rejects their rows")
}

func newSchemaSet(conn *connection, streams Streams) *cobra.Command {
	var f columnFlags
	var a schemaApply
	cmd := &cobra.Command{
		Use: "set DATASET COLUMN", Short: "Set the type, format, description or rules of a column",
		Long: "Set the type, format, description or rules of a column. Setting the type declares the column: it " +
			"never\n" +
			"widens, and values that don't fit are rejected. --declared=false makes it a guess again.",
		Example: "  windlass dataset schema set prices price --type 'decimal(19,2)' --dry-run\n" +
			"  windlass dataset schema set prices price --type 'decimal(19,2)' --apply convert\n" +
			"  windlass dataset schema set prices day --type date --format D.M.YYYY --apply convert --accept-loss",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.set(cmd.Flags(), args[1])
			if err != nil {
				return err
			}
			return a.run(cmd.Context(), conn, streams, args[0], false, o)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.declared, "declared", true, "whether the type is fixed; false lets later loads widen it")
	a.flags(cmd.Flags())
	return cmd
}

// set returns the operation with the given settings.
func (f *columnFlags) set(flags *pflag.FlagSet, column string) (client.SchemaOperation, error) {
	o := client.SchemaOperation{Op: "set", Name: column}
	t, err := parseType(f.typ)
	if err != nil {
		return o, err
	}
	if flags.Changed("type") {
		o.Type = &t.name
		if t.precision > 0 {
			o.Precision, o.Scale = &t.precision, &t.scale
		}
	}
	given(flags, "format", &o.Format, &f.format)
	given(flags, "description", &o.Description, &f.description)
	given(flags, "required", &o.Required, &f.required)
	given(flags, "allow-null", &o.AllowNull, &f.allowNull)
	given(flags, "declared", &o.Declared, &f.declared)
	return o, nil
}

func given[T any](flags *pflag.FlagSet, name string, to **T, value *T) {
	if flags.Changed(name) {
		*to = value
	}
}

func newSchemaAdd(conn *connection, streams Streams) *cobra.Command {
	var f columnFlags
	var preset string
	var a schemaApply
	cmd := &cobra.Command{
		Use: "add DATASET COLUMN", Short: "Add a column",
		Long: "Add a column. Existing rows get the default, or null without one.",
		Example: "  windlass dataset schema add prices venue --type string\n" +
			"  windlass dataset schema add prices tax --type 'decimal(9,2)' --required --default 0 --apply convert",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := parseType(f.typ)
			if err != nil {
				return err
			}
			c := &client.NewColumn{
				Name: args[1], Type: t.name, Precision: t.precision, Scale: t.scale, Format: f.format,
				Required: f.required, Description: f.description,
			}
			given(cmd.Flags(), "allow-null", &c.AllowNull, &f.allowNull)
			given(cmd.Flags(), "default", &c.Default, &preset)
			return a.run(cmd.Context(), conn, streams, args[0], false, client.SchemaOperation{Op: "add", Column: c})
		},
	}
	f.add(cmd.Flags())
	_ = cmd.MarkFlagRequired("type")
	cmd.Flags().StringVar(&preset, "default", "", "value for existing rows")
	a.flags(cmd.Flags())
	return cmd
}

func newSchemaDrop(conn *connection, streams Streams) *cobra.Command {
	var a schemaApply
	cmd := &cobra.Command{
		Use: "drop DATASET COLUMN...", Short: "Drop columns with their values",
		Long:    "Drop columns with their values. Files may still have them; loads then ignore them.",
		Example: "  windlass dataset schema drop prices old_price --yes",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var operations []client.SchemaOperation
			for _, name := range args[1:] {
				operations = append(operations, client.SchemaOperation{Op: "drop", Name: name})
			}
			return a.run(cmd.Context(), conn, streams, args[0], true, operations...)
		},
	}
	a.flags(cmd.Flags())
	return cmd
}

func newSchemaRename(conn *connection, streams Streams) *cobra.Command {
	var a schemaApply
	cmd := &cobra.Command{
		Use: "rename DATASET COLUMN NAME", Short: "Rename a column; files may still use the old name",
		Example: "  windlass dataset schema rename customers 'Customer Name' customer",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), conn, streams, args[0], false,
				client.SchemaOperation{Op: "rename", Name: args[1], To: args[2]})
		},
	}
	a.flags(cmd.Flags())
	return cmd
}

func newSchemaIndex(conn *connection, streams Streams) *cobra.Command {
	o := client.SchemaOperation{Op: "index"}
	var suggested bool
	var a schemaApply
	cmd := &cobra.Command{
		Use: "index DATASET", Short: "Declare the index",
		Long: "Declare the index. With --unique, rows with equal index values are duplicates, and only one is " +
			"kept. --suggested\n" +
			"declares the index that the rows suggest.",
		Example: "  windlass dataset schema index prices --suggested\n" +
			"  windlass dataset schema index prices --key symbol --date day --unique --keep last --dry-run",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if suggested {
				if err := suggestedIndex(cmd.Context(), conn, streams, args[0], &o); err != nil {
					return err
				}
			} else if o.Key == "" && o.Subkey == "" && o.Date == "" {
				return usagef("name the columns of the index with --key, --subkey and --date, or use --suggested")
			}
			return a.run(cmd.Context(), conn, streams, args[0], false, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Key, "key", "", "column that finds rows")
	flags.StringVar(&o.Subkey, "subkey", "", "second column")
	flags.StringVar(&o.Date, "date", "", "column with the date")
	flags.BoolVar(&o.Unique, "unique", false, "rows with equal index values are duplicates")
	flags.StringVar(&o.Keep, "keep", "", "duplicate to keep: first or last (loaded)")
	flags.BoolVar(&suggested, "suggested", false, "declare the index that the rows suggest")
	for _, name := range []string{"key", "subkey", "date", "unique"} {
		cmd.MarkFlagsMutuallyExclusive("suggested", name)
	}
	a.flags(flags)
	return cmd
}

func newSchemaChanges(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "changes DATASET", Short: "List the changes of a schema, newest first", Args: cobra.ExactArgs(1),
		Example: "  windlass dataset schema changes prices",
		RunE: listing[client.SchemaChange]{
			head: []string{"at", "version", "change", "rejected", "load"},
			page: ofOne((*client.Client).SchemaChanges),
			row: func(c *client.SchemaChange) []string {
				return []string{
					moment(c.At, ""), strconv.FormatInt(c.Version, 10), operationsOf(c.Operations),
					strconv.FormatInt(c.Rejected, 10), c.Load,
				}
			},
		}.run(conn, streams),
	}
}

// operationsOf describes operations in a line.
func operationsOf(operations []client.SchemaOperation) string {
	parts := make([]string, len(operations))
	for i, o := range operations {
		parts[i] = o.Op + " " + first(o.Name, o.Key, o.Date)
		if o.Column != nil {
			parts[i] = o.Op + " " + o.Column.Name
		}
		if o.To != "" {
			parts[i] += " to " + o.To
		}
	}
	return strings.Join(parts, ", ")
}
