package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// formatFlags has the flags of a source's format. Each has the name of the
// setting in JSON, with dashes.
type formatFlags struct {
	client.SourceFormat
	quote, escape, comment string
	skipLines, depth       int
	separator              string
	header, trailing       bool
}

func (f *formatFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.Name, "format", "", "auto, csv, tsv, psv, json, jsonl, parquet, avro or xlsx (default auto)")
	flags.StringVar(&f.Encoding, "encoding", "",
		"utf-8, utf-16, utf-16le, utf-16be, latin1 or windows-1252 (default: detected)")
	flags.StringVar(&f.Compression, "compression", "",
		"none, gzip, zstd, bzip2, xz, lz4, snappy or zip: fail objects with other compression (default: detected)")
	flags.StringVar(&f.Delimiter, "delimiter", "",
		`delimiter of CSV, 1 to 8 characters such as ';', '||', '\t' or '\x01' (default: detected)`)
	flags.StringVar(&f.quote, "quote", "", "quote of CSV, '' for none (default: detected)")
	flags.StringVar(&f.escape, "escape", "", "escape before a quote in CSV, '' for a doubled quote (default: detected)")
	flags.StringVar(&f.comment, "comment", "", "begins comment lines of CSV, '' for none (default: # before the header)")
	flags.IntVar(&f.skipLines, "skip-lines", 0, "lines before the header of CSV (default: detected)")
	flags.BoolVar(&f.header, "header", true, "first record of CSV has column names (default: detected)")
	flags.BoolVar(&f.trailing, "trailing-delimiter", true, "a delimiter follows the last field of CSV (default: detected)")
	flags.StringArrayVar(&f.NullMarkers, "null-marker", nil,
		"CSV text that means null, instead of NULL, N/A and others; may be repeated")
	flags.StringVar(&f.NumberFormat, "number-format", "",
		"example of how CSV numbers are written, such as '1.234,5' (default: detected)")
	flags.StringVar(&f.TimeZone, "time-zone", "", "time zone of times without one, such as Europe/Berlin (default UTC)")
	flags.IntVar(&f.MaxRecordBytes, "max-record-bytes", 0,
		"reject longer records, 1024 to 67108864 (default 16777216)")
	flags.StringVar(&f.JSONPath, "json-path", "",
		"JSONPath to the records of a JSON document, such as '$.features[*]' or '$..items[?@.price > 10]'")
	flags.IntVar(&f.depth, "flatten", 0,
		"make columns of the members of nested JSON objects, so many levels deep, 1 to 8 (default: they stay objects)")
	flags.StringVar(&f.separator, "flatten-separator", ".", "between the names of flattened columns")
	flags.StringVar(&f.Sheet, "sheet", "", "sheet of an Excel workbook (default: the first visible one)")
	flags.StringVar(&f.Member, "member", "", "pattern of the members of zip archives, such as '**/*.csv' (default: all)")
	flags.BoolVar(&f.IncludeMarkers, "include-markers", false,
		"load markers such as _SUCCESS and .crc files, and empty objects (default: ignored)")
}

// apply sets the given flags in a format. It reports whether there was
// one.
func (f *formatFlags) apply(cmd *cobra.Command, to *client.SourceFormat) bool {
	given := false
	for name, assign := range map[string]func(){
		"format":             func() { to.Name = f.Name },
		"encoding":           func() { to.Encoding = f.Encoding },
		"compression":        func() { to.Compression = f.Compression },
		"delimiter":          func() { to.Delimiter = f.Delimiter },
		"quote":              func() { to.Quote = &f.quote },
		"escape":             func() { to.Escape = &f.escape },
		"comment":            func() { to.Comment = &f.comment },
		"skip-lines":         func() { to.SkipLines = &f.skipLines },
		"header":             func() { to.Header = &f.header },
		"trailing-delimiter": func() { to.TrailingDelimiter = &f.trailing },
		"null-marker":        func() { to.NullMarkers = f.NullMarkers },
		"number-format":      func() { to.NumberFormat = f.NumberFormat },
		"time-zone":          func() { to.TimeZone = f.TimeZone },
		"max-record-bytes":   func() { to.MaxRecordBytes = f.MaxRecordBytes },
		"json-path":          func() { to.JSONPath = f.JSONPath },
		"flatten":            func() { f.flatten(to).Depth = f.depth },
		"flatten-separator":  func() { f.flatten(to).Separator = f.separator },
		"sheet":              func() { to.Sheet = f.Sheet },
		"member":             func() { to.Member = f.Member },
		"include-markers":    func() { to.IncludeMarkers = f.IncludeMarkers },
	} {
		if cmd.Flags().Changed(name) {
			assign()
			given = true
		}
	}
	return given
}

// flatten returns the setting of a format, and adds it when there is none.
func (f *formatFlags) flatten(to *client.SourceFormat) *client.SourceFlatten {
	if to.Flatten == nil {
		to.Flatten = &client.SourceFlatten{}
	}
	return to.Flatten
}

// printDialect writes each setting with its value, origin and reason. If all
// is false, it only writes declared settings.
func printDialect(w io.Writer, dialect client.SourceDialect, all bool) error {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(dialect)) {
		s := dialect[name]
		if !all && s.From != "declared" {
			continue
		}
		value, err := json.Marshal(s.Value)
		if err != nil {
			return err
		}
		text := string(value)
		if s.Value == nil {
			text = "detected"
		}
		rows = append(rows, []string{name, text, s.From, s.Why})
	}
	if rows == nil {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return printTable(w, []string{"setting", "value", "from", "why"}, rows)
}
