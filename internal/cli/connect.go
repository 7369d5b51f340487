package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// connection has the address and token of a client command's server. Flags
// take precedence over the environment, and that over
// ~/.config/windlass/config.toml (members url, token, workspace).
type connection struct {
	url, workspace string
	json           bool
	insecure       bool // a token may go over plain HTTP
}

// flags adds the flags that every client command has. There is none for the
// token, because every process can see command lines.
func (c *connection) flags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVar(&c.url, "url", "", "address of the server (WINDLASS_URL; default http://127.0.0.1:8080)")
	flags.StringVarP(&c.workspace, "workspace", "w", "", "workspace, by name or ID (WINDLASS_WORKSPACE)")
	flags.BoolVar(&c.json, "json", false, "print JSON")
	insecureFlag(flags, &c.insecure)
}

// client returns the client, with the token from WINDLASS_TOKEN or the file.
func (c *connection) client(streams Streams) (*client.Client, error) {
	saved, err := readClientFile(streams.Getenv)
	if err != nil {
		return nil, err
	}
	address := c.addressIn(streams, saved)
	token := first(streams.Getenv("WINDLASS_TOKEN"), saved.Token)
	workspace := first(c.workspace, streams.Getenv("WINDLASS_WORKSPACE"), saved.Workspace)
	if token == "" {
		session, err := readSession(streams.Getenv)
		if err != nil {
			return nil, err
		}
		if c.url == "" && streams.Getenv("WINDLASS_URL") == "" && saved.URL == "" && session.url != "" {
			address = session.url
		}
		if session.url == address {
			token, workspace = session.token, first(workspace, session.workspace)
		}
	}
	if token == "" {
		return nil, usagef("no token: run windlass login, or set WINDLASS_TOKEN, or token in %s",
			clientFile(streams.Getenv))
	}
	if workspace == "" {
		return nil, usagef("no workspace: use --workspace or set WINDLASS_WORKSPACE")
	}
	if err := secured(address, c.insecure, streams); err != nil {
		return nil, err
	}
	made, err := client.New(client.Config{URL: address, Token: token, Workspace: workspace})
	if err != nil {
		return nil, usageError{err}
	}
	return made, nil
}

// address returns the address of the server.
func (c *connection) address(streams Streams) (string, error) {
	saved, err := readClientFile(streams.Getenv)
	if err != nil {
		return "", err
	}
	return c.addressIn(streams, saved), nil
}

func (c *connection) addressIn(streams Streams, saved savedConnection) string {
	return first(c.url, streams.Getenv("WINDLASS_URL"), saved.URL, "http://127.0.0.1:8080")
}

func clientFile(getenv func(string) string) string {
	folder := getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(getenv("HOME"), ".config")
	}
	return filepath.Join(folder, "windlass", "config.toml")
}

// savedConnection is the client's file.
type savedConnection struct {
	URL       string `toml:"url"`
	Token     string `toml:"token"`
	Workspace string `toml:"workspace"`
}

// readClientFile reads the client's file; without one it returns no values.
func readClientFile(getenv func(string) string) (savedConnection, error) {
	var saved savedConnection
	name := clientFile(getenv)
	text, err := os.ReadFile(name) //nolint:gosec // the person's own file
	if errors.Is(err, fs.ErrNotExist) {
		return saved, nil
	}
	if err == nil {
		err = toml.Unmarshal(text, &saved)
	}
	if err != nil {
		return saved, usagef("reading %s: %w", name, err)
	}
	return saved, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
