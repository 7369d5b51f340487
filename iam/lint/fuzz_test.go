package lint_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// FuzzLint checks that Lint returns quickly for any input, and that each
// finding has a code, a position and, if it has a correction, one that is
// valid JSON.
func FuzzLint(f *testing.F) {
	for _, path := range []string{"testdata/findings.json", "testdata/corpus.json", "testdata/clean.json"} {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var file struct{ Cases []example }
		if err := json.Unmarshal(content, &file); err != nil {
			f.Fatal(err)
		}
		for i, e := range file.Cases {
			f.Add(uint8(i), []byte(e.Policy))
		}
	}
	codes := map[string]lint.Code{}
	for _, code := range lint.Codes() {
		codes[code.Code] = code
	}
	f.Fuzz(func(t *testing.T, choice uint8, document []byte) {
		kind := iam.Kinds()[int(choice)%len(iam.Kinds())]
		options := lint.Options{
			PrincipalKind: []string{"", "role", "user"}[choice%3], BucketName: []string{"", "acme-data"}[choice%2],
		}
		lines := strings.Count(string(document), "\n") + 1
		for _, found := range lint.Lint(kind, document, options) {
			code, ok := codes[found.Code]
			if !ok || found.Message == "" || found.Reference == "" || found.Line < 1 || found.Line > lines ||
				found.Column < 1 {
				t.Fatalf("%+v", found)
			}
			if !hasSeverity(code, found.Severity) {
				t.Fatalf("%s cannot have the severity %s", found.Code, found.Severity)
			}
			if found.Fix != "" && !json.Valid([]byte(found.Fix)) {
				t.Fatalf("the correction of %s is not JSON:\n%s", found.Code, found.Fix)
			}
		}
	})
}

func hasSeverity(code lint.Code, severity lint.Severity) bool {
	for _, s := range code.Severities {
		if s == severity {
			return true
		}
	}
	return false
}

// Documents that were designed to take long.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	statement := func(action, resource, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Action":[` + action + `"s3:x"],"Resource":[` + resource +
			`"*"],"Condition":{"StringEquals":{` + condition + `"aws:x":"y"}}}]}`
	}
	numbered := func(n int, form string) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, form, i)
		}
		return out.String()
	}
	for name, document := range map[string]string{
		"patterns over every service": statement(numbered(3000, `"*:*%d",`), "", ""),
		"patterns with many stars": statement(numbered(300, `"s3:*a*a*a*a*a*a*a*a*a*a*a*a*a*a%d",`), numbered(200,
			`"arn:aws:s3:::*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a%d",`), ""),
		"unknown actions": statement(numbered(2500, `"ec2:Fetc%d",`), "", ""),
		"conditions by actions": statement(numbered(800, `"s3:Get*%d","s3:List*",`), "", numbered(800,
			`"s3:prefix%d":"a","s3:prefix":"b",`)),
		"resources by actions": statement(strings.Repeat(`"s3:*",`, 1500), strings.Repeat(`"arn:aws:s3:::*/*",`, 1000),
			""),
		"ten megabytes":   statement(strings.Repeat(`"s3:*",`, 1_500_000), "", ""),
		"deep":            strings.Repeat("[", 1_000_000),
		"many statements": `{"Statement":[` + strings.Repeat(`{"Sid":"","Action":"*"},`, 30_000) + `{}]}`,
		"many variables":  statement("", `"arn:aws:s3:::`+strings.Repeat("${aws:x}${", 3000)+`",`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := make(chan int)
			go func() { done <- len(lint.Lint(iam.Identity, []byte(document), lint.Options{})) }()
			select {
			case n := <-done:
				if n == 0 || n > 1000 {
					t.Errorf("%d findings", n)
				}
			case <-time.After(20 * time.Second): // an upper bound, far above the usual time
				t.Error("still at it after 20 s")
			}
		})
	}
}
