package logs

import (
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/door"
)

// chainView shows the result of verifying the chain of entries.
type chainView struct {
	Tone, Icon, Headline, Text string
	Head                       string // of the valid part, for people to write down
}

// auditVerify verifies the chain, and shows the log with the result.
func (h *Handlers) auditVerify(w http.ResponseWriter, v *shell.Visit) error {
	report, err := h.Audit.Verify(v.Context(), v.Actor, v.Workspace, audit.Head{})
	if err != nil {
		return err
	}
	return h.showAudit(w, v, viewChain(report))
}

func viewChain(report audit.Report) *chainView {
	entries := page.Plural(int(report.Entries), "entry", "entries")
	if report.Break != nil {
		return &chainView{
			Tone: "bad", Icon: "shield-alert", Head: report.Head.String(),
			Headline: fmt.Sprintf("The chain is broken at entry %d", report.Break.Seq),
			Text: report.Break.Reason + " Before it, " + entries +
				" are intact. Compare with an earlier export.",
		}
	}
	if n := len(report.Missing); n > 0 {
		return &chainView{
			Tone: "warn", Icon: "shield-alert", Head: report.Head.String(),
			Headline: "The readable part of the chain is intact",
			Text: page.Plural(n, "archive file is missing, and its entries", "archive files are missing, and their entries") +
				" weren’t read: " + report.Missing[0] + ". Restore the files to the archive folder to verify all " +
				"entries.",
		}
	}
	return &chainView{
		Tone: "good", Icon: "shield-check", Head: report.Head.String(), Headline: "The chain is intact: " + entries,
		Text: "No entry was changed, removed or inserted. Note down the head: with it, a later verification can " +
			"prove that the end wasn’t cut off and rewritten.",
	}
}

// auditExport serves the whole chain as JSON Lines. A truncated file doesn't
// match the head in its name.
func (h *Handlers) auditExport(w http.ResponseWriter, v *shell.Visit) error {
	export, err := h.Audit.Export(v.Context(), v.Actor, v.Workspace)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="audit-%d-%s.jsonl"`, export.Head.Seq,
		export.Head.Hash))
	if err := export.Write(v.Context(), w); err != nil {
		h.Logger().ErrorContext(v.Context(), "audit export broke off", "request_id", door.From(v.Context()).ID,
			"cause", err)
	}
	return nil
}
