package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newView(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "view", Short: "List and change views: stored SQL that is read like a dataset", Args: cobra.NoArgs,
	}
	conn.flags(cmd)
	cmd.AddCommand(newViewCreate(&conn, streams), newViewUpdate(&conn, streams), newViewList(&conn, streams),
		newViewGet(&conn, streams), newViewDelete(&conn, streams))
	return cmd
}

// viewFlags has the flags that create and update share.
type viewFlags struct {
	sql, file, title, description string
	parameters                    []string
	index                         client.ViewIndex
}

func (f *viewFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.sql, "sql", "", "SQL statement; - or no statement reads it from standard input")
	flags.StringVarP(&f.file, "file", "f", "", "file with the statement")
	flags.StringVar(&f.title, "title", "", "title for people")
	flags.StringVar(&f.description, "description", "", "description of the view")
	flags.StringArrayVar(&f.parameters, "param", nil, "a parameter; may be repeated: "+viewParameterHelp)
	flags.StringVar(&f.index.Key, "key", "", "column that finds rows")
	flags.StringVar(&f.index.Subkey, "subkey", "", "second column that finds rows")
	flags.StringVar(&f.index.Date, "date", "", "column that orders rows in time")
}

// statement returns the SQL of the flags, or of standard input.
func (f *viewFlags) statement(streams Streams) (string, error) {
	if f.sql != "" && f.file != "" {
		return "", usagef("the statement is given twice: with --sql and with --file")
	}
	if f.sql != "" && f.sql != "-" {
		return f.sql, nil
	}
	read := queryFlags{file: f.file}
	return read.statement(nil, streams)
}

// viewParameterHelp describes a parameter on the command line.
const viewParameterHelp = `NAME:TYPE, NAME:TYPE=DEFAULT, or NAME:TYPE,required`

// parseViewParameter parses a parameter on the command line.
func parseViewParameter(text string) (client.ViewParameter, error) {
	wrong := usagef("--param %q isn't %s", text, viewParameterHelp)
	name, rest, ok := strings.Cut(text, ":")
	if !ok || name == "" {
		return client.ViewParameter{}, wrong
	}
	p := client.ViewParameter{Name: strings.TrimPrefix(name, "$")}
	kind, value, hasDefault := strings.Cut(rest, "=")
	p.Type = kind
	if !hasDefault {
		if p.Type, p.Required = strings.CutSuffix(kind, ",required"); p.Type == "" {
			return p, wrong
		}
		return p, nil
	}
	switch kind {
	case "integer", "number", "boolean":
		p.Default = []byte(value)
	default:
		p.Default = []byte(strconv.Quote(value))
	}
	return p, nil
}

func (f *viewFlags) declared() ([]client.ViewParameter, error) {
	declared := []client.ViewParameter{}
	for _, text := range f.parameters {
		p, err := parseViewParameter(text)
		if err != nil {
			return nil, err
		}
		declared = append(declared, p)
	}
	return declared, nil
}

func newViewCreate(conn *connection, streams Streams) *cobra.Command {
	var flags viewFlags
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create a view", Args: cobra.ExactArgs(1),
		Long: `Create a view: one SELECT, WITH … SELECT or VALUES over datasets and views. It is
read like a dataset, and a token that names it reads it without its datasets.

A parameter is $NAME in the statement and p.NAME in a request. Its type is string,
integer, number, boolean, date or date-time. The API also takes bounds for it.`,
		Example: "  windlass view create closes --sql 'select symbol, date, close from prices where close > $min' \\\n" +
			"    --param min:number=0 --key symbol --date date\n" +
			"  windlass view create daily -f daily.sql",
		RunE: func(cmd *cobra.Command, args []string) error {
			draft := client.ViewDraft{
				Name: args[0], Title: flags.title, Description: flags.description, Index: flags.index,
			}
			var err error
			if draft.Parameters, err = flags.declared(); err != nil {
				return err
			}
			if draft.SQL, err = flags.statement(streams); err != nil {
				return err
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			made, err := api.CreateView(cmd.Context(), draft)
			if err != nil {
				return checkSetting(err)
			}
			if conn.json {
				return printJSON(streams.Out, made)
			}
			_, err = fmt.Fprintf(streams.Out, "Created view %s (%s) with %s.\n", made.Name, made.ID,
				counted(len(made.Columns), "column"))
			return err
		},
	}
	flags.add(cmd)
	return cmd
}

