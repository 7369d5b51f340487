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

// reportPage has the data of the template.
type reportPage struct {
	Verification
	Trust, Permission string
	Counts            map[string]int
}

// WriteReport writes a verification as a self-contained HTML document for
// reviewers: the calls, their results and times, and the policies. It contains
// no secrets.
func WriteReport(w io.Writer, v Verification) error {
	documents, err := v.Subject.Documents()
	if err != nil {
		return err
	}
	page := reportPage{
		Verification: v, Trust: string(documents.Trust), Permission: string(documents.Permission),
		Counts: map[string]int{},
	}
	for _, c := range v.Checks {
		page.Counts[string(c.Status)]++
	}
	functions := template.FuncMap{"when": formatTime, "took": formatDuration, "answer": result}
	t, err := template.New("report").Funcs(functions).Parse(reportText)
	if err != nil {
		return fmt.Errorf("parsing the report's template: %w", err)
	}
	if err := t.Execute(w, &page); err != nil {
		return fmt.Errorf("writing the report of verification %s: %w", v.ID, err)
	}
	return nil
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return "still running"
	}
	return t.UTC().Format("2 January 2006, 15:04:05 UTC")
}

func formatDuration(d time.Duration) string { return d.Round(time.Millisecond).String() }

// result returns the result of a call in a few words.
func result(c Call) string {
	switch {
	case c.Status == 0:
		return "no response"
	case c.ErrorCode == "" && c.Status < 300:
		return fmt.Sprintf("%d allowed", c.Status)
	}
	return fmt.Sprintf("%d %s", c.Status, c.ErrorCode)
}
