package datasets

import (
	"bytes"
	"strconv"
	"strings"
	"text/template"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/delivery"
)

// The samples are complete programs. They read the token from WINDLASS_TOKEN.
var sampleTexts = []struct{ id, name, text string }{
	{"curl", "curl", `curl -H "Authorization: Bearer $WINDLASS_TOKEN" \
  '{{.URL}}'
`},
	{"javascript", "JavaScript", `const response = await fetch({{.Quoted}}, {
  headers: { Authorization: "Bearer " + process.env.WINDLASS_TOKEN },
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.{{if .JSON}}json{{else}}text{{end}}());
`},
	{"python", "Python", `{{if .JSON}}import json
{{end}}import os
import urllib.request

request = urllib.request.Request(
    {{.Quoted}},
    headers={"Authorization": "Bearer " + os.environ["WINDLASS_TOKEN"]},
)
with urllib.request.urlopen(request) as response:
    print({{if .JSON}}json.load(response){{else}}response.read().decode(){{end}})
`},
	{"go", "Go", `package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest("GET", {{.Quoted}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("WINDLASS_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
}
`},
}

// codeSamples returns programs that send a request.
func codeSamples(address string, format delivery.Format) []page.Code {
	samples := make([]page.Code, len(sampleTexts))
	for n, s := range sampleTexts {
		var out bytes.Buffer
		_ = template.Must(template.New(s.id).Parse(s.text)).Execute(&out, map[string]any{
			"URL": address, "Quoted": strconv.Quote(address), "JSON": format == delivery.JSON,
		})
		samples[n] = page.Code{ID: "sample-" + s.id, Label: s.name, Text: strings.TrimSuffix(out.String(), "\n")}
	}
	return samples
}
