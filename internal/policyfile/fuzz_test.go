package policyfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/policyfile"
)

// FuzzRead checks that no file makes the readers fail in another way than with
// an error, and that each finding is at a line of the file.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Ext(file), content)
	}
	f.Fuzz(func(t *testing.T, extension string, content []byte) {
		documents, err := policyfile.Read("file"+extension, content)
		if err != nil {
			return
		}
		lines := bytes.Count(content, []byte("\n")) + bytes.Count(content, []byte("\r")) + 1
		for i := range documents {
			for _, finding := range documents[i].Lint(lint.Options{}) {
				if finding.Line < 1 || finding.Line > lines || finding.Column < 1 {
					t.Fatalf("%s is at %d:%d of %d lines", finding.Code, finding.Line, finding.Column, lines)
				}
			}
		}
	})
}
