package load_test

import (
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// encoded returns a text in an encoding.
func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func textChapters(t *testing.T) []chapter {
	t.Helper()
	return []chapter{
		{"Encodings", "", encodingFiles(t)},
		{"Delimited text", "Line ends are shown as `↵`, tabs as `→`.", delimitedFiles()},
		{"Texts and their types", "Each is a column `v` of a table with one other column.", typedTexts()},
		{"JSON", "Line ends are shown as `↵`.", jsonFiles()},
	}
}

func encodingFiles(t *testing.T) []made {
	t.Helper()
	const text = "id,name\n1,Zoë\n2,„Ann“\n"
	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	const lines = `{"id":1,"name":"Zoë"}` + "\n" + `{"id":2,"name":"Ann"}` + "\n"
	files := []made{
		{what: "UTF-8", content: []byte(text)},
		{what: "UTF-8 with a byte order mark", content: []byte("\xef\xbb\xbf" + text)},
		{what: "UTF-16, little-endian, with a byte order mark", content: encoded(t, little, "\ufeff"+text)},
		{what: "UTF-16, big-endian, with a byte order mark", content: encoded(t, big, "\ufeff"+text)},
		{what: "UTF-16, little-endian, without one", content: encoded(t, little, text)},
		{what: "UTF-16, big-endian, without one", content: encoded(t, big, text)},
		{
			what:    "UTF-16, cut within a character",
			content: encoded(t, little, "id,name\n1,a\n2,b")[:2*len("id,name\n1,a\n2,b")-1],
		},
		{
			what:    "UTF-16 with half a surrogate pair",
			content: append(encoded(t, little, "id,name\n1,a\n2,"), 0, 0xd8, '\n', 0),
		},
		{what: "Windows-1252", content: encoded(t, charmap.Windows1252, text)},
		{
			what: "ISO 8859-1, declared `latin1`", content: encoded(t, charmap.ISO8859_1, "id,name\n1,Zoë\n"),
			format: source.Format{Encoding: tabular.Latin1},
		},
		{what: "Shift JIS, which isn't read", content: encoded(t, japanese.ShiftJIS, "id,name\n1,表\n")},
		{
			what:    "UTF-32 with a byte order mark, which isn't read",
			content: encoded(t, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), text),
		},
		{
			what: "bytes that aren't UTF-8, in a file that is declared `utf-8`", content: []byte("id,name\n1,a\xff\n2,b\n"),
			format: source.Format{Encoding: tabular.UTF8},
		},
		{what: "a zero byte in a field", content: []byte("id,name\n1,a\x00b\n2,b\n")},
		{what: "characters outside of the basic plane, in UTF-16", content: encoded(t, little, "\ufeffid,name\n1,😀\n")},
		{what: "a byte order mark in the middle of a file", content: []byte("id,name\n1,\ufeffa\n")},
		{what: "JSON lines in UTF-8 with a byte order mark", content: []byte("\ufeff" + lines)},
		{what: "JSON lines in UTF-16", content: encoded(t, little, "\ufeff"+lines)},
		{what: "JSON lines in UTF-16 without a byte order mark", content: encoded(t, big, lines)},
		{what: "JSON lines in ISO 8859-1", content: encoded(t, charmap.ISO8859_1, lines)},
		{
			what: "JSON lines in ISO 8859-1, declared", content: encoded(t, charmap.ISO8859_1, lines),
			format: source.Format{Encoding: tabular.Latin1},
		},
	}
	return files
}

// spelled returns a file whose text is its description.
func spelled(text string) made {
	what := strings.NewReplacer("\r\n", "␍↵", "\r", "␍", "\n", "↵", "\t", "→", "\x01", "␁", "\ufeff", "").Replace(text)
	return made{what: code(what), content: []byte(text)}
}

func (m made) with(what string, f source.Format) made {
	m.what, m.format = m.what+"<br>"+what, f
	return m
}

func (m made) named(key string) made {
	m.what, m.key = m.what+"<br>named `"+key+"`", key
	return m
}

