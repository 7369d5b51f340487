package sources

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// none is the text of a field without a quote, an escape or a comment. An empty field is
// detected.
const none = "none"

var yesNo = options(": Detect", "true: Yes", "false: No")

// formatFields are the settings of a source's format.
var formatFields = []field{
	{
		Name:    "format.name",
		Label:   "Format",
		Kind:    choiceField,
		Options: formats,
		Hint:    "Compression is always detected.",
	},
	{
		Name: "format.json_path", Label: "JSONPath", Kind: codeField, Placeholder: "$.features[*]",
		Hint: "The records of a JSON document.",
	},
	{
		Name: "format.flatten.depth", Label: "Flatten nested objects", Kind: choiceField,
		Options: options(
			": No",
			"1: 1 level",
			"2: 2 levels",
			"3: 3 levels",
			"4: 4 levels",
			"5: 5 levels",
			"6: 6 levels",
			"7: 7 levels",
			"8: 8 levels",
		),
	},
	{Name: "format.flatten.separator", Label: "Between flattened names", Kind: codeField, Placeholder: "."},
	{
		Name: "format.encoding", Label: "Encoding", Kind: choiceField,
		Options: named(": Detect", tabular.Encodings()),
	},
	{
		Name: "format.compression", Label: "Compression", Kind: choiceField, Hint: "Objects with another one fail.",
		Options: options(": Detect", "none: None", "gzip", "zstd", "bzip2", "xz", "lz4", "snappy", "zip"),
	},
	{Name: "format.delimiter", Label: "Delimiter", Kind: codeField, Placeholder: `; or \t`},
	{Name: "format.quote", Label: "Quote", Kind: codeField, Placeholder: `" or none`},
	{Name: "format.escape", Label: "Escape", Kind: codeField, Placeholder: `\ or none`},
	{Name: "format.comment", Label: "Comment", Kind: codeField, Placeholder: "# or none"},
	{Name: "format.skip_lines", Label: "Lines before the header", Kind: codeField, Placeholder: "0 to 1000"},
	{Name: "format.header", Label: "Header", Kind: choiceField, Options: yesNo},
	{Name: "format.trailing_delimiter", Label: "Trailing delimiter", Kind: choiceField, Options: yesNo},
	{Name: "format.number_format", Label: "Numbers", Kind: choiceField, Options: numberFormats()},
	{
		Name: "format.time_zone", Label: "Time zone of times without one", Kind: textField,
		Placeholder: "Europe/Berlin",
	},
	{Name: "format.max_record_bytes", Label: "Longest record, in bytes", Kind: codeField, Placeholder: "16777216"},
	{
		Name: "format.null_markers", Label: "Texts that mean null", Kind: areaField,
		Hint: "One per line, instead of NULL, N/A and others.",
	},
	{Name: "format.sheet", Label: "Sheet of a workbook", Kind: textField, Placeholder: "The first visible one"},
	{Name: "format.member", Label: "Members of zip archives", Kind: codeField, Placeholder: "**/*.csv"},
	{
		Name: "format.include_markers", Label: "Markers and empty objects", Kind: choiceField,
		Options: options(": Ignore", "true: Load"), Hint: "Such as _SUCCESS and .crc files.",
	},
}

func named[T ~string](first string, values []T) []page.Option {
	made := options(first)
	for _, value := range values {
		made = append(made, page.Option{Value: string(value), Name: string(value)})
	}
	return made
}

func numberFormats() []page.Option {
	made := options(": Detect for each column")
	for i := range cell.NumberFormats {
		example := cell.NumberFormats[i].Example
		made = append(made, page.Option{Value: example, Name: example})
	}
	return made
}

// formatValues returns the fields of a format.
func formatValues(f *source.Format) url.Values {
	v := url.Values{}
	set := func(name, value string) { v.Set("format."+name, value) }
	set("name", string(f.Name))
	set("encoding", string(f.Encoding))
	set("compression", f.Compression)
	set("delimiter", f.Delimiter)
	for name, value := range map[string]*string{"quote": f.Quote, "escape": f.Escape, "comment": f.Comment} {
		switch {
		case value == nil:
		case *value == "":
			set(name, none)
		default:
			set(name, *value)
		}
	}
	if f.SkipLines != nil {
		set("skip_lines", strconv.Itoa(*f.SkipLines))
	}
	for name, value := range map[string]*bool{"header": f.Header, "trailing_delimiter": f.TrailingDelimiter} {
		if value != nil {
			set(name, strconv.FormatBool(*value))
		}
	}
	set("null_markers", strings.Join(f.NullMarkers, "\n"))
	set("number_format", f.NumberFormat)
	set("time_zone", f.TimeZone)
	if f.MaxRecordBytes != 0 {
		set("max_record_bytes", strconv.Itoa(f.MaxRecordBytes))
	}
	set("json_path", f.JSONPath)
	if f.Flatten != nil {
		depth := f.Flatten.Depth
		if depth == 0 {
			depth = json.FlattenDepth
		}
		set("flatten.depth", strconv.Itoa(depth))
		set("flatten.separator", f.Flatten.Separator)
	}
	set("sheet", f.Sheet)
	set("member", f.Member)
	if f.IncludeMarkers {
		set("include_markers", "true")
	}
	return v
}

// reading reads settings from the fields of a form, and collects what is wrong.
type reading struct {
	values url.Values
	faults []problem.Finding
}

func (r *reading) text(name string) string { return r.values.Get(name) }

// number returns a number; nil: the field is empty.
func (r *reading) number(name string) *int {
	text := r.text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		r.fault(name, "isn't a whole number")
	}
	return &n
}

// choice returns yes or no; nil: the field is empty.
func (r *reading) choice(name string) *bool {
	text := r.text(name)
	if text == "" {
		return nil
	}
	yes := text == "true"
	return &yes
}

// character returns a character, empty for none; nil: the field is empty.
func (r *reading) character(name string) *string {
	text := r.text(name)
	switch text {
	case "":
		return nil
	case none:
		text = ""
	}
	return &text
}

func (r *reading) fault(name, message string) {
	r.faults = append(r.faults, problem.Finding{Path: name, Message: message})
}

// err returns a problem with everything that is wrong.
func (r *reading) err(what string) error {
	if len(r.faults) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The %s isn't valid: %s %s.", what, r.faults[0].Path, r.faults[0].Message).
		WithFindings(r.faults...)
}

// format returns the format that the fields describe.
func (r *reading) format() source.Format {
	f := source.Format{
		Name: source.FormatName(r.text("format.name")), Encoding: tabular.Encoding(r.text("format.encoding")),
		Compression: r.text("format.compression"), Delimiter: r.text("format.delimiter"),
		Quote: r.character("format.quote"), Escape: r.character("format.escape"),
		Comment: r.character("format.comment"), SkipLines: r.number("format.skip_lines"),
		Header: r.choice("format.header"), TrailingDelimiter: r.choice("format.trailing_delimiter"),
		NumberFormat: r.text("format.number_format"), TimeZone: r.text("format.time_zone"),
		JSONPath: r.text("format.json_path"), Sheet: r.text("format.sheet"), Member: r.text("format.member"),
		IncludeMarkers: r.text("format.include_markers") == "true",
	}
	if markers := page.Lines(r.text("format.null_markers")); len(markers) > 0 {
		f.NullMarkers = markers
	}
	if n := r.number("format.max_record_bytes"); n != nil {
		f.MaxRecordBytes = *n
	}
	if depth := r.number("format.flatten.depth"); depth != nil {
		f.Flatten = &json.Flatten{Depth: *depth, Separator: r.text("format.flatten.separator")}
	}
	return f
}
