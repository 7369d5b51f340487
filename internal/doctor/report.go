package doctor

import (
	_ "embed" // the report's template
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed report.html
var reportText string

// reportPage is what the template shows.
type reportPage struct {
	Verification
	Trust, Permission string
	Counts            map[string]int
}

// WriteReport writes one page of HTML that stands for itself, to be handed to
// who must judge the integration: what was tried, what was refused, when, and
// under which policies. It holds no secret.
func WriteReport(w io.Writer, v Verification) error {
	documents, err := v.Subject.Documents()
	if err != nil {
		return err
	}
	page := reportPage{Verification: v, Trust: string(documents.Trust), Permission: string(documents.Permission), Counts: map[string]int{}}
	for _, c := range v.Checks {
		page.Counts[string(c.Status)]++
	}
	t, err := template.New("report").Funcs(template.FuncMap{"when": when, "took": took, "answer": answer}).Parse(reportText)
	if err != nil {
		return fmt.Errorf("reading the report's template: %w", err)
	}
	if err := t.Execute(w, &page); err != nil {
		return fmt.Errorf("writing the report of verification %s: %w", v.ID, err)
	}
	return nil
}

func when(t time.Time) string {
	if t.IsZero() {
		return "still running"
	}
	return t.UTC().Format("2 January 2006, 15:04:05 UTC")
}

func took(d time.Duration) string { return d.Round(time.Millisecond).String() }

// answer is what came back of a call, in a word.
func answer(c Call) string {
	switch {
	case c.Status == 0:
		return "no answer"
	case c.ErrorCode == "" && c.Status < 300:
		return fmt.Sprintf("%d allowed", c.Status)
	}
	return fmt.Sprintf("%d %s", c.Status, c.ErrorCode)
}