func delimitedFiles() []made {
	single, none, hash := "'", "", "#"
	backslash := `\`
	yes, no := true, false
	two := 2
	return []made{
		spelled("id,name\n1,Ann\n2,Bob\n"),
		spelled("id;name;n\n1;Ann, B.;1,5\n2;Bob;2,5\n"),
		spelled("id\tname\n1\tAnn\n2\tBob\n"),
		spelled("id|name\n1|Ann\n2|Bob\n"),
		spelled("id||name\n1||Ann\n2||Bob\n"),
		spelled("id\x01name\n1\x01Ann\n2\x01Bob\n"),
		spelled("id~|~name\n1~|~Ann\n2~|~Bob\n").with("`delimiter` `~|~`", source.Format{Delimiter: "~|~"}),
		spelled("id::name\n1::\"a::b\"\n").with("`delimiter` `::`", source.Format{Delimiter: "::"}),
		spelled("id name\n1 Ann\n2 Bob\n").with("`delimiter` a blank", source.Format{Delimiter: " "}),
		spelled("sep=;\nid;name\n1;a,b\n"),
		spelled("\"sep=|\"\nid|name\n1|a\n"),
		spelled("id\n1\n2\n"),
		spelled("text\nhello, world\nbye\n"),
		spelled("id,name\r\n1,Ann\r\n2,Bob\r\n"),
		spelled("id,name\r1,Ann\r2,Bob\r"),
		spelled("id,name\n1,Ann\n2,Bob"),
		spelled("id,name\n\n1,Ann\n\n\n2,Bob\n"),
		spelled("id,note\n1,\"a, b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n"),
		spelled("id,note\n1,\"say \\\"hi\\\", x\"\n2,\"b\"\n"),
		spelled("id,note\n1,\"ends with \\\"\n2,\"b\"\n").with("`escape` none", source.Format{Escape: &none}),
		spelled("id,note\n1,'a, b'\n2,'c'\n"),
		spelled("id,note\n1,'a, b'\n2,'c'\n").with("`quote` `'`", source.Format{Quote: &single}),
		spelled("id,note\n1,5\" disk\n2,b\n"),
		spelled("id,note\n1,\"a\"b\n2,b\n"),
		spelled("id,note\n1,\"open\n2,b\n"),
		spelled("id,note\n1,\"open\n2,b\n").with("`quote` none", source.Format{Quote: &none}),
		spelled("id,name\n1,a,b\n2,c\n3\n"),
		spelled("id,name,\n1,Ann,\n2,Bob,\n"),
		spelled("id,name\n1,Ann,\n2,Bob,\n"),
		spelled("id,name\n1,Ann,\n2,Bob\n").with("`trailing_delimiter` true", source.Format{TrailingDelimiter: &yes}),
		spelled("id,v,v,,V\n1,a,b,c,d\n"),
		spelled(" id , name \n1, Ann\n2, Bob\n"),
		spelled("1,Ann,2.5\n2,Bob,3.5\n"),
		spelled("Ann,Bob\nEve,Joe\n").with("`header` false", source.Format{Header: &no}),
		spelled("id,name\n"),
		spelled("# made by x\nid,name\n1,Ann\n"),
		spelled("#id,name\n1,Ann\n"),
		spelled("id,name\n1,Ann\n# end\n2,Bob\n").with("`comment` `#`", source.Format{Comment: &hash}),
		spelled("Report\n2026\nid,name\n1,Ann\n2,Bob\n3,Eve\n4,Joe\n"),
		spelled("x\ny\nid,name\n1,Ann\n").with("`skip_lines` 2", source.Format{SkipLines: &two}),
		spelled("id,a\n1,NULL\n2,N/A\n3,5\n"),
		spelled("id,a\n1,NULL\n2,x\n3,\\N\n"),
		spelled("id,a\n1,-\n2,?\n3,5\n").with("`null_markers` `-` `?`", source.Format{NullMarkers: []string{"-", "?"}}),
		spelled("id,a\n1,\n2,\"\"\n3,x\n"),
		spelled("id,a\n1,x\\ty\n2,b\n").with("`escape` `\\`", source.Format{Escape: &backslash}),
		spelled("id;a\n1;1.234,5\n2;2,25\n"),
		spelled("id;a\n1;1,234\n2;2,345\n"),
		spelled("id;a\n1;1,234\n2;2,345\n").with("`number_format` `1234,5`", source.Format{NumberFormat: "1234,5"}),
		spelled("name,2019,2020,2021\nx,1,2,3\n"),
		spelled("a,b;c,d\n1,2;3,4\n5,6;7,8\n"),
		spelled("id,name\n1,Ann\n").named("a.tsv"),
		spelled("id,name\n1,Ann\n").with("`name` `tsv`", source.Format{Name: source.TSV}),
		spelled(
			"id,when\n1,2026-03-29 02:30\n",
		).with("`time_zone` Europe/Berlin", source.Format{TimeZone: "Europe/Berlin"}),
		{
			what:    "a field of 2 MiB",
			content: []byte("id,a\n1," + strings.Repeat("x", 1<<21) + "\n2,b\n"),
			format: source.Format{
				MaxRecordBytes: 1 << 20,
			},
		},
		{what: "2,500 columns", content: wide(2500)},
		{what: "10,001 columns", content: wide(10_001)},
		{what: "a name of 256 bytes", content: []byte("id," + strings.Repeat("n", 256) + "\n1,a\n")},
		spelled("\n\n\n"),
		{what: "an empty file", content: nil},
		{what: "only a byte order mark", content: []byte("\ufeff")},
	}
}

