package infer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/windlass-io/windlass/internal/dataset"
)

// keyWords end the names of columns that identify rows; subkeyWords end those
// of columns that distinguish rows with the same key.
var (
	keyWords = []string{
		"id", "uuid", "guid", "key", "code", "symbol", "ticker", "sku", "isin", "cusip", "figi",
		"lei", "iata", "icao", "zip", "zipcode", "postcode", "email", "username", "slug", "ean", "upc", "asin", "vin",
	}
	subkeyWords = []string{"sequence", "seq", "number", "num", "no", "nr", "line", "index", "version", "year", "period"}
)

// index guesses the parts of the index, with the reason:
//
//   - date: the first date or moment.
//   - key: the first column named like an identifier that no two rows share,
//     else the first string, else the first integer named like an identifier.
//   - subkey: none if the key is an identifier, or if key and date identify all
//     rows; else the next string, else the next integer whose name indicates a
//     counter. A measure is never a part.
//
// No part has a null or an empty text in the sample. If the sample is the whole
// file, key and subkey must vary; the beginning of a longer file may be sorted by
// them.
func (s *Sampler) index(columns []dataset.Column) dataset.Index {
	g := guesser{s: s, columns: columns}
	index := dataset.Index{Guessed: true}
	var why []string
	if i := g.date(); i >= 0 {
		index.Date = columns[i].Name
		why = append(why, fmt.Sprintf("%s is the first date without gaps", quote(index.Date)))
	}
	key, reason := g.key()
	if key < 0 {
		index.Distinct = index.Date != "" && s.unique(s.names[index.Date])
		index.Reason = sentence(append(why, "no column without gaps looks like a key"), s, index)
		return index
	}
	index.Key = columns[key].Name
	why = append(why, fmt.Sprintf("%s is %s", quote(index.Key), reason))
	parts := []int{key}
	if index.Date != "" {
		parts = append(parts, s.names[index.Date])
	}
	if subkey, reason := g.subkey(key, parts, index.Date != ""); subkey >= 0 {
		index.Subkey = columns[subkey].Name
		why = append(why, fmt.Sprintf("%s is %s", quote(index.Subkey), reason))
		parts = append(parts, subkey)
	}
	index.Distinct = s.unique(parts...)
	index.Reason = sentence(why, s, index)
	return index
}

func sentence(why []string, s *Sampler, index dataset.Index) string {
	text := strings.Join(why, ", ")
	switch {
	case s.rows == 0:
		text += "; there were no rows to compare"
	case index.Key == "" && index.Date == "":
		text += "; every row is kept"
	case index.Distinct:
		text += fmt.Sprintf("; none of the first %d rows share them", s.rows)
	default:
		text += fmt.Sprintf("; some of the first %d rows share them, so it isn't unique", s.rows)
	}
	r := []rune(text)
	r[0] = unicode.ToUpper(r[0])
	return string(r) + "."
}

func quote(name string) string { return "“" + name + "”" }

type guesser struct {
	s       *Sampler
	columns []dataset.Column
}

func (g guesser) date() int {
	return slices.IndexFunc(g.columns, func(c dataset.Column) bool {
		return (c.Type == dataset.Date || c.Type == dataset.DateTime) && g.s.complete(c.Name)
	})
}

// suits reports whether a column can be key or subkey at all.
func (g guesser) suits(i int) bool {
	t := g.columns[i].Type
	return (t == dataset.String || t == dataset.Integer) && g.s.complete(g.columns[i].Name) && g.s.varies(i)
}

func (g guesser) find(skip int, wanted func(i int) bool) int {
	for i := range g.columns {
		if i != skip && g.suits(i) && wanted(i) {
			return i
		}
	}
	return -1
}

func (g guesser) isString(i int) bool { return g.columns[i].Type == dataset.String }

func (g guesser) named(words []string) func(int) bool {
	return func(i int) bool { return slices.Contains(words, lastWord(g.columns[i].Name)) }
}

func (g guesser) identifies(i int) bool { return g.named(keyWords)(i) && g.s.unique(i) }

func (g guesser) key() (int, string) {
	if i := g.find(-1, g.identifies); i >= 0 {
		return i, "named like an identifier"
	}
	if i := g.find(-1, g.isString); i >= 0 {
		return i, "the first text without gaps"
	}
	if i := g.find(-1, g.named(keyWords)); i >= 0 {
		return i, "named like an identifier"
	}
	return -1, ""
}

func (g guesser) subkey(key int, parts []int, dated bool) (int, string) {
	if g.identifies(key) || dated && g.s.unique(parts...) {
		return -1, ""
	}
	if i := g.find(key, g.isString); i >= 0 {
		return i, "the next text without gaps"
	}
	if i := g.find(key, g.named(append(slices.Clone(subkeyWords), keyWords...))); i >= 0 {
		return i, "a number that counts, by its name"
	}
	return -1, ""
}

// complete reports whether a column has a value in every row of the sample.
func (s *Sampler) complete(name string) bool {
	c := s.columns[s.names[name]]
	return s.rows > 0 && c.evidence.Empty+c.evidence.Guess().Nulls == 0 && len(c.hashes) == s.rows
}

// varies reports whether a column has more than one value. A sample that does
// not reach the end of the object is assumed to.
func (s *Sampler) varies(i int) bool {
	hashes := s.columns[i].hashes
	return s.rows < 2 || s.rows >= Rows || slices.ContainsFunc(hashes, func(h uint64) bool { return h != hashes[0] })
}

// unique reports whether no two rows of the sample have the same values in all
// of these columns.
func (s *Sampler) unique(columns ...int) bool {
	seen := make(map[uint64]struct{}, s.rows)
	for row := range s.rows {
		var all uint64
		for _, i := range columns {
			if row < len(s.columns[i].hashes) {
				all = all*0x9e3779b97f4a7c15 + s.columns[i].hashes[row]
			}
		}
		if _, twice := seen[all]; twice {
			return false
		}
		seen[all] = struct{}{}
	}
	return true
}

// lastWord returns the last word of a name, in lower case: "id" of "userId",
// "USER_ID" and "user-id".
func lastWord(name string) string {
	runes := []rune(strings.TrimRightFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }))
	start := len(runes)
	for start > 0 && unicode.IsLetter(runes[start-1]) {
		if start < len(runes) && unicode.IsUpper(runes[start]) && unicode.IsLower(runes[start-1]) {
			break
		}
		start--
	}
	return strings.ToLower(string(runes[start:]))
}
