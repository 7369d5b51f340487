package csv

import (
	"bytes"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// The minimum share of records that a delimiter must split into the same
// number of fields: to be used at all, and to win because of the key's
// extension.
const (
	minConsistency   = 0.8
	keyedConsistency = 0.9
)

// record is one of the first records.
type record struct {
	start  int // byte in the head
	values [][]byte
	broken bool
}

// fields returns the number of fields; a record that is broken is one.
func (r *record) fields() int {
	if r.broken {
		return 1
	}
	return len(r.values)
}

// split describes how a delimiter splits the first records.
type split struct {
	fields      int     // the most frequent number above 1
	records     int     // that were looked at
	alike       int     // those with so many fields
	first       int     // the first record with this many
	most        bool    // more than half of all records have
	consistency float64 // share of records with this many fields, from first on
	blanks      float64 // share of fields after the first that begin with a blank
	typed       float64 // share of columns that aren't strings
	lastEmpty   bool    // the last field of all such records is empty
	keyed       bool    // the key's ending names the delimiter
}

// measure splits the first records. It reports whether they are consistent. The
// order of [split.isBetter] then prefers the delimiter of the key's ending, more
// consistent records, fewer fields that begin with a blank, more columns that
// aren't text, and more fields. So a comma in a name or a decimal doesn't win
// over the semicolon that separates the fields.
func (d *grammar) measure(s *sniffer, l lead) (split, bool) {
	records := d.records(s.head, l.end, s.complete)
	counts := map[int]int{}
	m := split{}
	for i := range records {
		n := records[i].fields()
		counts[n]++
		if n > 1 && (counts[n] > counts[m.fields] || counts[n] == counts[m.fields] && n > m.fields) {
			m.fields = n
		}
	}
	if m.fields == 0 {
		return split{}, false
	}
	for records[m.first].fields() != m.fields {
		m.first++
	}
	m.records, m.alike = len(records), counts[m.fields]
	m.most = m.alike*2 > len(records)
	m.consistency = float64(m.alike) / float64(len(records)-m.first)
	m.keyed = m.consistency >= keyedConsistency && keyedDelimiter(s.Key) == d.Delimiter
	m.count(s, records[m.first:])
	return m, m.most && m.consistency >= minConsistency
}

// count finds the shares of blanks and of typed columns.
func (m *split) count(s *sniffer, records []record) {
	sample := infer.New()
	sample.Use(s.Settings)
	blank, later := 0, 0
	m.lastEmpty = true
	for i := range records {
		if records[i].fields() != m.fields {
			continue
		}
		for j, field := range records[i].values {
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
		m.lastEmpty = m.lastEmpty && len(records[i].values[m.fields-1]) == 0
		if i > 0 {
			sample.EndRow()
		}
	}
	m.blanks = float64(blank) / float64(max(later, 1))
	typed := 0
	for _, name := range sample.Names() {
		if g := sample.Evidence(name).Guess(); g.Type != dataset.String {
			typed++
		}
	}
	m.typed = float64(typed) / float64(m.fields)
}

// records splits the first records from a byte on into fields. It skips blank
// lines and comments.
func (d *grammar) records(head []byte, from int, complete bool) []record {
	var records []record
	for at := from; at < len(head) && len(records) < sniffed; {
		n, end := d.scan(head[at:], complete)
		if end == partial {
			break
		}
		r := record{start: at, broken: end == broken}
		line := d.trimEnd(head[at : at+n])
		at += n
		if len(line) == 0 || d.isComment(line) {
			continue
		}
		s := newSplitter(d.Dialect)
		for _, field := range s.split(line) {
			r.values = append(r.values, bytes.Clone(field))
		}
		records = append(records, r)
	}
	return records
}