// wide returns a table of n columns.
func wide(n int) []byte {
	var header, row strings.Builder
	for i := range n {
		if i > 0 {
			header.WriteByte(',')
			row.WriteByte(',')
		}
		header.WriteString(
			"c" + strings.Repeat(
				"0",
				i%3,
			) + "_" + string(
				rune('a'+i%26),
			) + strings.Repeat(
				"x",
				i/26%7,
			) + "_" + strconv.Itoa(
				i,
			),
		)
		row.WriteString("1")
	}
	return []byte(header.String() + "\n" + row.String() + "\n")
}

func typedTexts() []made {
	var files []made
	for _, values := range [][]string{
		{"1", "-2", "3"},
		{"9223372036854775807", "9223372036854775808"},
		{"1.5", "2"},
		{"1.10", "0.1"},
		{"0.12345678901234567890", "1"},
		{"00501", "10115"},
		{"+4930", "4930"},
		{"-0", "1"},
		{"1e3", "2.5"},
		{"12E3", "13E4"},
		{"123456789012345678901234567890123456789", "1"},
		{"1e400", "1.5"},
		{"NaN", "1.5"},
		{"Infinity", "1.5"},
		{"0x1F", "1"},
		{"1_000", "1"},
		{"$5", "6"},
		{"50%", "6"},
		{"(1.50)", "2.5"},
		{"true", "FALSE"},
		{"yes", "no"},
		{"t", "f"},
		{"2026-01-31", "2026-02-28"},
		{"2026-02-30", "2026-02-28"},
		{"31.01.2026", "01.02.2026"},
		{"01/31/2026", "02/01/2026"},
		{"31/01/2026", "01/02/2026"},
		{"01/02/2026", "03/04/2026"},
		{"20260131", "20260201"},
		{"31-Jan-2026", "01-Feb-2026"},
		{`"Jan 31, 2026"`, `"Feb 1, 2026"`},
		{"2026-01-31T10:15:00Z", "2026-01-31T10:15:00.123456+02:00"},
		{"2026-01-31 10:15:00", "2026-02-01"},
		{"2026-01-31T10:15:00.1234567Z", "2026-01-31T10:15:00Z"},
		{"2026-01-31 24:00:00", "2026-01-31 23:00:00"},
		{"31/Jan/2026:10:15:00 +0100", "01/Feb/2026:10:15:00 +0100"},
		{`"Sat, 31 Jan 2026 10:15:00 GMT"`, `"Sun, 01 Feb 2026 10:15:00 +0000"`},
		{"10:15", "11:15"},
		{"1769854500", "1769854501"},
		{"NULL", "null"},
		{"", "NULL"},
		{"1", "x"},
		{"2026-01-31", "5"},
		{`"{""a"":1}"`, `"{""a"":2}"`},
		{`"1,234.5"`, `"2,345.25"`},
		{`"1 234,5"`, `"2 345,25"`},
		{"1'234.5", "2'345.25"},
	} {
		shown := make([]string, len(values))
		text := "k,v\n"
		for i, v := range values {
			shown[i] = code(v)
			if v == "" {
				shown[i] = "empty"
			}
			text += string(rune('a'+i)) + "," + v + "\n"
		}
		files = append(files, made{what: strings.Join(shown, ", "), content: []byte(text)})
	}
	return files
}

