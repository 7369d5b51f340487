package shape

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mode selects how partitions are found.
type Mode string

// The modes.
const (
	Auto  Mode = "auto" // where all keys have the same names
	Off   Mode = "off"
	Named Mode = "named"
)

// Partitions defines which segments name=value of keys become columns. As JSON they
// are "auto", "off", or a list of names.
type Partitions struct {
	Mode  Mode
	Names []string // of Named
}

// MarshalJSON writes the mode, or the names.
func (p Partitions) MarshalJSON() ([]byte, error) {
	if p.Mode == Named {
		return json.Marshal(p.Names) //nolint:wrapcheck // the caller adds the context
	}
	return json.Marshal(string(p.Mode)) //nolint:wrapcheck // the caller adds the context
}

// UnmarshalJSON parses a mode or names.
func (p *Partitions) UnmarshalJSON(content []byte) error {
	var names []string
	if json.Unmarshal(content, &names) == nil && names != nil {
		*p = Partitions{Named, names}
		return nil
	}
	var mode string
	if err := json.Unmarshal(content, &mode); err != nil || mode != string(Auto) && mode != string(Off) {
		return errors.New("partitions must be auto, off or a list of names")
	}
	*p = Partitions{Mode: Mode(mode)}
	return nil
}

// nullPartition is the value of a null, as Hive writes it.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// Partition is a segment name=value of a key.
type Partition struct {
	Name  string
	Value string
	Null  bool
}

// Partitions returns the partitions of a key. prefix is the fixed beginning of all
// keys: its folders are the same for each and so are passed over, unless the names
// are listed.
func (p *Partitions) of(prefix, key string) []Partition {
	if p.Mode == Off {
		return nil
	}
	if folders := strings.LastIndexByte(prefix, '/') + 1; p.Mode == Auto && strings.HasPrefix(key, prefix) {
		key = key[folders:]
	}
	var found []Partition
	for {
		segment, rest, more := strings.Cut(key, "/")
		if !more {
			return found // the file's name
		}
		key = rest
		name, value, ok := strings.Cut(segment, "=")
		if !ok || name == "" || p.Mode == Named && !slices.Contains(p.Names, name) ||
			slices.ContainsFunc(found, func(p Partition) bool { return p.Name == name }) {
			continue
		}
		if decoded, err := url.PathUnescape(value); err == nil && utf8.ValidString(decoded) &&
			!strings.ContainsRune(decoded, 0) {
			value = decoded
		}
		found = append(found, Partition{name, value, value == nullPartition})
	}
}

// Decision records whether the keys of all objects of a source have the same
// partitions. A feed makes it once, when it is first loaded.
type Decision struct {
	Pattern string   `json:"pattern"` // of the source, when the decision was made
	Names   []string `json:"names,omitempty"`
	Mixed   bool     `json:"mixed,omitempty"` // keys have different names
}

// Finder finds the partitions that all keys have.
type Finder struct {
	partitions *Partitions
	prefix     string
	seen       bool
	names      []string
	mixed      bool
}

// NewFinder returns a finder of partitions of the mode Auto. prefix is the fixed
// beginning of all keys.
func (p *Partitions) NewFinder(prefix string) *Finder { return &Finder{partitions: p, prefix: prefix} }

// Add adds a key.
func (f *Finder) Add(key string) {
	var of []string
	for _, found := range f.partitions.of(f.prefix, key) {
		of = append(of, found.Name)
	}
	switch {
	case !f.seen:
		f.seen, f.names = true, of
	case !slices.Equal(f.names, of):
		f.mixed = true
		f.names = addNew(f.names, of)
	}
}

// IsMixed reports whether keys have different names.
func (f *Finder) IsMixed() bool { return f.mixed }

// Decision returns the decision from the keys, with the names of all of them, or
// nil if there were no keys.
func (f *Finder) Decision(pattern string) *Decision {
	switch {
	case !f.seen:
		return nil
	case f.mixed:
		return &Decision{Pattern: pattern, Mixed: true}
	}
	return &Decision{Pattern: pattern, Names: f.names}
}

func addNew(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Resolve returns the names of the partitions of objects. If the keys of a source
// don't have the same names, only those that the dataset has count; mixed reports
// that. Without a decision, keys has all of them. other has the names that aren't
// read, because the decision was made without them.
func (p *Partitions) Resolve(prefix string, keys []string, decision *Decision, known func(name string) bool) (
	names, other []string, mixed bool,
) {
	switch p.Mode {
	case Named:
		return p.Names, nil, false
	case Off:
		return nil, nil, false
	case Auto:
	}
	f := p.NewFinder(prefix)
	for _, key := range keys {
		f.Add(key)
	}
	switch {
	case decision == nil && !f.mixed:
		return f.names, nil, false
	case decision == nil || decision.Mixed:
		return slices.DeleteFunc(f.names, func(name string) bool { return !known(name) }), nil, true
	}
	other = slices.DeleteFunc(f.names, func(name string) bool { return slices.Contains(decision.Names, name) })
	return decision.Names, other, false
}