func newViewUpdate(conn *connection, streams Streams) *cobra.Command {
	var flags viewFlags
	var name string
	var force bool
	cmd := &cobra.Command{
		Use: "update VIEW", Short: "Change a view; its SQL is compiled again", Args: cobra.ExactArgs(1),
		Long: `Change a view. Other settings stay the same. --param replaces all parameters, and --key,
--subkey and --date replace the whole index. Without --force, a change that breaks views
that use it is refused.`,
		Example: "  windlass view update closes --name closing_prices\n  windlass view update daily -f daily.sql",
		RunE: func(cmd *cobra.Command, args []string) error {
			change, err := flags.change(cmd, streams)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("name") {
				change.Name = &name
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.UpdateView(cmd.Context(), args[0], change, force)
			if err != nil {
				return checkSetting(schemaHint(err))
			}
			if conn.json {
				return printJSON(streams.Out, changed)
			}
			_, err = fmt.Fprintf(streams.Out, "Updated view %s.\n", changed.Name)
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "new name")
	cmd.Flags().BoolVar(&force, "force", false, "apply the change even if it breaks views that use it")
	return cmd
}

// change returns the change that the flags describe.
func (f *viewFlags) change(cmd *cobra.Command, streams Streams) (change client.ViewChange, err error) {
	changed := cmd.Flags().Changed
	if changed("title") {
		change.Title = &f.title
	}
	if changed("description") {
		change.Description = &f.description
	}
	if changed("key") || changed("subkey") || changed("date") {
		change.Index = &f.index
	}
	if changed("param") {
		declared, err := f.declared()
		if err != nil {
			return change, err
		}
		change.Parameters = &declared
	}
	if changed("sql") || changed("file") {
		text, err := f.statement(streams)
		if err != nil {
			return change, err
		}
		change.SQL = &text
	}
	return change, nil
}

func newViewList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List views", Args: cobra.NoArgs, Example: "  windlass view list",
		RunE: listing[client.View]{
			head: []string{"name", "parameters", "columns", "state", "id"},
			page: ofAll((*client.Client).Views),
			row: func(v *client.View) []string {
				state := "ok"
				if v.Broken != "" {
					state = "broken"
				}
				return []string{v.Name, parametersOf(v), strconv.Itoa(len(v.Columns)), state, v.ID}
			},
		}.run(conn, streams),
	}
}

func parametersOf(v *client.View) string {
	names := make([]string, len(v.Parameters))
	for i, p := range v.Parameters {
		names[i] = p.Name
	}
	return first(strings.Join(names, " "), "-")
}

func newViewGet(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "get VIEW", Short: "Show a view's SQL, parameters and columns", Args: cobra.ExactArgs(1),
		Long:    "Show a view's SQL, parameters and columns. windlass dataset get reads its rows.",
		Example: "  windlass view get closes",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			v, err := api.View(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, v)
			}
			return printView(streams.Out, &v)
		},
	}
}

func printView(out io.Writer, v *client.View) error {
	_, _ = fmt.Fprintf(out, "%s  %s\n  index  %s\n", v.ID, v.Name,
		indexOf(client.Index{Key: v.Index.Key, Subkey: v.Index.Subkey, Date: v.Index.Date}))
	if v.Broken != "" {
		_, _ = fmt.Fprintf(out, "  broken  %s\n", v.Broken)
	}
	if v.SQL != "" {
		_, _ = fmt.Fprintf(out, "\n%s\n", strings.TrimRight(v.SQL, "\n"))
	}
	if len(v.Parameters) > 0 {
		_, _ = fmt.Fprintln(out)
		rows := make([][]string, len(v.Parameters))
		for i, p := range v.Parameters {
			value := string(p.Default)
			if p.Required {
				value = "required"
			}
			rows[i] = []string{"p." + p.Name, p.Type, first(value, "null"), p.Description}
		}
		if err := printTable(out, []string{"parameter", "type", "default", ""}, rows); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(out)
	rows := make([][]string, len(v.Columns))
	for i, c := range v.Columns {
		rows[i] = []string{c.Name, c.Type}
	}
	return printTable(out, []string{"column", "type"}, rows)
}

func newViewDelete(conn *connection, streams Streams) *cobra.Command {
	act := func(api *client.Client, ctx context.Context, name, confirm string) error {
		err := api.RemoveView(ctx, name, confirm)
		if err != nil || conn.json {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "Deleted view %s.\n", name)
		return err
	}
	return newRemove(conn, streams, &cobra.Command{
		Use: "delete VIEW", Short: "Delete a view",
		Example: "  windlass view delete closes\n  windlass view delete closes --yes",
	}, "view", (*client.Client).ViewImpact, act)
}
