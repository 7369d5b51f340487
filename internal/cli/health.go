package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

// healthTime limits how long a service may take to report its health.
const healthTime = 5 * time.Second

func newHealth(streams Streams) *cobra.Command {
	var state stateFlags
	cmd := &cobra.Command{
		Use: "health", Short: "Check whether the service on this machine is ready",
		Long: `Check whether the service on this machine is ready, at its admin listener, or at
its address if the admin listener is off.

Exit status: 0 ready or degraded, 1 not ready or no response.`,
		Example: "  windlass health\n  windlass health --json",
		Args:    cobra.NoArgs,
	}
	state.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := state.open(cmd, streams)
		if err != nil {
			return err
		}
		ready, text, err := askHealth(cmd.Context(), &cfg.Settings)
		if err != nil { // a container's health check expects 0 or 1
			printError(streams.Err, err)
			return errNo
		}
		if err := printHealth(streams.Out, text, state.json); err != nil {
			return err
		}
		if !ready {
			return errNo
		}
		return nil
	}
	return cmd
}

// askHealth returns the service's report, and whether it is ready.
func askHealth(ctx context.Context, settings *config.Config) (ready bool, report []byte, err error) {
	listen := settings.AdminAddress()
	if listen == "" {
		listen = settings.Listen
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	client, address := clientOf(listen, listen == settings.Listen && settings.OwnTLS())
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return false, nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return false, nil, problem.Wrap(err, problem.Unavailable, "The service doesn't respond at %s.", listen).
			WithHint("Start it, or set admin_listen to the value that windlass serve uses.")
	}
	defer response.Body.Close()
	report, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return response.StatusCode == http.StatusOK, report, err
}

// clientOf returns a client of a service that listens on an address of this machine.
// Its certificate isn't verified: it is for the service's public name.
func clientOf(listen string, https bool) (client *http.Client, address string) {
	transport := &http.Transport{}
	client = &http.Client{Transport: transport}
	if path, ok := strings.CutPrefix(listen, config.UnixPrefix); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
		return client, "http://localhost"
	}
	if port, ok := config.OnAllAddresses(listen); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialLoopback(ctx, port)
		}
		listen = net.JoinHostPort("localhost", port)
	}
	if https {
		transport.TLSClientConfig = localTLS()
		return client, "https://" + listen
	}
	return client, "http://" + listen
}

// dialLoopback connects to a port of this machine by address: a container may have no
// file that says what localhost is.
func dialLoopback(ctx context.Context, port string) (net.Conn, error) {
	dialer := &net.Dialer{}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort("::1", port))
	}
	return conn, err
}

func printHealth(out io.Writer, report []byte, asJSON bool) error {
	if asJSON {
		_, err := out.Write(report)
		return err
	}
	var health struct {
		Status, Node, Version string
		Checks                []struct{ Name, Status, Fault, Detail string }
	}
	if err := json.Unmarshal(report, &health); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The response isn't from a Windlass service of this release.")
	}
	if _, err := fmt.Fprintf(out, "%s: node %s, version %s\n", health.Status, health.Node, health.Version); err != nil {
		return err
	}
	rows := make([][]string, len(health.Checks))
	for i, c := range health.Checks {
		rows[i] = []string{c.Name, c.Status, first(c.Fault, c.Detail)}
	}
	return printTable(out, []string{"check", "status", "fault"}, rows)
}

// localTLS accepts the certificate of a service on this machine, which is valid
// for its public name. Only the health is requested, without a token.
func localTLS() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true} //nolint:gosec // see above
}
