package csv

import (
	"bytes"
	"cmp"
	"strings"
	"unicode/utf8"
)

// sniffed is the number of records used to find the dialect, and sniffedBytes
// the number of bytes.
const (
	sniffed      = 200
	sniffedBytes = 1 << 20
)

// sniffer finds the dialect of a table by its beginning.
type sniffer struct {
	Options
	head     []byte
	complete bool
}

// finding is a dialect, and where its first record begins.
type finding struct {
	Dialect
	reasons Reasons
	grammar grammar
	split   split
	uneven  Uneven
	start   int   // byte of the first record, which may be the header
	lines   int64 // before it
}

// Uneven is a delimiter that splits most of the first records, but not enough of them
// consistently, so that the table has one column. The zero value means that there is
// none.
type Uneven struct {
	Delimiter string
	Fields    int // that most records have
	Alike     int // records with so many fields
	Records   int // all that were looked at
}

// isUneven reports whether at least half of the records have the same number of fields.
func (s *split) isUneven() bool { return s.fields > 1 && s.records > 1 && s.alike*2 >= s.records }

// sniff finds the dialect. Settings that aren't declared come from the
// interpretation with the best [split]; if both CR and LF end lines, each is
// tried.
func sniff(head []byte, complete bool, options Options) finding {
	s := &sniffer{Options: options, head: head, complete: complete}
	if len(head) > sniffedBytes {
		s.head, s.complete = head[:sniffedBytes], false
	}
	lf, cr := bytes.IndexByte(s.head, '\n') >= 0, hasLoneCR(s.head)
	switch {
	case lf && cr:
		best, other := s.read('\n'), s.read('\r')
		best.reasons.Newline = ReadsBetter
		if other.split.isBetter(&best.split) {
			best = other
			best.reasons.Newline = ReadsBetter
		}
		return best
	case cr:
		return s.read('\r')
	}
	return s.read('\n')
}

// hasLoneCR reports whether a CR without LF ends a line, not counting the last
// byte, which may be half of a CRLF.
func hasLoneCR(b []byte) bool {
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i+1 == len(b) {
			return bytes.IndexByte(b, '\n') < 0
		}
		if b[i+1] != '\n' {
			return true
		}
		n := bytes.IndexByte(b[i+1:], '\r')
		if n < 0 {
			return false
		}
		i += 1 + n
	}
	return false
}

// read finds the dialect for one kind of line ends.
func (s *sniffer) read(newline byte) finding {
	base := Dialect{Newline: newline, Quote: '"'}
	reasons := Reasons{
		Quote: Usual, Escape: Usual, Comment: Usual, Newline: Found, SkipLines: FirstRecord, Trailing: Usual,
	}
	l := s.lead(&base, &reasons)
	f := s.best(&base, l, reasons)
	f.place(s, l)
	return f
}

// best returns the reading with the best delimiter, quote and escape.
func (s *sniffer) best(base *Dialect, l lead, reasons Reasons) finding {
	best := finding{reasons: reasons}
	chosen := false
	for _, delimiter := range s.delimiters(base.Delimiter) {
		d := *base
		d.Delimiter = delimiter
		for _, escape := range s.escapes() {
			d.Escape = escape
			d.Quote = s.quote(&d, l.body(s.head))
			g := s.grammarOf(d)
			try, ok := g.measure(s, l)
			if d.Delimiter != "" && !ok && s.Delimiter == "" && base.Delimiter == "" {
				if try.isUneven() && try.alike > best.uneven.Alike {
					best.uneven = Uneven{delimiter, try.fields, try.alike, try.records}
				}
				continue
			}
			if !chosen || try.isBetter(&best.split) {
				best.Dialect, best.grammar, best.split, chosen = d, g, try, true
			}
		}
	}
	best.explain(s, base)
	return best
}

// explain adds the reasons for delimiter, quote and escape.
func (f *finding) explain(s *sniffer, base *Dialect) {
	switch {
	case base.Delimiter != "":
		f.reasons.Delimiter = SepLine
	case f.Delimiter == "":
		f.reasons.Delimiter = OneColumn
	default:
		f.reasons.Delimiter = Consistent
	}
	if f.Quote == '\'' && s.Quote == nil {
		f.reasons.Quote = Found
	}
	if f.Escape != 0 {
		f.reasons.Escape = ReadsBetter
	}
}

