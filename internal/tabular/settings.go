package tabular

import (
	"cmp"
	"fmt"

	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/csv"
)

// From is the origin of a setting.
type From string

// The origins of a setting.
const (
	Declared From = "declared"
	Inferred From = "inferred"
	Default  From = "default"
)

// Setting is a setting that an object is read with.
type Setting struct {
	Value any    `json:"value" doc:"The value; null when it is found out for each object."`
	From  From   `json:"from" enum:"declared,inferred,default"`
	Why   string `json:"why,omitempty" doc:"The code of the reason."`
}

// Dialect has the settings that an object is read with, by their JSON names.
type Dialect map[string]Setting

// Dialect returns the settings that the content is read with.
func (c *Content) Dialect() Dialect {
	d := c.options.Declared()
	d.found("name", string(c.Format), "content")
	kind := cmp.Or(string(c.Compression), "none")
	d.found("compression", kind, "content")
	if c.Compression != compress.Zip {
		delete(d, "member")
	}
	if c.table != nil || c.stream != nil {
		d.found("encoding", string(c.encoding), c.whyEncoding)
	} else {
		delete(d, "encoding")
	}
	switch {
	case c.table != nil:
		d.addTable(c.table)
	case c.book != nil:
		for _, name := range tableSettings {
			if name != "skip_lines" && name != "header" && name != "null_markers" {
				delete(d, name)
			}
		}
		d.found("skip_lines", c.book.Skipped, "content")
		d.found("header", c.book.Header, "content")
		d.found("sheet", c.book.Sheet, "first_visible")
	default:
		for _, name := range tableSettings {
			delete(d, name)
		}
	}
	if c.book == nil {
		delete(d, "sheet")
	}
	if c.stream != nil && !c.stream.Lines {
		d.found("json_path", c.stream.Path.String(), "content")
	} else if c.stream == nil || c.options.JSONPath == "" {
		delete(d, "json_path")
	}
	return d
}

// tableSettings has the settings of delimited text.
var tableSettings = []string{
	"delimiter", "quote", "escape", "comment", "skip_lines", "header", "trailing_delimiter", "null_markers",
	"number_format",
}

// found adds the detected value of a setting that isn't declared.
func (d Dialect) found(name string, value any, why string) {
	if d[name].From != Declared {
		d[name] = Setting{value, Inferred, why}
	}
}

func (d Dialect) addTable(t *csv.Table) {
	delimiter := cmp.Or(t.Dialect.Delimiter, ",")
	d.found("delimiter", delimiter, string(t.Reasons.Delimiter))
	d.found("quote", char(t.Dialect.Quote), string(t.Reasons.Quote))
	d.found("escape", char(t.Dialect.Escape), string(t.Reasons.Escape))
	d.found("comment", char(t.Dialect.Comment), string(t.Reasons.Comment))
	d.found("skip_lines", t.Dialect.SkipLines, string(t.Reasons.SkipLines))
	d.found("header", t.Dialect.Header, string(t.Reasons.Header))
	d.found("trailing_delimiter", t.Dialect.Trailing, string(t.Reasons.Trailing))
	d.found("newline", char(t.Dialect.Newline), string(t.Reasons.Newline))
}

func char(b byte) string {
	if b == 0 {
		return ""
	}
	return string(rune(b))
}

// Declared returns the settings of the options: declared ones, ones with
// defaults, and others without a value, which are detected for each object.
func (o *Options) Declared() Dialect {
	d := Dialect{}
	declare(d, "name", string(o.Format), o.Format != "" && o.Format != Auto)
	declare(d, "encoding", string(o.Encoding), o.Encoding != "")
	declare(d, "compression", string(o.Compression), o.Compression != "")
	declare(d, "delimiter", o.Delimiter, o.Delimiter != "")
	declareChar(d, "quote", o.Quote)
	declareChar(d, "escape", o.Escape)
	declareChar(d, "comment", o.Comment)
	declarePointer(d, "skip_lines", o.SkipLines)
	declarePointer(d, "header", o.Header)
	declarePointer(d, "trailing_delimiter", o.Trailing)
	declare(d, "json_path", o.JSONPath, o.JSONPath != "")
	if o.Flatten != nil {
		declare(d, "flatten", o.Flatten, true)
	}
	declare(d, "sheet", o.Sheet, o.Sheet != "")
	d.fall("member", o.Members.Glob, o.Members.Glob != "", allMembers)
	s := o.Settings
	d.fall("null_markers", s.Markers, s.Markers != nil, defaultMarkers)
	number := ""
	if s.Number != nil {
		number = s.Number.Example
	}
	declare(d, "number_format", number, s.Number != nil)
	zone := ""
	if s.Zone != nil {
		zone = s.Zone.String()
	}
	d.fall("time_zone", zone, s.Zone != nil, "UTC")
	d.fall("max_record_bytes", o.MaxRecordBytes, o.MaxRecordBytes != 0, csv.MaxRecordBytes)
	if o.Format == TSV || o.Format == PSV {
		d["delimiter"] = Setting{delimiterOf(o.Format), Declared, fmt.Sprintf("format_%s", o.Format)}
	}
	return d
}

// defaultMarkers has the built-in null markers, for people.
var defaultMarkers = []string{"NULL", "N/A", "NaN", "NA", "#N/A", "None", `\N`}

func declare(d Dialect, name string, value any, declared bool) {
	if declared {
		d[name] = Setting{Value: value, From: Declared}
	} else {
		d[name] = Setting{From: Inferred}
	}
}

func declarePointer[T any](d Dialect, name string, value *T) {
	if value != nil {
		declare(d, name, *value, true)
	} else {
		declare(d, name, nil, false)
	}
}

func declareChar(d Dialect, name string, value *byte) {
	if value != nil {
		declare(d, name, char(*value), true)
	} else {
		declare(d, name, nil, false)
	}
}

// fall adds a setting that has a default.
func (d Dialect) fall(name string, value any, declared bool, otherwise any) {
	if declared {
		d[name] = Setting{Value: value, From: Declared}
	} else {
		d[name] = Setting{Value: otherwise, From: Default}
	}
}

func delimiterOf(f Format) string {
	switch f {
	case TSV:
		return "\t"
	case PSV:
		return "|"
	default:
		return ""
	}
}

// checkCompression compares the compression with the declared one.
func (o *Options) checkCompression(found compress.Kind) error {
	if o.Compression == "" || o.Compression == found || o.Compression == "none" && found == compress.None {
		return nil
	}
	return errCompression(o.Compression, found)
}
