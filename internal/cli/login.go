package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newLogin(streams Streams) *cobra.Command {
	var conn connection
	var device bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in as yourself, through the console",
		Long: `Sign in as yourself, through the console.

It opens a page in your browser, which shows what you allow; approve it there. On a
machine without a browser use --device: it prints an address and a code. Open the
address in a browser on any machine, check that the code is the same, and approve it.

The session lasts 7 days, and ends after 24 hours without use. Its token is saved in
~/.config/windlass/session, which only you can read; WINDLASS_TOKEN and a token in
config.toml override it.

Some things only people can do: manage members, create sign-in links, and change or
adopt tokens. Making an owner, setting a password, and creating a token that manages or
reads the audit need a sign-in within the last 10 minutes.`,
		Example: "  windlass login\n  windlass login --url https://windlass.example.com\n  windlass login --device",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, err := conn.address(streams)
			if err != nil {
				return err
			}
			return logIn(cmd.Context(), streams, &conn, address, device)
		},
	}
	conn.flags(cmd)
	cmd.Flags().BoolVar(&device, "device", false, "approve a code in a browser on any machine")
	return cmd
}

func logIn(ctx context.Context, streams Streams, conn *connection, address string, device bool) error {
	if err := secured(address, conn.insecure, streams); err != nil { // the response has a token
		return err
	}
	api, err := client.New(client.Config{URL: address})
	if err != nil {
		return usageError{err}
	}
	host, _ := os.Hostname() // an unknown name is no reason to fail
	way := logInByBrowser
	if device {
		way = logInByDevice
	}
	session, err := way(ctx, streams, api, address, host)
	if err != nil {
		return err
	}
	if err := saveSession(streams, address, session); err != nil {
		return err
	}
	if conn.json {
		return printJSON(streams.Out, map[string]any{
			"member": session.Member, "workspace": session.Workspace, "expires_at": session.ExpiresAt,
			"file": sessionFile(streams.Getenv),
		})
	}
	_, err = fmt.Fprintf(streams.Out, "Signed in as %s until %s.\n", session.Member, session.ExpiresAt.Local().
		Format("2 January 15:04"))
	return err
}

// logInByDevice signs in through a browser on any machine.
func logInByDevice(ctx context.Context, streams Streams, api *client.Client, _,
	host string,
) (client.LoginSession, error) {
	started, err := api.StartLogin(ctx, host)
	if err != nil {
		return client.LoginSession{}, err
	}
	if _, err := fmt.Fprintf(streams.Err, "Open this address and approve the code %s:\n\n  %s\n\nWaiting …\n",
		started.Code, started.URL); err != nil {
		return client.LoginSession{}, err
	}
	return waitForLogin(ctx, api, started)
}

// waitForLogin redeems the sign-in as soon as a person approved it.
func waitForLogin(ctx context.Context, api *client.Client, started client.LoginStarted) (client.LoginSession, error) {
	interval := time.Duration(max(1, started.IntervalSeconds)) * time.Second
	for {
		session, err := api.RedeemLogin(ctx, started.Device)
		if !client.IsCode(err, "conflict") {
			return session, err
		}
		select {
		case <-ctx.Done():
			return client.LoginSession{}, ctx.Err()
		case <-time.After(interval):
		}
	}
}

func newLogout(streams Streams) *cobra.Command {
	var insecure bool
	cmd := &cobra.Command{
		Use: "logout", Short: "End the session of windlass login", Args: cobra.NoArgs,
		Example: "  windlass logout",
		RunE: func(cmd *cobra.Command, _ []string) error {
			saved, err := readSession(streams.Getenv)
			if err != nil {
				return err
			}
			if saved.token == "" {
				_, err := fmt.Fprintln(streams.Out, "You aren't signed in.")
				return err
			}
			if err := secured(saved.url, insecure, streams); err != nil {
				return err
			}
			api, err := client.New(client.Config{URL: saved.url, Token: saved.token, Workspace: saved.workspace})
			if err != nil {
				return usageError{err}
			}
			if err := api.RevokeWhoami(cmd.Context()); err != nil && !client.IsCode(err, "unauthenticated") {
				return err
			}
			if err := os.Remove(sessionFile(streams.Getenv)); err != nil {
				return fmt.Errorf("removing the saved session: %w", err)
			}
			_, err = fmt.Fprintln(streams.Out, "Signed out.")
			return err
		},
	}
	insecureFlag(cmd.Flags(), &insecure)
	return cmd
}

// savedSession is a session of windlass login. It is only sent to its own
// server.
type savedSession struct{ url, workspace, token string }

func sessionFile(getenv func(string) string) string {
	return filepath.Join(filepath.Dir(clientFile(getenv)), "session")
}

func saveSession(streams Streams, address string, session client.LoginSession) error {
	name := sessionFile(streams.Getenv)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("making the folder of the session: %w", err)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) { // a new file has the right mode
		return fmt.Errorf("removing the previous session: %w", err)
	}
	text := strings.Join([]string{address, session.Workspace, session.Token}, "\n") + "\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return fmt.Errorf("saving the session: %w", err)
	}
	return nil
}

// readSession returns the saved session; the zero value if there is none.
func readSession(getenv func(string) string) (savedSession, error) {
	name := sessionFile(getenv)
	text, err := os.ReadFile(name) //nolint:gosec // G304: the user's own file
	if errors.Is(err, os.ErrNotExist) {
		return savedSession{}, nil
	}
	if err != nil {
		return savedSession{}, usagef("reading %s: %w", name, err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 {
		return savedSession{}, usagef("the session in %s is damaged: run windlass login again", name)
	}
	return savedSession{lines[0], lines[1], lines[2]}, nil
}
