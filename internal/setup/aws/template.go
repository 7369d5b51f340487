package aws

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/windlass-io/windlass/iam/generate"
)

//go:embed template
var files embed.FS

// templates are the documents. Their delimiters are [[ and ]], because shell
// and CloudFormation use braces.
var templates = template.Must(template.New("").Delims("[[", "]]").
	Funcs(template.FuncMap{"shell": ShellQuote, "quote": quote, "hcl": hclText, "join": strings.Join}).
	ParseFS(files, "template/*"))

func execute(file string, fields any) (string, error) {
	var text strings.Builder
	if err := templates.ExecuteTemplate(&text, file, fields); err != nil {
		return "", fmt.Errorf("writing %s: %w", file, err)
	}
	return text.String(), nil
}

// page is the data of a document.
type page struct {
	Name       string
	Trust      *tree // nil: no role, only a managed policy or a store's user
	Permission *tree
	Exists     bool   // whether the role exists
	Endpoint   string // empty: AWS
	Notes      []string
	partition  generate.Partition
	steps      int // number of steps so far
}

// PolicyName returns the name of the role's inline policy.
func (p *page) PolicyName() string { return policyName }

// Attached returns the managed policy's name: the role's name and a suffix, or
// just the name if there isn't a role.
func (p *page) Attached() string {
	if p.Trust == nil {
		return p.Name
	}
	return p.Name + "-access"
}

// ConsoleHost returns the host of the partition's console.
func (p *page) ConsoleHost() string { return consoleHost(p.partition) }

// Step returns the number of the next step, from 1.
func (p *page) Step() int {
	p.steps++
	return p.steps
}

// Comments returns the notes as comments of a shell, of HCL and of YAML, with
// an empty line after them.
func (p *page) Comments() string {
	var out strings.Builder
	for _, note := range p.Notes {
		out.WriteString("# " + note + "\n")
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	return out.String()
}
