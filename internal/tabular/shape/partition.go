package shape

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mode is how partitions are found.
type Mode string

// The modes.
const (
	Auto  Mode = "auto" // where all keys have the same names
	Off   Mode = "off"
	Named Mode = "named"
)

// Partitions are the segments name=value of keys that become columns. As JSON they
// are "auto", "off", or a list of names.
type Partitions struct {
	Mode  Mode
	Names []string // of Named
}

// MarshalJSON writes the mode, or the names.
func (p Partitions) MarshalJSON() ([]byte, error) {
	if p.Mode == Named {
		return json.Marshal(p.Names) //nolint:wrapcheck // the caller says what
	}
	return json.Marshal(string(p.Mode)) //nolint:wrapcheck // the caller says what
}

// UnmarshalJSON reads a mode, or names.
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

// Resolve returns the names of the partitions of objects. Where their keys don't
// have the same names, only those count that the dataset knows; mixed reports that.
func (p *Partitions) Resolve(prefix string, keys []string, known func(name string) bool) (names []string, mixed bool) {
	switch p.Mode {
	case Named:
		return p.Names, false
	case Off:
		return nil, false
	case Auto:
	}
	for i, key := range keys {
		var of []string
		for _, found := range p.of(prefix, key) {
			of = append(of, found.Name)
		}
		if i == 0 {
			names = of
			continue
		}
		if !slices.Equal(names, of) {
			mixed = true
			for _, name := range of {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if mixed {
		names = slices.DeleteFunc(names, func(name string) bool { return !known(name) })
	}
	return names, mixed
}
