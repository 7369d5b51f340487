package csv

import (
	"bytes"
	"cmp"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// delimiters are the candidates, in order of preference.
var delimiters = []byte{',', '\t', ';', '|', '\x01'}

// minConsistency is the share of records that a delimiter must split alike.
const minConsistency = 0.8

// split is how a delimiter splits the first records.
type split struct {
	fields      int     // the most frequent number above 1
	consistency float64 // share of records with so many fields, from the first that has
	blanks      float64 // share of fields after the first that begin with a blank
	typed       float64 // share of columns that aren't strings
}

// score returns the best delimiter, 0 when none splits the records alike. The
// order is: more consistent records, fewer fields that begin with a blank, more
// columns that aren't text, more fields. So a comma in a name or a decimal
// doesn't win over the semicolon that separates the fields.
func score(d Dialect, head []byte, complete bool, options Options) byte {
	var best split
	var delimiter byte
	for _, candidate := range delimiters {
		d.Delimiter = candidate
		try := grammar{Dialect: d, limit: max(options.MaxRecordBytes, MaxRecordBytes)}
		if s, ok := try.split(head, complete); ok && (delimiter == 0 || s.isBetter(&best)) {
			best, delimiter = s, candidate
		}
	}
	return delimiter
}

func (s *split) isBetter(other *split) bool {
	return cmp.Or(
		cmp.Compare(s.consistency, other.consistency),
		cmp.Compare(other.blanks, s.blanks),
		cmp.Compare(s.typed, other.typed),
		cmp.Compare(s.fields, other.fields),
	) > 0
}

// split splits the first records. It reports false when they aren't consistent.
func (d grammar) split(head []byte, complete bool) (split, bool) {
	records := d.records(head, complete)
	counts := map[int]int{}
	s := split{}
	for _, record := range records {
		n := len(record)
		counts[n]++
		if n > 1 && (counts[n] > counts[s.fields] || counts[n] == counts[s.fields] && n > s.fields) {
			s.fields = n
		}
	}
	if s.fields == 0 || counts[s.fields]*2 <= len(records) {
		return split{}, false
	}
	for len(records[0]) != s.fields {
		records = records[1:]
	}
	s.consistency = float64(counts[s.fields]) / float64(len(records))
	s.measure(records)
	return s, s.consistency >= minConsistency
}

// measure finds the shares of blanks and of typed columns.
func (s *split) measure(records [][][]byte) {
	sample := infer.New()
	blank, later := 0, 0
	for i, record := range records {
		if len(record) != s.fields {
			continue
		}
		for j, field := range record {
			if j > 0 {
				later++
				if len(field) > 0 && field[0] == ' ' {
					blank++
				}
			}
			if i > 0 { // the first may be the header
				sample.Text(sample.Column(strconv.Itoa(j)), field)
			}
		}
		if i > 0 {
			sample.EndRow()
		}
	}
	s.blanks = float64(blank) / float64(max(later, 1))
	typed := 0
	for _, name := range sample.Names() {
		if g := sample.Evidence(name).Guess(); g.Type != dataset.String {
			typed++
		}
	}
	s.typed = float64(typed) / float64(s.fields)
}

// records splits the first records into fields. Blank lines are none.
func (d grammar) records(head []byte, complete bool) [][][]byte {
	var records [][][]byte
	for len(head) > 0 && len(records) < sniffed {
		n, end := d.scan(head, complete)
		if end == partial {
			break
		}
		record := d.trimEnd(head[:n])
		head = head[n:]
		if len(record) == 0 {
			continue
		}
		s := splitter{dialect: d.Dialect}
		var fields [][]byte
		for _, field := range s.split(record) {
			fields = append(fields, bytes.Clone(field))
		}
		records = append(records, fields)
	}
	return records
}
