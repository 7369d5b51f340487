package ci

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

//go:embed template
var files embed.FS

// templates are the documents. Their delimiters are [[ and ]], because GitHub
// and CircleCI use braces and angle brackets.
var templates = template.Must(template.New("").Delims("[[", "]]").
	Funcs(template.FuncMap{"shell": aws.ShellQuote, "yaml": yamlQuote}).ParseFS(files, "template/*"))

// fields are the data of a template.
type fields struct {
	*Order
	Script     string   // path of the script in the customer's repository
	Sample     string   // a command that needs the credentials
	Role       string   // the role's ARN
	Actions    string   // of the grant
	Conditions []string // of the grant
	Policy     string   // permission policy, as JSON
	Trust      generate.OIDCTrust
	Rendered   string // the role's own documents
}

// fields returns the data of the order's templates.
func (o *Order) fields() fields {
	return fields{
		Order: o, Script: scriptPath, Sample: o.sample(), Role: "arn:aws:iam::" + o.Account + ":role/" + o.Name,
		Actions: o.actions(), Conditions: o.conditions(),
	}
}

// document executes a template.
func (f fields) document(name, language, file string) (Document, error) {
	var text strings.Builder
	if err := templates.ExecuteTemplate(&text, file, f); err != nil {
		return Document{}, fmt.Errorf("writing %s: %w", name, err)
	}
	return Document{Name: name, Language: language, Text: text.String()}, nil
}

// config returns the CI's configuration for a way.
func (f fields) config() (Document, error) {
	file := string(f.CI) + "-" + string(f.Way)
	switch f.CI {
	case provider.CircleCI:
		return f.document(".circleci/config.yml", "yaml", file+".yml")
	case provider.GitHub:
		return f.document(".github/workflows/build.yml", "yaml", file+".yml")
	case provider.GitLab:
		return f.document(".gitlab-ci.yml", "yaml", file+".yml")
	case provider.Buildkite:
		return f.document(".buildkite/pipeline.yml", "yaml", file+".yml")
	case provider.Terraform:
		return f.document("provider.tf", "hcl", file+".tf")
	case provider.Custom:
	}
	return Document{}, fmt.Errorf("no configuration for CI %q", f.CI)
}

// yamlQuote returns text as a single-quoted YAML scalar, in which only the
// quote itself has a meaning.
func yamlQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
