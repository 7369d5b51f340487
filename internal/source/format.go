package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/csv"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Format is the format of objects. Unset fields are detected for each object;
// see docs/loading.md.
type Format struct {
	Name FormatName `json:"name"`
	// Encoding is the encoding of text.
	Encoding tabular.Encoding `json:"encoding,omitempty"`
	// Compression is the compression of objects, or "none". It is always detected
	// from the content; an object with another compression fails.
	Compression string `json:"compression,omitempty"`
	// Delimiter separates the fields of delimited text: 1 to 8 characters. \t and
	// \x01 stand for characters that can't be typed.
	Delimiter string `json:"delimiter,omitempty"`
	// Quote, Escape and Comment are one ASCII character, or empty for none.
	Quote   *string `json:"quote,omitempty"`
	Escape  *string `json:"escape,omitempty"`
	Comment *string `json:"comment,omitempty"`
	// SkipLines is the number of lines before the header.
	SkipLines *int `json:"skip_lines,omitempty"`
	// Header reports whether the first record has the column names.
	Header *bool `json:"header,omitempty"`
	// TrailingDelimiter reports whether a delimiter follows the last field of
	// a row.
	TrailingDelimiter *bool `json:"trailing_delimiter,omitempty"`
	// NullMarkers are texts that are null, in place of the built-in ones.
	NullMarkers []string `json:"null_markers,omitzero"`
	// NumberFormat shows how numbers are written, by an example.
	NumberFormat string `json:"number_format,omitempty"`
	// TimeZone is the IANA name of the time zone for times without one.
	TimeZone string `json:"time_zone,omitempty"`
	// MaxRecordBytes is the largest record; longer ones are rejected.
	MaxRecordBytes int `json:"max_record_bytes,omitempty"`
	// JSONPath selects the records of a JSON document, as in RFC 9535. Those of "$",
	// ".name" and "[*]" alone are streamed; others hold the document in memory. If it
	// is empty, the document is an array or has one array of objects.
	JSONPath string `json:"json_path,omitempty"`
	// Flatten makes columns of the members of nested objects of JSON.
	Flatten *json.Flatten `json:"flatten,omitempty"`
	// Sheet is the name of the sheet of an Excel workbook. If it is empty, the first
	// visible one is loaded.
	Sheet string `json:"sheet,omitempty"`
	// Member selects members of zip archives, as a pattern of keys does. If it is
	// empty, all are loaded.
	Member string `json:"member,omitempty"`
	// IncludeMarkers also loads empty objects and files that writers put
	// next to their data, such as _SUCCESS and .crc files. By default they
	// are ignored.
	IncludeMarkers bool `json:"include_markers,omitempty"`
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
	Avro    FormatName = "avro"
	XLSX    FormatName = "xlsx"
)

// Limits of a format's settings.
const (
	MaxNullMarkers     = 20
	MaxNullMarkerBytes = 255
	MaxSheetBytes      = 255
)

var (
	formatNames  = []FormatName{Auto, CSV, TSV, PSV, JSON, JSONL, Parquet, Avro, XLSX}
	compressions = append([]compress.Kind{"none"}, compress.Kinds()...)
)

// findings validates the settings. It returns all problems.
func (f *Format) findings() []problem.Finding {
	var c findings
	names, ok := oneOf(f.Name, formatNames)
	c.check("name", names, ok)
	if f.Encoding != "" {
		names, ok := oneOf(f.Encoding, tabular.Encodings())
		c.check("encoding", names, ok)
	}
	if f.Compression != "" {
		names, ok := oneOf(compress.Kind(f.Compression), compressions)
		c.check("compression", names, ok)
	}
	f.checkCharacters(&c)
	if f.SkipLines != nil {
		c.between("skip_lines", *f.SkipLines, 0, csv.MaxSkipLines)
	}
	f.checkNullMarkers(&c)
	if _, err := cell.ParseNumberFormat(f.NumberFormat); err != nil {
		c.add("number_format", "isn't %s", numberFormats())
	}
	if _, err := loadZone(f.TimeZone); err != nil {
		c.add("time_zone", "isn't the name of a time zone, such as Europe/Berlin")
	}
	if f.MaxRecordBytes != 0 {
		c.between("max_record_bytes", f.MaxRecordBytes, csv.MinRecordLimit, csv.MaxRecordLimit)
	}
	if len(f.JSONPath) > MaxJSONPath {
		c.add("json_path", "is longer than %d bytes", MaxJSONPath)
	} else if f.JSONPath != "" {
		if _, err := json.ParseQuery(f.JSONPath); err != nil {
			c.add("json_path", "%s", problem.From(err).Message)
		}
	}
	f.checkFlatten(&c)
	if len(f.Sheet) > MaxSheetBytes {
		c.add("sheet", "is longer than %d bytes", MaxSheetBytes)
	}
	if f.Member != "" {
		if _, fault := compilePattern(f.Member); fault != "" {
			c.add("member", "%s", fault)
		}
	}
	return c
}

func (f *Format) checkFlatten(c *findings) {
	if f.Flatten == nil {
		return
	}
	if n := len(f.Flatten.Separator); n > json.MaxFlattenSeparator || !utf8.ValidString(f.Flatten.Separator) {
		c.add("flatten.separator", "isn't 1 to %d bytes of text", json.MaxFlattenSeparator)
	}
	if f.Flatten.Depth != 0 {
		c.between("flatten.depth", f.Flatten.Depth, 1, json.MaxFlattenDepth)
	}
}

// findings are faults of settings.
type findings []problem.Finding

func (c *findings) add(setting, format string, args ...any) {
	*c = append(*c, problem.Finding{Path: "format." + setting, Message: fmt.Sprintf(format, args...)})
}

