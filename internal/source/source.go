// Package source says which objects are loaded: a way in (an integration or an
// access key), a bucket, a pattern of keys, and how to read what matches.
package source

import (
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Source names objects of one bucket.
type Source struct {
	ID            string // "src_…"
	Workspace     string // workspace ID
	Name          string // unique in the workspace; 1 to 100 bytes, printable
	IntegrationID string // the way in; exactly one of the two is set
	CredentialID  string
	Bucket        string
	Pattern       string   // which keys; see [Pattern]
	Exclude       []string // patterns of keys that are left out all the same
	Format        Format
	Version       int64 // counts changes
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Format says how an object is read. Compression is told from the content.
type Format struct {
	Name FormatName `json:"name"`
	// Delimiter between the fields of CSV: one byte; empty: found out from the
	// first lines.
	Delimiter string `json:"delimiter,omitempty"`
	// Header says whether the first line of CSV has the columns' names; nil: it
	// has, unless there is nothing in it but numbers and dates.
	Header *bool `json:"header,omitempty"`
	// JSONPath to the records of a JSON document: "$", then ".name" and "[*]".
	// Empty: the document is the array, or has one array of objects.
	JSONPath string `json:"json_path,omitempty"`
}

// FormatName is a file format.
type FormatName string

// The formats. Auto goes by the content, and the key's ending where the
// content leaves it open.
const (
	Auto    FormatName = "auto"
	CSV     FormatName = "csv"
	TSV     FormatName = "tsv"
	PSV     FormatName = "psv" // pipe-separated
	JSON    FormatName = "json"
	JSONL   FormatName = "jsonl"
	Parquet FormatName = "parquet"
)

// Bounds.
const (
	MaxName          = 100
	MaxPatternBytes  = 1024     // as long as a key may be
	MaxPatternsBytes = 16 << 10 // of a pattern and its exclusions
	MaxExclude       = 50
	MaxJSONPath      = 500
	MaxPerWorkspace  = 1000 // sources, by default
)

func (f Format) findings() []problem.Finding {
	var found []problem.Finding
	switch f.Name {
	case Auto, CSV, TSV, PSV, JSON, JSONL, Parquet:
	default:
		found = append(found, problem.Finding{Path: "format.name", Message: "is none of auto, csv, tsv, psv, json, jsonl, parquet"})
	}
	if len(f.Delimiter) > 1 || f.Delimiter == "\n" || f.Delimiter == "\r" || f.Delimiter == `"` {
		found = append(found, problem.Finding{Path: "format.delimiter", Message: "is not one byte other than a quote or the end of a line"})
	}
	if len(f.JSONPath) > MaxJSONPath {
		found = append(found, problem.Finding{Path: "format.json_path", Message: "is longer than 500 bytes"})
	} else if f.JSONPath != "" {
		if _, err := json.ParsePath(f.JSONPath); err != nil {
			found = append(found, problem.Finding{Path: "format.json_path", Message: problem.From(err).Message})
		}
	}
	return found
}