// delimiters returns the candidates: the declared one, that of a sep= line, or
// all, with no delimiter as the last resort.
func (s *sniffer) delimiters(sep string) []string {
	switch {
	case s.Delimiter != "":
		return []string{s.Delimiter}
	case sep != "":
		return []string{sep}
	}
	var list []string
	for _, d := range []string{",", "\t", ";", "|", "||", "\x01"} {
		if d == "|" && isDoubled(s.head) || !bytes.Contains(s.head, []byte(d)) {
			continue
		}
		list = append(list, d)
	}
	return append(list, "")
}

// isDoubled reports whether every | is doubled.
func isDoubled(head []byte) bool {
	return bytes.IndexByte(head, '|') >= 0 && bytes.IndexByte(bytes.ReplaceAll(head, []byte("||"), nil), '|') < 0
}

// escapes returns the candidates, the preferred one first.
func (s *sniffer) escapes() []byte {
	switch {
	case s.Escape != nil:
		return []byte{*s.Escape}
	case bytes.Contains(s.head, []byte(`\"`)):
		return []byte{0, '\\'}
	}
	return []byte{0}
}

// quote returns the quote: ' if there is no " and at least half of the lines
// have a field in single quotes.
func (s *sniffer) quote(d *Dialect, body []byte) byte {
	if s.Quote != nil {
		return *s.Quote
	}
	if bytes.IndexByte(s.head, '"') >= 0 || bytes.IndexByte(s.head, '\'') < 0 {
		return '"'
	}
	try := *d
	try.Quote = '\''
	g := s.grammarOf(try)
	lines, quoted := 0, 0
	for len(body) > 0 && lines < sniffed {
		line, rest, _ := bytes.Cut(body, []byte{d.Newline})
		body = rest
		if line = d.trimEnd(line); len(line) == 0 {
			continue
		}
		if lines++; g.hasQuoted(line) {
			quoted++
		}
	}
	if quoted > 0 && quoted*2 >= lines {
		return '\''
	}
	return '"'
}

// hasQuoted reports whether a line has a field in quotes.
func (d *grammar) hasQuoted(line []byte) bool {
	for i := 0; i < len(line); i += len(d.Delimiter) {
		if line[i] == d.Quote {
			_, end := d.closing(line, i+1, true)
			return end == whole
		}
		if i = d.fieldEnd(line, i); i < 0 || d.Delimiter == "" {
			return false
		}
	}
	return false
}

func (s *sniffer) grammarOf(d Dialect) grammar {
	g := grammar{Dialect: d, limit: s.MaxRecordBytes}
	if s.Comment != nil {
		g.comments = *s.Comment
	}
	return g
}

// separator returns the delimiter of a "sep=X" line.
func separator(line []byte) string {
	if len(line) < 5 || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return ""
	}
	x := line[4:]
	if !utf8.Valid(x) || utf8.RuneCount(x) > MaxDelimiterSize || bytes.ContainsAny(x, "\"\r\n") {
		return ""
	}
	return string(x)
}

// keyedDelimiter returns the delimiter that the ending of a key names.
func keyedDelimiter(key string) string {
	key = strings.ToLower(key)
	for _, packed := range []string{".gz", ".bgz", ".zst", ".bz2", ".xz", ".lz4", ".sz", ".snappy"} {
		key = strings.TrimSuffix(key, packed)
	}
	switch {
	case strings.HasSuffix(key, ".tsv"), strings.HasSuffix(key, ".tab"):
		return "\t"
	case strings.HasSuffix(key, ".psv"):
		return "|"
	}
	return ""
}

func (s *split) isBetter(other *split) bool {
	return cmp.Or(
		compareBool(s.keyed, other.keyed),
		cmp.Compare(s.consistency, other.consistency),
		cmp.Compare(other.blanks, s.blanks),
		cmp.Compare(s.typed, other.typed),
		cmp.Compare(s.fields, other.fields),
		cmp.Compare(other.first, s.first), // rather than to skip a line that the other reads as the header
	) > 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
