package explain

import (
	"html/template"
	"strings"
)

// page is an HTML fragment without styles. Its classes begin with "trace", and
// data attributes have the outcome.
const page = `<section class="trace" data-decision="{{.Decision}}">
<p class="trace-reason"><strong>{{.Headline}}.</strong> {{.Reason}}</p>
{{- with .Fix}}
<p class="trace-fix"><strong>To change that:</strong> {{.}}</p>
{{- end}}
<dl class="trace-request">
<dt>Caller</dt><dd>{{.Request.Principal}}</dd>
<dt>Action</dt><dd>{{.Request.Action}}</dd>
<dt>Resource</dt><dd>{{.Request.Resource}}</dd>
{{- with .Request.ResourceAccount}}
<dt>Account of the resource</dt><dd>{{.}}</dd>
{{- end}}
{{- range .Request.Keys}}
<dt>{{.Name}}</dt><dd>{{range $i, $value := .Values}}{{if $i}}, {{end}}<code>{{$value}}</code>{{end}}</dd>
{{- end}}
</dl>
{{- range .Policies}}
<section class="trace-policy">
<h3>{{.Name}}</h3>
<ol>
{{- range .Statements}}
<li data-applies="{{.Applies}}" data-effect="{{.Effect}}"{{with .Failed}} data-failed="{{.}}"{{end}}>
<span class="trace-statement">{{.Title}}</span>
<span class="trace-says">{{.Says}}</span>
</li>
{{- end}}
</ol>
</section>
{{- end}}
</section>
`

// HTML returns the explanation as an HTML fragment. It escapes everything from
// policies and requests.
func (t *Trace) HTML() (template.HTML, error) {
	parsed, err := template.New("trace").Parse(page)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, t); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // the template escaped what it was given
}
