package tabular

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/avro"
	"github.com/windlass-io/windlass/internal/tabular/compress"
	"github.com/windlass-io/windlass/internal/tabular/csv"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Format is a file format.
type Format string

// The formats. Auto and an empty format detect the format from the content.
const (
	Auto    Format = "auto"
	CSV     Format = "csv"
	TSV     Format = "tsv"
	PSV     Format = "psv" // pipe-separated
	JSON    Format = "json"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
	Avro    Format = "avro"
	XLSX    Format = "xlsx"
)

// others has formats that are recognized by their first bytes but not supported.
var others = []struct{ magic, name, advice string }{
	{"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV in UTF-8."},
	{"\x02\x21\x4c\x18", "lz4 data in the legacy format", "Compress it with the frame format, which is lz4's default."},
	{"\xff\x06\x00\x00S2sTwO", "S2 data", "Compress it with snappy, gzip or zstd."},
	{"7z\xbc\xaf", "a 7z archive", "Unpack it, or pack it as zip."},
	{"Rar!\x1a\x07", "a RAR archive", "Unpack it, or pack it as zip."},
	{"\x89LZO\x00", "LZO data", "Compress it with gzip or zstd."},
	{"\x1f\x9d", "data of compress (.Z)", "Compress it with gzip or zstd."},
	{"ORC", "an ORC file", "Write it as Parquet."},
	{"\xff\xfe\x00\x00", "text in UTF-32", "Save it in UTF-8."},
	{"\x00\x00\xfe\xff", "text in UTF-32", "Save it in UTF-8."},
	{"%PDF-", "a PDF document", "Export the table as CSV."},
	{"<!DOCTYPE", "an HTML page", "Check that this isn't an error page."},
	{"<html", "an HTML page", "Check that this isn't an error page."},
	{"<?xml", "an XML document", "Convert it to JSON or CSV."},
}

// WrongFormat is the reason of content that is not of the expected format.
const WrongFormat = csv.WrongFormat

// binaries has the binary formats, by their first bytes.
var binaries = []struct {
	magic, name string
	format      Format
}{{"PAR1", "a Parquet file", Parquet}, {avro.Magic, "an Avro file", Avro}}

// detectBinary returns the format of content that is not text, and "" for text.
// chosen is the declared format.
func detectBinary(head []byte, chosen Format) (Format, error) {
	for _, b := range binaries {
		if !bytes.HasPrefix(head, []byte(b.magic)) {
			continue
		}
		if chosen != "" && chosen != Auto && chosen != b.format {
			return "", wrongFormat("The file is %s, but the source's format is %s.", b.name, chosen)
		}
		return b.format, nil
	}
	for _, o := range others {
		if bytes.HasPrefix(head, []byte(o.magic)) {
			return "", problem.New(problem.Invalid, "The file is %s, which isn't "+
				"supported.", o.name).WithHint("%s", o.advice).
				WithReason(WrongFormat)
		}
	}
	if chosen == XLSX {
		return "", wrongFormat("It isn't an Excel workbook (.xlsx).")
	}
	for _, b := range binaries {
		if chosen == b.format {
			return "", wrongFormat("The file isn't %s: it doesn't begin with %q.", b.name, b.magic)
		}
	}
	return "", nil
}

// namedBinaries are the formats that are no text, by the endings of keys.
var namedBinaries = []struct{ ending, name string }{
	{".parquet", "a Parquet file"}, {".avro", "an Avro file"}, {".xlsx", "an Excel workbook"}, {".orc", "an ORC file"},
}

// checkName compares the ending of the key with content that is text. Text in place of
// a binary file is most often an error page or a broken export, and isn't read unless
// the source declares its format. A missing compression is only noted.
func (c *Content) checkName() error {
	packed, key := packedEnding(c.input.Name)
	if c.options.Format == "" || c.options.Format == Auto {
		for _, b := range namedBinaries {
			if strings.HasSuffix(key, b.ending) {
				return problem.New(problem.Invalid, "The key ends in %s, but the object is text, not %s.", b.ending, b.name).
					WithHint("Check what wrote it. If the text is the data, declare the format of the source.").
					WithReason(WrongFormat)
			}
		}
	}
	if packed != "" && c.Compression == compress.None && c.options.Compression == "" {
		c.note("The key ends in %s, but the object isn't compressed. It is read as it is.", packed)
	}
	return nil
}

