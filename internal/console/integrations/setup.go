package integrations

import (
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// setupDocument is one of the formats in which an integration is set up.
type setupDocument struct {
	Format   string // "json", "cli", "terraform", "cloudformation", "console"
	Name     string // of the tab
	Parts    []page.Code
	Steps    []setupStep // for "console"
	Missing  string      // why there is no document yet
	Current  bool
	Download string // path
	Notes    []string
	Launch   *launchView // for "cloudformation", while the role isn't known
}

// launchView leads to CloudFormation in AWS's console.
type launchView struct {
	URL    string
	Filled bool // the form there is filled in; else the template must be uploaded there
}

// setupStep is a numbered step in the AWS console, with the document that is
// pasted in it, if any.
type setupStep struct {
	Text template.HTML
	Code string
}

// setup writes the documents of the chosen tab, or of the first if none is chosen.
func (h *Handlers) setup(v *shell.Visit, i integration.Integration, chosen string) ([]setupDocument, error) {
	beside, formats := h.Integrations.Beside(&i), view.SetupFormats
	if beside.Elsewhere {
		formats = formats[:len(formats)-1] // CloudFormation doesn't exist there
	}
	tabs := make([]setupDocument, len(formats))
	current := 0
	for n, f := range formats {
		tabs[n] = setupDocument{Format: string(f.Format), Name: f.Name}
		if tabs[n].Format == chosen {
			current = n
		}
	}
	tab, format := &tabs[current], formats[current].Format
	tab.Current = true
	if len(i.Locations) == 0 {
		tab.Missing = "Declare its buckets and prefixes, and the documents appear here."
		return tabs, nil
	}
	tab.Download = view.IntegrationPath(i.ID) + "/setup/" + tab.Format
	if tab.Notes = beside.Notes; format == aws.Console {
		tab.Notes = nil // they are the first step
	}
	if format == aws.CloudFormation && beside.LaunchURL != "" {
		tab.Launch = &launchView{beside.LaunchURL, beside.Filled}
	}
	if format == aws.JSON && !beside.Elsewhere {
		documents, err := i.Documents()
		if err != nil {
			return nil, err
		}
		tab.Parts = []page.Code{
			{ID: "setup-trust", Label: "Trust policy", Language: "json", Text: string(documents.Trust)},
			{ID: "setup-permission", Label: "Permission policy", Language: "json", Text: string(documents.Permission)},
		}
		return tabs, nil
	}
	text, err := h.Integrations.Setup(v.Context(), v.Actor, v.Workspace, i.ID, format)
	if err != nil {
		return nil, err
	}
	if format == aws.Console {
		tab.Steps = setupSteps(text)
	} else {
		tab.Parts = []page.Code{{ID: "setup-text", Label: tab.Name, Language: formats[current].Language, Text: text}}
	}
	return tabs, nil
}

// integrationSetup returns a setup document as a file.
func (h *Handlers) integrationSetup(w http.ResponseWriter, v *shell.Visit) error {
	for _, f := range view.SetupFormats {
		if string(f.Format) != v.PathValue("format") {
			continue
		}
		text, err := h.Integrations.Setup(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), f.Format)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="windlass-setup.`+f.Ending+`"`)
		_, err = w.Write([]byte(text))
		return err
	}
	return problem.New(problem.NotFound, "There is no setup document in this format.")
}

var (
	stepNumber = regexp.MustCompile(`(?m)^[0-9]+\. `)
	stepFence  = regexp.MustCompile("(?s)\n\\s*```[a-z]*\n(.*?)\n\\s*```")
	stepBold   = regexp.MustCompile(`\*\*(.+?)\*\*`)
	stepCode   = regexp.MustCompile("`(.+?)`")
)

// setupSteps parses the numbered steps that package setup writes: bold words, code,
// and a fenced document in a step.
func setupSteps(text string) []setupStep {
	var steps []setupStep
	for _, part := range stepNumber.Split(text, -1) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		var step setupStep
		if m := stepFence.FindStringSubmatchIndex(part); m != nil {
			step.Code = outdent(part[m[2]:m[3]])
			part = part[:m[0]] + part[m[1]:]
		}
		escaped := template.HTMLEscapeString(strings.TrimSpace(part))
		escaped = stepBold.ReplaceAllString(escaped, "<strong>$1</strong>")
		escaped = stepCode.ReplaceAllString(escaped, "<code>$1</code>")
		step.Text = template.HTML(escaped) //nolint:gosec // escaped above; only fixed tags are added
		steps = append(steps, step)
	}
	return steps
}

// outdent removes the first line's indentation from every line.
func outdent(text string) string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n"+indent, "\n"), indent)
}
