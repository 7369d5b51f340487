package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/impact"
)

// confirmation confirms a destructive command: by --yes, or by asking on a
// terminal.
type confirmation struct{ yes bool }

func (c *confirmation) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&c.yes, "yes", "y", false, "confirm without a prompt")
}

// destroy runs a destructive action: it gets the impact, asks for a confirmation
// if one is needed, and calls act with the name to confirm. An example of
// question is "Remove the source prices?".
func (c *confirmation) destroy(ctx context.Context, conn *connection, streams Streams, question string,
	measure func(context.Context) (client.Impact, error), act func(ctx context.Context, confirm string) error,
) error {
	measured, err := measure(ctx)
	if err != nil {
		return err
	}
	if err := c.ask(conn, streams, question, measured); err != nil {
		return err
	}
	return act(ctx, measured.Confirm)
}

// ask returns nil if the action is confirmed.
func (c *confirmation) ask(conn *connection, streams Streams, question string, measured client.Impact) error {
	effect := describe(measured)
	if c.yes || effect.Harmless() {
		return nil
	}
	if conn.json {
		if err := printJSON(streams.Out, measured); err != nil {
			return err
		}
		return unconfirmed()
	}
	_, _ = fmt.Fprintln(streams.Err, question)
	printImpact(streams.Err, effect)
	if !isTerminal(streams) {
		return unconfirmed()
	}
	want, prompt := "y", "Type y to confirm: "
	if effect.Deletes.Rows > 0 {
		want, prompt = effect.Confirm, fmt.Sprintf("Type %s to confirm: ", effect.Confirm)
	}
	return c.readAnswer(streams, want, prompt)
}

// askPlainly asks on a terminal whether to do what a flag already says, unless --yes is
// set.
func (c *confirmation) askPlainly(streams Streams, question string) error {
	if c.yes || !isTerminal(streams) {
		return nil
	}
	_, _ = fmt.Fprintln(streams.Err, question)
	return c.readAnswer(streams, "y", "Type y to confirm: ")
}

// readAnswer asks for a text on the terminal.
func (c *confirmation) readAnswer(streams Streams, want, prompt string) error {
	_, _ = fmt.Fprint(streams.Err, prompt)
	line, err := bufio.NewReader(io.LimitReader(streams.In, 4096)).ReadString('\n')
	if err != nil && line == "" {
		_, _ = fmt.Fprintln(streams.Err)
		return unconfirmed()
	}
	if answer := strings.TrimSpace(line); answer != want && (want != "y" || answer != "yes") {
		_, _ = fmt.Fprintln(streams.Err, "Nothing was changed.")
		return errNo
	}
	return nil
}

func unconfirmed() error {
	return usagef("confirmation required; nothing was changed. Add --yes to confirm")
}

// describe converts an impact to package impact's type, which words it.
func describe(measured client.Impact) *impact.Impact {
	effect := &impact.Impact{Confirm: measured.Confirm, Deletes: impact.Deletes(measured.Deletes), Undo: measured.Undo}
	for _, s := range measured.Stops {
		effect.Stops = append(effect.Stops, impact.Stop(s))
	}
	return effect
}

// printImpact writes what stops and what is deleted, with one line per thing.
func printImpact(w io.Writer, effect *impact.Impact) {
	_, _ = fmt.Fprintln(w, effect.Summary())
	for _, s := range effect.Stops {
		id, used := "", ""
		if s.ID != s.Name {
			id = "  " + s.ID
		}
		if s.Kind == "token" {
			used = "  last used " + moment(s.LastUsed, "never")
		}
		_, _ = fmt.Fprintf(w, "  %s %s%s%s\n", impact.Noun(s.Kind), s.Name, id, used)
	}
	if effect.Undo != "" {
		_, _ = fmt.Fprintf(w, "You can restore it for %s.\n", undoTime(effect.Undo))
	} else {
		_, _ = fmt.Fprintln(w, "This can't be undone.")
	}
}

// undoTime writes "24h" as "24 hours".
func undoTime(text string) string {
	if lasts, err := time.ParseDuration(text); err == nil && lasts%time.Hour == 0 {
		return fmt.Sprintf("%d hours", lasts/time.Hour)
	}
	return text
}

// isTerminal reports whether a person can be asked.
func isTerminal(streams Streams) bool {
	if streams.Terminal != nil {
		return streams.Terminal()
	}
	in, ok := streams.In.(*os.File)
	if !ok {
		return false
	}
	info, err := in.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// newRemove completes a command that removes or revokes the thing that its
// argument names.
func newRemove(conn *connection, streams Streams, cmd *cobra.Command, noun string,
	measure func(*client.Client, context.Context, string) (client.Impact, error),
	act func(api *client.Client, ctx context.Context, name, confirm string) error,
) *cobra.Command {
	var confirmed confirmation
	verb, _, _ := strings.Cut(cmd.Use, " ")
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		api, err := conn.client(streams)
		if err != nil {
			return err
		}
		question := fmt.Sprintf("%s the %s %s?", strings.ToUpper(verb[:1])+verb[1:], noun, args[0])
		return confirmed.destroy(cmd.Context(), conn, streams, question,
			func(ctx context.Context) (client.Impact, error) { return measure(api, ctx, args[0]) },
			func(ctx context.Context, confirm string) error { return act(api, ctx, args[0], confirm) })
	}
	confirmed.flags(cmd)
	return cmd
}
