package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// page fetches a page of a list that the arguments of a command name.
type page[T any] func(
	ctx context.Context, api *client.Client, args []string, o client.PageOptions,
) (client.Page[T], error)

// ofAll adapts a method that lists everything.
func ofAll[T any](list func(*client.Client, context.Context, client.PageOptions) (client.Page[T], error)) page[T] {
	return func(ctx context.Context, api *client.Client, _ []string, o client.PageOptions) (client.Page[T], error) {
		return list(api, ctx, o)
	}
}

// ofOne adapts a method that lists what belongs to the first argument.
func ofOne[T any](
	list func(*client.Client, context.Context, string, client.PageOptions) (client.Page[T], error),
) page[T] {
	return func(ctx context.Context, api *client.Client, args []string, o client.PageOptions) (client.Page[T], error) {
		return list(api, ctx, args[0], o)
	}
}

// ofAllIn adapts a method that lists what matches a filter.
func ofAllIn[T, F any](filter *F,
	list func(*client.Client, context.Context, F, client.PageOptions) (client.Page[T], error),
) page[T] {
	return func(ctx context.Context, api *client.Client, _ []string, o client.PageOptions) (client.Page[T], error) {
		return list(api, ctx, *filter, o)
	}
}

// ofOneIn adapts a method that lists what belongs to the first argument and matches
// a filter.
func ofOneIn[T, F any](filter *F,
	list func(*client.Client, context.Context, string, F, client.PageOptions) (client.Page[T], error),
) page[T] {
	return func(ctx context.Context, api *client.Client, args []string, o client.PageOptions) (client.Page[T], error) {
		return list(api, ctx, args[0], *filter, o)
	}
}

// listing is a list of the API, and a table of it.
type listing[T any] struct {
	head []string
	page page[T]
	row  func(*T) []string
}

// run returns the function of a command that prints every item, as a table or, with
// --json, as JSON.
func (l listing[T]) run(conn *connection, streams Streams) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		api, err := conn.client(streams)
		if err != nil {
			return err
		}
		found, err := client.Every(func(o client.PageOptions) (client.Page[T], error) {
			return l.page(cmd.Context(), api, args, o)
		})
		if err != nil {
			return err
		}
		return l.show(conn, streams, found)
	}
}

func (l listing[T]) show(conn *connection, streams Streams, found []T) error {
	if conn.json {
		return printJSON(streams.Out, found)
	}
	rows := make([][]string, len(found))
	for i := range found {
		rows[i] = l.row(&found[i])
	}
	return printTable(streams.Out, l.head, rows)
}

// onNamed completes a command that calls do with its only argument and prints the
// result.
func onNamed[T any](conn *connection, streams Streams, cmd *cobra.Command,
	do func(*client.Client, context.Context, string) (T, error), show func(*connection, Streams, *T) error,
) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		api, err := conn.client(streams)
		if err != nil {
			return err
		}
		found, err := do(api, cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return show(conn, streams, &found)
	}
	return cmd
}