// packedEnding cuts the ending of a compression off a key. Both are in lower case.
func packedEnding(key string) (ending, rest string) {
	key = strings.ToLower(key)
	for _, packed := range []string{".gz", ".bgz", ".zst", ".bz2", ".xz", ".lz4", ".sz", ".snappy", ".zip"} {
		if before, found := strings.CutSuffix(key, packed); found {
			return packed, before
		}
	}
	return "", key
}

// refusePacked refuses content that is still compressed: compressed twice, or by
// snappy without frames.
func (c *Content) refusePacked(head []byte, complete bool) error {
	if kind := compress.Detect(head); kind != compress.None && c.Compression != compress.None {
		return compress.Packed(kind, c.Compression)
	}
	if complete && c.Compression == compress.None && !looksText(head) && compress.IsBlock(head) {
		return problem.New(problem.Invalid, "It is a block of snappy data without frames, which is not read.").
			WithHint("Write it with the framing format, or compress it with gzip or zstd.").WithReason(WrongFormat)
	}
	return nil
}

// looksText reports whether bytes are UTF-8 without control characters that no
// text has.
func looksText(head []byte) bool {
	const separators = "\t\n\v\f\r\x01\x02\x1c\x1d\x1e\x1f"
	return utf8.Valid(head) && !bytes.ContainsFunc(head, func(r rune) bool {
		return r < ' ' && !strings.ContainsRune(separators, r)
	})
}

func wrongFormat(format string, args ...any) error {
	return problem.New(problem.Invalid, format, args...).
		WithHint("Choose another format for the source, or use auto to detect it.").WithReason(WrongFormat)
}

// detect returns the format of text: the chosen one, or else the one that the
// content has. If both JSON lines and a JSON document are possible, the name's
// extension decides.
func detect(head []byte, complete bool, name string, options Options) (Format, error) {
	switch options.Format {
	case "", Auto:
	case JSON, JSONL:
		if !json.Looks(head) && !json.AnyObject(head) {
			return "", wrongFormat("The file isn't JSON: it begins with neither an object nor an array.")
		}
		return options.Format, nil
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

// linesByName reports whether a key has an extension of JSON lines, ignoring
// the extension of a compression.
func linesByName(key string) bool {
	_, key = packedEnding(key)
	return strings.HasSuffix(key, ".jsonl") || strings.HasSuffix(key, ".ndjson") || strings.HasSuffix(key, ".ldjson")
}

func errCompression(declared, found compress.Kind) error {
	if found == compress.None {
		return problem.New(problem.Invalid, "The file isn't compressed with %s, although the source's format says "+
			"so.", declared).
			WithHint("Remove the compression from the source's format: Windlass detects it from the content.").
			WithReason(compress.Damaged)
	}
	return problem.New(problem.Invalid, "The file is compressed with %s, but the source's format says "+
		"%s.", found, declared).
		WithHint("Remove the compression from the source's format: Windlass detects it from the content.").
		WithReason(compress.Damaged)
}

func errEmpty() error {
	return problem.New(problem.Invalid, "It is empty.").
		WithHint("A table needs at least a line with column names. If the object is meant to be empty, exclude it.")
}

// NoRecords is the problem of content without a record.
func NoRecords() error {
	return problem.New(problem.Invalid, "The file has no record to guess a schema from.").
		WithHint("Begin with an object that has records, or create the dataset with its schema first.")
}

// NoColumns is the problem of records that are all empty.
func NoColumns() error {
	return problem.New(problem.Invalid, "The records have no members from which a schema could be guessed.").
		WithHint("Begin with an object whose records have members, or make the dataset with its schema first.").
		WithReason(WrongFormat)
}

func errPackedParquet(kind compress.Kind) error {
	return problem.New(problem.Invalid, "The file is a Parquet file inside %s data, which can't be read in "+
		"parts.", kind).
		WithHint("Upload the Parquet file directly: it is compressed internally.")
}
