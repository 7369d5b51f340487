package tabular

import (
	"bytes"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Format is a file format.
type Format string

// The formats. Auto, and the empty one, go by the content.
const (
	Auto    Format = "auto"
	CSV     Format = "csv"
	TSV     Format = "tsv"
	PSV     Format = "psv" // pipe-separated
	JSON    Format = "json"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
)

// others are formats that are known by their first bytes and not read.
var others = []struct{ magic, name, advice string }{
	{"PK\x03\x04", "a zip archive, or an Excel workbook", "Unpack it, or save the sheet as CSV in UTF-8."},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV in UTF-8."},
	{"\xfd7zXZ\x00", "xz data", "Compress it with gzip or zstd."},
	{"7z\xbc\xaf", "a 7z archive", "Unpack it."},
	{"ORC", "an ORC file", "Write it as Parquet."},
	{"Obj\x01", "an Avro file", "Write it as Parquet."},
	{"\xff\xfe\x00\x00", "text in UTF-32", "Save it in UTF-8."},
	{"\xff\xfe", "text in UTF-16", "Save it in UTF-8."},
	{"\xfe\xff", "text in UTF-16", "Save it in UTF-8."},
	{"%PDF-", "a PDF document", "Export the table as CSV."},
	{"<!DOCTYPE", "an HTML page", "Is this the file, or the page of an error?"},
	{"<html", "an HTML page", "Is this the file, or the page of an error?"},
	{"<?xml", "an XML document", "Convert it to JSON or CSV."},
}

// detect returns the format: the chosen one, else by the content. The ending of
// the name decides between lines and a document when both are possible.
func detect(head []byte, complete bool, name string, options Options) (Format, error) {
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return Parquet, nil
	}
	for _, o := range others {
		if bytes.HasPrefix(head, []byte(o.magic)) {
			return "", problem.New(problem.Invalid, "It is %s, which is not read.", o.name).WithHint("%s", o.advice)
		}
	}
	switch options.Format {
	case "", Auto:
	case Parquet:
		return "", problem.New(problem.Invalid, "It is no Parquet file: it does not begin with PAR1.").
			WithHint("Choose another format for the source, or let the content tell.")
	default:
		return options.Format, nil
	}
	switch {
	case options.JSONPath != "":
		return JSON, nil
	case !json.Looks(head):
		return CSV, nil
	case linesByName(name) || json.LooksLines(head, complete):
		return JSONL, nil
	}
	return JSON, nil
}

// linesByName reports whether a key ends like one of JSON lines, ignoring the
// ending of its compression.
func linesByName(key string) bool {
	key = strings.ToLower(key)
	for _, packed := range []string{".gz", ".zst", ".bz2"} {
		key = strings.TrimSuffix(key, packed)
	}
	return strings.HasSuffix(key, ".jsonl") || strings.HasSuffix(key, ".ndjson") || strings.HasSuffix(key, ".ldjson")
}

func errEmpty() error {
	return problem.New(problem.Invalid, "It is empty.").
		WithHint("A table needs at least a line with the columns' names; leave the object out with an exclusion if it is meant to be empty.")
}

// NoRecords is the problem of content without a record.
func NoRecords() error {
	return problem.New(problem.Invalid, "There is no record in it from which a schema could be guessed.").
		WithHint("Begin with an object that has records, or make the dataset with its schema first.")
}

func errPackedParquet(kind compress.Kind) error {
	return problem.New(problem.Invalid, "It is a Parquet file inside of %s data, which cannot be read in parts.", kind).
		WithHint("Upload the Parquet file as it is: it is compressed inside.")
}
