package json

import (
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// pathColumn is a column whose value is found by a path.
type pathColumn struct {
	path   shape.Path
	name   string
	column int // -1: there is none
}

func pathsOf(m *shape.Mapping) []shape.PathColumn {
	if m == nil {
		return nil
	}
	return m.Paths
}

// mapMembers finds the columns of members that are selected or renamed.
func (p *parser) mapMembers(columns []cell.Column, renamed map[string]string) {
	p.columns = map[string]int{}
	for i, c := range columns {
		for _, source := range p.mapping.Sources(c.Name) {
			p.columns[source] = i
		}
	}
	for former, now := range renamed { // of columns that a person renamed since
		for i, c := range columns {
			if c.Name != now {
				continue
			}
			for _, source := range p.mapping.Sources(former) {
				if _, taken := p.columns[source]; !taken {
					p.columns[source] = i
				}
			}
		}
	}
	for _, c := range pathsOf(p.mapping) {
		at := -1
		for i := range columns {
			if columns[i].Name == c.Name || columns[i].Name == renamed[c.Name] {
				at = i
			}
		}
		p.paths = append(p.paths, pathColumn{c.Path, c.Name, at})
	}
}

// addPaths casts the values that paths lead to.
func (p *parser) addPaths(record []byte) error {
	for i := range p.paths {
		c := &p.paths[i]
		kind, raw, text, ok := p.find(record, c.path)
		if !ok {
			continue
		}
		if c.column < 0 {
			if p.out.Evidence != nil {
				p.out.LearnUnknown([]byte(c.name), kind, raw, text, p.number)
			}
			continue
		}
		if err := p.value(c.column, kind, raw, text); err != nil {
			return err
		}
	}
	return nil
}

// find returns the value that a path leads to, in a record that is an object.
func (p *recordParser) find(record []byte, path shape.Path) (kind cell.JSONKind, raw, text []byte, ok bool) {
	s := scanner{b: record}
	for _, step := range path {
		if step.IsIndex {
			ok = s.toElement(step.Index)
		} else {
			ok = p.toMember(&s, step.Name)
		}
		if !ok {
			return 0, nil, nil, false
		}
	}
	b, _ := s.peek()
	start := s.i
	if b == '"' {
		text, err := p.text(&s, &p.texts)
		return cell.JSONString, s.b[start:s.i], text, err == nil
	}
	if err := s.skip(1); err != nil {
		return 0, nil, nil, false
	}
	return kindOf(b), s.b[start:s.i], nil, true
}

// toMember moves to the value of the first member with this name.
func (p *recordParser) toMember(s *scanner, name string) bool {
	if b, ok := s.peek(); !ok || b != '{' {
		return false
	}
	s.i++
	for first := true; ; first = false {
		b, ok := s.peek()
		if !ok || b == '}' || !first && b != ',' {
			return false
		}
		if !first {
			s.i++
		}
		if b, _ := s.peek(); b != '"' {
			return false
		}
		found, err := p.text(s, &p.names)
		if err != nil {
			return false
		}
		if b, _ := s.peek(); b != ':' {
			return false
		}
		s.i++
		if string(found) == name {
			return true
		}
		if s.skip(1) != nil {
			return false
		}
	}
}

// toElement moves to an element of an array.
func (s *scanner) toElement(index int) bool {
	if index < 0 {
		if index += s.elements(); index < 0 {
			return false
		}
	}
	if b, ok := s.peek(); !ok || b != '[' {
		return false
	}
	s.i++
	for n := 0; ; n++ {
		if b, ok := s.peek(); !ok || b == ']' {
			return false
		}
		if n == index {
			return true
		}
		if !s.passElement() {
			return false
		}
	}
}

// passElement passes an element and the comma after it.
func (s *scanner) passElement() bool {
	if s.skip(1) != nil {
		return false
	}
	if b, ok := s.peek(); ok && b == ',' {
		s.i++
	}
	return true
}

// elements counts the elements of the array that the scanner is at.
func (s *scanner) elements() int {
	ahead := *s
	if b, ok := ahead.peek(); !ok || b != '[' {
		return 0
	}
	ahead.i++
	for n := 0; ; n++ {
		if b, ok := ahead.peek(); !ok || b == ']' || !ahead.passElement() {
			return n
		}
	}
}
