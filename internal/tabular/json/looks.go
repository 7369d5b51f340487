package json

import "bytes"

// Looks reports whether text begins like a JSON document with records: an object
// or an array.
func Looks(head []byte) bool {
	s := scanner{b: head}
	switch b, _ := s.peek(); b {
	case '{':
		s.i++
		next, ok := s.peek()
		return !ok || next == '"' || next == '}'
	case '[':
		s.i++
		next, ok := s.peek()
		if !ok || next == '{' || next == '[' || next == '"' || next == ']' {
			return true
		}
		if err := s.skip(0); err != nil {
			return false
		}
		next, ok = s.peek()
		return !ok || next == ',' || next == ']'
	}
	return false
}

// AnyObject reports whether one of the first lines begins like an object.
func AnyObject(head []byte) bool {
	for range 200 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if head = rest; bytes.HasPrefix(trim(line), []byte("{")) {
			return true
		}
	}
	return false
}

// LooksLines reports whether JSON has one object a line: the first line is one,
// and another follows.
func LooksLines(head []byte, complete bool) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	line, rest, found := bytes.Cut(head, []byte("\n"))
	if !found {
		return false
	}
	s := scanner{b: line}
	if b, _ := s.peek(); b != '{' || s.skip(0) != nil {
		return false
	}
	if _, more := s.peek(); more {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == '{' || len(rest) == 0 && !complete
}

// LooksConcatenated reports whether objects follow one another without one line for
// each: the first takes several lines, or another follows on its last line.
func LooksConcatenated(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	s := scanner{b: head}
	if b, _ := s.peek(); b != '{' || s.skip(0) != nil {
		return false
	}
	if bytes.IndexByte(head[:s.i], '\n') >= 0 {
		return true
	}
	line, _, _ := bytes.Cut(head[s.i:], []byte("\n"))
	return bytes.HasPrefix(trim(line), []byte("{"))
}
