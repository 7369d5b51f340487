// Package source defines which objects to load: an integration or an access key,
// a bucket, a pattern of keys, and the format of the objects.
package source

import (
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Source selects objects of one bucket.
type Source struct {
	ID            string // "src_…"
	Workspace     string // workspace ID
	Name          string // unique in the workspace; 1 to 255 bytes, printable
	IntegrationID string // exactly one of IntegrationID and CredentialID is set
	CredentialID  string
	Bucket        string
	Pattern       string   // of keys; see [Pattern]
	Exclude       []string // patterns of keys to exclude
	Format        Format
	Version       int64 // increases with every change
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Format is the format of objects. Compression is detected from the content.
type Format struct {
	Name FormatName `json:"name"`
	// Delimiter separates the fields of CSV. It is one byte, or empty to detect
	// it from the first lines.
	Delimiter string `json:"delimiter,omitempty"`
	// Header is whether the first line of CSV has column names. If it is nil, the
	// line has names unless it contains only numbers and dates.
	Header *bool `json:"header,omitempty"`
	// JSONPath selects the records of a JSON document: "$", then ".name" and
	// "[*]". If it is empty, the document is an array or has one array of objects.
	JSONPath string `json:"json_path,omitempty"`
	// IncludeMarkers loads what writers leave beside their data, such as _SUCCESS
	// and .crc files, and empty objects. They are ignored otherwise.
	IncludeMarkers bool `json:"include_markers,omitempty"`
}

// ParsePattern compiles the pattern of the source.
func (src *Source) ParsePattern() (Pattern, error) {
	pattern, err := ParsePattern(src.Pattern, src.Exclude)
	pattern.all = src.Format.IncludeMarkers
	return pattern, err
}

// FormatName is a file format.
type FormatName string

// The formats. Auto detects the format from the content, or from the end of the
// key if the content is ambiguous.
const (
	Auto    FormatName = "auto"
	CSV     FormatName = "csv"
	TSV     FormatName = "tsv"
	PSV     FormatName = "psv" // pipe-separated
	JSON    FormatName = "json"
	JSONL   FormatName = "jsonl"
	Parquet FormatName = "parquet"
)

// Limits.
const (
	MaxPatternBytes  = 1024     // the longest key of S3
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
		found = append(found, problem.Finding{
			Path:    "format.name",
			Message: "isn't auto, csv, tsv, psv, json, jsonl or parquet",
		})
	}
	if len(f.Delimiter) > 1 || f.Delimiter == "\n" || f.Delimiter == "\r" || f.Delimiter == `"` {
		found = append(found, problem.Finding{
			Path:    "format.delimiter",
			Message: "isn't one byte other than a quote or a line break",
		})
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
