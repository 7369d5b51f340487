package csv

import "bytes"

// sniffed is how many records are looked at to find the dialect.
const sniffed = 200

// sniff finds the dialect. The delimiter is the one with the best [score]. When
// none is consistent, it is the one that splits the first record and most of the
// others into the same number of fields; of several, the one that makes most.
func sniff(head []byte, complete bool, options Options) Dialect {
	d := Dialect{Delimiter: ',', Quote: '"', Newline: '\n'}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		d.Newline = '\r'
	}
	switch {
	case options.Quote != 0:
		d.Quote = options.Quote
	case bytes.IndexByte(head, '"') < 0 && bytes.IndexByte(head, '\'') >= 0 && singleQuoted(head, d.Newline):
		d.Quote = '\''
	}
	if options.Delimiter != 0 {
		d.Delimiter = options.Delimiter
		return d
	}
	if delimiter := score(d, head, complete, options); delimiter != 0 {
		d.Delimiter = delimiter
		return d
	}
	best, bestFields := 0.0, 1
	for _, delimiter := range []byte{',', '\t', ';', '|'} {
		try := grammar{Dialect: d, limit: max(options.MaxRecordBytes, MaxRecordBytes)}
		try.Delimiter = delimiter
		fields, alike := try.shape(head, complete)
		if fields > 1 && (alike > best || alike == best && fields > bestFields || bestFields == 1) {
			d.Delimiter, best, bestFields = delimiter, alike, fields
		}
	}
	return d
}

// shape returns the number of fields of the first record, and the share of
// records that have as many.
func (d grammar) shape(head []byte, complete bool) (fields int, alike float64) {
	s := splitter{dialect: d.Dialect}
	records, same := 0, 0
	for len(head) > 0 && records < sniffed {
		n, end := d.scan(head, complete)
		if end == partial {
			break
		}
		record := d.trimEnd(head[:n])
		head = head[n:]
		if len(record) == 0 {
			continue
		}
		count := len(s.split(record))
		if records == 0 {
			fields = count
		}
		if records++; count == fields {
			same++
		}
	}
	if records == 0 {
		return 1, 0
	}
	return fields, float64(same) / float64(records)
}

// singleQuoted reports whether fields are written in single quotes: most lines
// begin and end with one.
func singleQuoted(head []byte, newline byte) bool {
	lines, quoted := 0, 0
	for len(head) > 0 && lines < sniffed {
		line, rest, _ := bytes.Cut(head, []byte{newline})
		head = rest
		if line = bytes.TrimSpace(line); len(line) < 2 {
			continue
		}
		if lines++; line[0] == '\'' && line[len(line)-1] == '\'' {
			quoted++
		}
	}
	return quoted*2 > lines
}
