package csv

import "bytes"

// lead describes the skipped lines and comments before the records.
type lead struct {
	end      int // where the records begin
	comment  int // where the last comment begins; -1 without comments
	comments int // their number
	sep      bool
}

// body returns what follows the lead.
func (l lead) body(head []byte) []byte { return head[l.end:] }

// lead skips the lines that the options skip, the sep= line, and the comments.
// It sets the fields of the dialect that they determine.
func (s *sniffer) lead(d *Dialect, reasons *Reasons) lead {
	l := lead{comment: -1}
	d.Comment = 0
	if s.Comment != nil {
		d.Comment = *s.Comment
	}
	switch {
	case s.SkipLines != nil:
		l.end = s.skip(d, *s.SkipLines)
		d.SkipLines = *s.SkipLines
	default:
		line := d.lineAt(s.head, 0)
		if sep := separator(d.trimEnd(line)); sep != "" && s.Delimiter == "" {
			d.Delimiter, d.SkipLines, l.end, l.sep = sep, 1, len(line), true
			reasons.SkipLines = SepLine
		}
	}
	if s.Comment == nil {
		s.passComments(d, &l)
	}
	return l
}

// skip passes a number of lines. Comments don't count.
func (s *sniffer) skip(d *Dialect, lines int) int {
	at := 0
	for lines > 0 && at < len(s.head) {
		line := d.lineAt(s.head, at)
		if d.Comment == 0 || line[0] != d.Comment {
			lines--
		}
		at += len(line)
	}
	return at
}

// passComments skips lines that begin with # and blank lines between them. If
// a table has only such lines, they aren't comments.
func (s *sniffer) passComments(d *Dialect, l *lead) {
	found := *l
	for at := found.end; at < len(s.head); {
		line := d.lineAt(s.head, at)
		switch {
		case line[0] == '#':
			found.comment, found.end = at, at+len(line)
			found.comments++
		case len(d.trimEnd(line)) > 0:
			if found.comments > 0 {
				*l = found
			}
			return
		}
		at += len(line)
	}
}

// lineAt returns the line that begins at a byte, with its end.
func (d *Dialect) lineAt(b []byte, at int) []byte {
	if i := bytes.IndexByte(b[at:], d.Newline); i >= 0 {
		return b[at : at+i+1]
	}
	return b[at:]
}

// place finds the header, or else the first record, and the settings that
// depend on it.
func (f *finding) place(s *sniffer, l lead) {
	records := f.grammar.records(s.head, l.end, s.complete)
	at, named := f.headerComment(s, l)
	if named {
		f.start = at
		l.comments--
		if f.reasons.Comment = Found; l.comments == 0 {
			f.reasons.Comment = HeaderLine
		}
	} else {
		records = f.skipPreamble(s, l, records)
		if f.start = l.end; len(records) > 0 {
			f.start = records[0].start
		}
		if l.comments > 0 {
			f.reasons.Comment = Found
		}
	}
	if s.Comment == nil && l.comments > 0 {
		f.Comment = '#'
	}
	f.lines = int64(bytes.Count(s.head[:f.start], []byte{f.Newline}))
	f.name(s, records, named)
	f.grammar.Dialect = f.Dialect
}

// headerComment reports whether the last comment is the header: it has no blank
// after the # and as many fields as the records.
func (f *finding) headerComment(s *sniffer, l lead) (int, bool) {
	if l.comment < 0 || f.split.fields < 2 {
		return 0, false
	}
	line := f.trimEnd(f.lineAt(s.head, l.comment))
	if len(line) < 2 || line[1] == ' ' || line[1] == '\t' {
		return 0, false
	}
	split := newSplitter(f.Dialect)
	return l.comment, len(split.split(line)) == f.split.fields
}

// skipPreamble returns the records from the header on: the leading ones of one
// field are skipped when most have more. It finds the trailing delimiter, too.
func (f *finding) skipPreamble(s *sniffer, l lead, records []record) []record {
	first := f.split.first
	if f.split.fields < 2 || first >= len(records) || !f.split.most {
		return records
	}
	if s.Trailing == nil && first > 0 && f.split.lastEmpty && records[first-1].fields() == f.split.fields-1 {
		f.Trailing, f.reasons.Trailing = true, LastEmpty
		first--
	}
	if s.SkipLines != nil || l.sep {
		return records
	}
	skipped := 0
	for skipped < first && records[skipped].fields() == 1 {
		skipped++
	}
	if skipped > 0 {
		f.SkipLines = bytes.Count(s.head[:records[skipped].start], []byte{f.Newline}) - l.comments
		f.reasons.SkipLines = Preamble
	}
	return records[skipped:]
}
