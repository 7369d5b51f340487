package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newIntegrationVerify(conn *connection, streams Streams) *cobra.Command {
	var quiet bool
	cmd := onIntegration("verify", "Verify that an integration opens what it should and nothing else", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			v, err := api.Verify(ctx, name, conn.json)
			if err != nil {
				return err
			}
			if conn.json {
				err = printJSON(streams.Out, v)
			} else {
				v, err = watch(ctx, api, streams, name, v.ID, quiet)
			}
			if err == nil && v.State != "verified" {
				err = errNo
			}
			return err
		})
	cmd.Long = "Verify that an integration opens what it should and nothing else. Each check makes a\nreal call to " +
		"AWS and is printed when it completes.\n\n  ✓ pass  ! warning  ✗ fail  – not tested\n\nExit status: 0 " +
		"verified, 1 not verified."
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print only failures and warnings")
	return cmd
}

// watch prints a verification while it runs.
func watch(ctx context.Context, api *client.Client, streams Streams, integration, id string,
	quiet bool,
) (client.Verification, error) {
	paint := paintFor(streams)
	printer := newCheckPrinter(streams)
	v, err := api.WatchVerification(ctx, integration, id, func(c client.Check) {
		if !quiet || c.Status == "fail" || c.Status == "warn" {
			printer.print(c)
		}
	})
	if err != nil {
		return v, err
	}
	_, err = fmt.Fprintf(streams.Out, "\n%s\n", paint.verdict(v))
	return v, err
}

func newIntegrationReport(conn *connection, streams Streams) *cobra.Command {
	var verification string
	cmd := onIntegration("report", "Print a verification as an HTML page, for a reviewer", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			if verification == "" {
				found, err := api.Verifications(ctx, name, client.PageOptions{Limit: 1})
				if err != nil {
					return err
				}
				if len(found.Items) == 0 {
					return usagef("integration %s has never been verified: run windlass integration verify "+
						"%s", name, name)
				}
				verification = found.Items[0].ID
			}
			page, err := api.VerificationReport(ctx, name, verification)
			if err != nil {
				return err
			}
			_, err = io.WriteString(streams.Out, page)
			return err
		})
	cmd.Example = "  windlass integration report acme > report.html"
	cmd.Flags().StringVar(&verification, "verification", "", "verification, by ID (default: the newest)")
	return cmd
}

// paint colours text for a terminal; the zero value leaves it plain.
type paint struct{ on bool }

// paintFor returns colors if the output is a terminal and NO_COLOR isn't set.
func paintFor(streams Streams) paint {
	file, ok := streams.Out.(*os.File)
	if !ok || streams.Getenv("NO_COLOR") != "" || streams.Getenv("TERM") == "dumb" {
		return paint{}
	}
	info, err := file.Stat()
	return paint{on: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// The colors, as terminal codes.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	grey   = "90"
)

func (p paint) in(colour, text string) string {
	if !p.on {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// mark is a check's sign.
func (p paint) mark(status string) string {
	switch status {
	case "pass":
		return p.in(green, "✓")
	case "fail":
		return p.in(red, "✗")
	case "warn":
		return p.in(yellow, "!")
	}
	return p.in(grey, "–")
}

// verdict returns the outcome of a verification.
func (p paint) verdict(v client.Verification) string {
	switch v.State {
	case "verified":
		return p.in(green, "Verified.")
	case "propagating":
		return p.in(yellow, "Not yet. ") + v.Reason + "\nWindlass will try again automatically; check again in a " +
			"minute."
	case "insecure":
		return p.in(red, "Insecure: Windlass doesn't use this role. ") + v.Reason
	}
	return p.in(red, "Not verified. ") + v.Reason
}

// checkPrinter prints checks: one line each, followed by what to do if it
// failed. A change that two checks need is only printed once.
type checkPrinter struct {
	w     io.Writer
	paint paint
	shown map[string]string // the printed changes, and the check of each
}

func newCheckPrinter(streams Streams) checkPrinter {
	return checkPrinter{w: streams.Out, paint: paintFor(streams), shown: map[string]string{}}
}

func (p checkPrinter) print(c client.Check) {
	_, _ = fmt.Fprintf(p.w, "%s %-18s %s\n", p.paint.mark(c.Status), c.Code, c.Detail)
	if c.Cause != "" {
		_, _ = fmt.Fprintf(p.w, "  %-18s Cause: %s\n", "", c.Cause)
	}
	if c.Fix == nil || c.Fix.Text == "" {
		return
	}
	_, _ = fmt.Fprintf(p.w, "  %-18s Fix: %s\n", "", c.Fix.Text)
	change := string(c.Fix.Document) + c.Fix.Command
	if at := p.shown[change]; change != "" && at != "" {
		printBlock(p.w, "(see the change printed at "+at+")")
		return
	}
	p.shown[change] = c.Code
	switch {
	case c.Fix.Diff != "":
		printBlock(p.w, c.Fix.Diff)
	case c.Fix.Document != nil && c.Fix.Where != "integration":
		printBlock(p.w, indented(c.Fix.Document))
	}
	if c.Fix.Command != "" {
		printBlock(p.w, c.Fix.Command)
	}
}

func printBlock(w io.Writer, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		_, _ = fmt.Fprintf(w, "  %-18s   %s\n", "", line)
	}
}

// indented writes a document over lines, its members in order.
func indented(document json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return string(document)
	}
	return out.String()
}