func jsonFiles() []made {
	deep := strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)
	return []made{
		spelled(`{"id":1,"name":"Ann"}` + "\n" + `{"id":2,"name":"Bob"}` + "\n").named("a.jsonl"),
		spelled(`[{"id":1},{"id":2}]`),
		spelled(`{"id":1} {"id":2}{"id":3}`),
		spelled("{\n \"id\": 1\n}\n{\n \"id\": 2\n}\n"),
		spelled(`{"id":1,"name":"Ann"}`),
		spelled(`{"data":{"items":[{"id":1},{"id":2}]},"total":2}`),
		spelled(
			`{"items":[{"id":1}],"next":"x"}`,
		).with("`json_path` `$.items[*]`", source.Format{JSONPath: "$.items[*]"}),
		spelled(
			`{"items":[{"id":1}],"next":"x"}`,
		).with("`json_path` `$.missing[*]`", source.Format{JSONPath: "$.missing[*]"}),
		spelled(`{"items":[{"id":1,"ok":true},{"id":2,"ok":false}]}`).
			with("`json_path` `$.items[?@.ok==true]`", source.Format{JSONPath: "$.items[?@.ok==true]"}),
		spelled(`{"a":{"items":[{"id":1}]},"b":{"items":[{"id":2}]}}`).
			with("`json_path` `$..items[*]`", source.Format{JSONPath: "$..items[*]"}),
		spelled(`{"id":1,"at":{"x":1.5,"city":{"name":"Bern"}},"tags":["a"]}`).
			with("`flatten` `{}`", source.Format{Flatten: &json.Flatten{}}),
		spelled(`[[{"id":1}],[{"id":2}]]`),
		spelled(`[1,2,3]`),
		spelled(`["a","b"]`),
		spelled(`[["id","name"],[1,"Ann"]]`),
		spelled(`[]`),
		spelled(`{}`),
		spelled(`null`),
		spelled(`5`),
		spelled("1\n2\n").named("a.jsonl"),
		spelled(`[{"id":1},{"id":"x"},{"id":null}]`),
		spelled(`[{"a":1},{"b":2}]`),
		spelled(`[{"a":{"b":1.10,"c":[1,2]}},{"a":{"b":2}}]`),
		spelled(`[{"a":[1,"x",null]},{"a":[]}]`),
		spelled(`[{"a":1},{"a":{"b":2}}]`),
		spelled(`[{"a":1},{"a":2.5},{"a":1e3}]`),
		spelled(`[{"a":12345678901234567890},{"a":1}]`),
		spelled(`[{"a":0.1234567890123456789}]`),
		spelled(`[{"a":true},{"a":null}]`),
		spelled(`[{"a":"2026-01-31"},{"a":"2026-02-01"}]`),
		spelled(`[{"a":"1"},{"a":"2"}]`),
		spelled(`[{"a":"NULL"},{"a":""}]`),
		spelled(`[{"a":"é\u00e9\ud83d\ude00"}]`),
		spelled(`[{"a":"\u0000"}]`),
		spelled(`[{"a":"\ud800"},{"a":"x"}]`),
		spelled(`[{"a":1,"a":2},{"a":3}]`),
		spelled(`[{"id":1},{"id":2,}]`),
		spelled(`{"id":1}` + "\n" + `{"id":` + "\n" + `{"id":3}` + "\n").named("a.jsonl"),
		spelled(`{"id":1}` + "\n\n" + `{"id":2}` + "\n").named("a.jsonl"),
		spelled(`[{"id":1},{"id":2}`),
		spelled(`{"id":NaN}` + "\n" + `{"id":1}` + "\n").named("a.jsonl"),
		spelled(`{"id":1} // note` + "\n" + `{"id":2}` + "\n").named("a.jsonl"),
		{what: "an object of 65 levels, beside another", key: "a.jsonl", content: []byte(deep + "\n{\"a\":1}\n")},
		spelled(`{"a b":1,"":2,"A B":3}`),
	}
}