func (c *findings) between(setting string, value, least, most int) {
	if value < least || value > most {
		c.add(setting, "isn't a number from %d to %d", least, most)
	}
}

// oneOf reports whether a value is in a list, and returns the list in
// readable form.
func oneOf[T ~string](value T, list []T) (string, bool) {
	var names []string
	for _, v := range list {
		names = append(names, string(v))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last], slices.Contains(list, value)
}

func (c *findings) check(setting, names string, ok bool) {
	if !ok {
		c.add(setting, "isn't %s", names)
	}
}

// checkCharacters validates delimiter, quote, escape and comment, which must all
// differ.
func (f *Format) checkCharacters(c *findings) {
	delimiter := f.delimiter()
	switch n := utf8.RuneCountInString(delimiter); {
	case f.Delimiter == "":
	case !utf8.ValidString(delimiter), n > csv.MaxDelimiterSize, strings.ContainsAny(delimiter, "\"\r\n"):
		c.add("delimiter", "isn't 1 to %d characters without a quote or a line break", csv.MaxDelimiterSize)
	}
	used := map[string]string{}
	for _, s := range []struct {
		name  string
		value *string
	}{{"quote", f.Quote}, {"escape", f.Escape}, {"comment", f.Comment}} {
		switch {
		case s.value == nil || *s.value == "":
			continue
		case len(*s.value) != 1 || (*s.value)[0] >= utf8.RuneSelf || strings.ContainsAny(*s.value, "\r\n\x00"):
			c.add(s.name, "isn't one ASCII character, or empty for none")
			continue
		case delimiter != "" && strings.Contains(delimiter, *s.value):
			c.add(s.name, "is a character of the delimiter")
		case used[*s.value] != "":
			c.add(s.name, "is the same as %s", used[*s.value])
		}
		used[*s.value] = s.name
	}
}

func (f *Format) checkNullMarkers(c *findings) {
	if len(f.NullMarkers) > MaxNullMarkers {
		c.add("null_markers", "are more than %d texts", MaxNullMarkers)
	}
	for _, m := range f.NullMarkers {
		if len(m) > MaxNullMarkerBytes || !utf8.ValidString(m) {
			c.add("null_markers", "has a text of more than %d bytes, or that isn't UTF-8", MaxNullMarkerBytes)
			return
		}
	}
}

// delimiter returns the delimiter with its escapes replaced. An escape that isn't
// valid stays.
func (f *Format) delimiter() string {
	var b strings.Builder
	for rest := f.Delimiter; rest != ""; {
		switch {
		case strings.HasPrefix(rest, `\t`):
			b.WriteByte('\t')
			rest = rest[2:]
			continue
		case strings.HasPrefix(rest, `\x`) && len(rest) >= 4:
			if n, err := strconv.ParseUint(rest[2:4], 16, 7); err == nil {
				b.WriteByte(byte(n))
				rest = rest[4:]
				continue
			}
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	return b.String()
}

func numberFormats() string {
	text := ""
	for i := range cell.NumberFormats {
		if i > 0 {
			text += "; "
		}
		text += cell.NumberFormats[i].Example
	}
	return "one of " + text
}

// loadZone returns a time zone; nil for an empty name.
func loadZone(name string) (*time.Location, error) {
	switch name {
	case "":
		return nil, nil //nolint:nilnil // nil is the default zone
	case "Local":
		return nil, fmt.Errorf("time zone %s isn't a name", name)
	}
	return time.LoadLocation(name)
}

// Options returns the options for the readers of formats. The format must be
// valid.
func (f *Format) Options() tabular.Options {
	o := tabular.Options{
		Format: tabular.Format(f.Name), Encoding: f.Encoding, Compression: compress.Kind(f.Compression),
		Delimiter: f.delimiter(), Quote: character(f.Quote), Escape: character(f.Escape), Comment: character(f.Comment),
		SkipLines: f.SkipLines, Header: f.Header, Trailing: f.TrailingDelimiter, JSONPath: f.JSONPath,
		MaxRecordBytes: f.MaxRecordBytes, Sheet: f.Sheet, Flatten: f.Flatten,
	}
	o.Members = f.members()
	o.Settings.Markers = f.NullMarkers
	if f.NumberFormat != "" {
		o.Settings.Number, _ = cell.ParseNumberFormat(f.NumberFormat) // it was validated
	}
	o.Settings.Zone, _ = loadZone(f.TimeZone) // it was validated
	return o
}

// DefaultMembers returns which members of archives are read when nothing is declared: all
// but markers and empty ones.
func DefaultMembers() tabular.Members { return (&Format{}).members() }

// members returns which members of archives are read. Markers and empty members
// are left out, as such objects are.
func (f *Format) members() tabular.Members {
	pattern, err := ParsePattern(cmp.Or(f.Member, "**"), nil)
	if err != nil { // it was validated
		return tabular.Members{Glob: f.Member, Match: func(string, int64) bool { return false }}
	}
	pattern.all = f.IncludeMarkers
	return tabular.Members{Glob: f.Member, Match: func(name string, size int64) bool {
		match, _ := pattern.matchObject(&object.Info{Key: name, Size: size})
		return match == Matched
	}}
}

// Dialect returns the settings with their origin. Unset ones are detected for
// each object.
func (f *Format) Dialect() tabular.Dialect {
	o := f.Options()
	return o.Declared()
}

// character returns the byte of a setting of one character, 0 for none.
func character(text *string) *byte {
	switch {
	case text == nil:
		return nil
	case *text == "":
		return new(byte)
	}
	b := (*text)[0]
	return &b
}
