package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits of a footer. The library allocates memory according to the counts in
// a footer, so they are checked before it reads them.
const (
	maxFooter         = 32 << 20 // bytes
	maxElements       = 100_000  // columns and groups of the schema
	maxDepth          = 64       // of the schema
	maxRowGroups      = 32_000
	bytesOfChunk      = 40 // the minimum for a column chunk
	bytesOfStructures = 3  // the minimum average for a structure in a list
)

// checkFooter validates the length and the counts of the footer.
func checkFooter(stored *remembering) error {
	var tail [8]byte
	if stored.size < 12 {
		return errors.New("it is shorter than a footer")
	}
	if _, err := stored.ReadAt(tail[:], stored.size-8); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > stored.size-12 || length > maxFooter {
		return fmt.Errorf("its footer has %d bytes", length)
	}
	footer := make([]byte, length)
	if _, err := stored.ReadAt(footer, stored.size-8-length); err != nil {
		return err
	}
	return checkMetadata(footer)
}

// Fields of the footer's structures.
const (
	fieldSchema      = 2 // of FileMetaData
	fieldRowGroups   = 4
	fieldColumns     = 1 // of RowGroup
	fieldNumChildren = 5 // of SchemaElement
)

// checkMetadata validates the counts of a footer.
//
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
func checkMetadata(footer []byte) error {
	s := &skimmer{b: footer}
	tree := schemaDepth{}
	groups, chunks := 0, 0
	err := s.fields(func(id int16, kind byte) (bool, error) {
		if kind != thriftList {
			return false, nil
		}
		switch id {
		case fieldSchema:
			_, err := s.list(func() error { return tree.element(s) })
			return true, err
		case fieldRowGroups:
			n, err := s.list(func() error { return countChunks(s, &chunks) })
			groups += n
			return true, err
		}
		return false, nil
	})
	switch {
	case err != nil:
		return err
	case groups > maxRowGroups:
		return fmt.Errorf("it has %d row groups", groups)
	case chunks*bytesOfChunk > len(footer):
		return fmt.Errorf("its footer of %d bytes lists %d column chunks", len(footer), chunks)
	case s.structs*bytesOfStructures > len(footer):
		return fmt.Errorf("its footer of %d bytes lists %d structures", len(footer), s.structs)
	}
	return nil
}

// countChunks walks over a row group and counts its column chunks.
func countChunks(s *skimmer, chunks *int) error {
	return s.fields(func(id int16, kind byte) (bool, error) {
		if id != fieldColumns || kind != thriftList {
			return false, nil
		}
		n, err := s.list(nil)
		*chunks += n
		return true, err
	})
}

// schemaDepth follows the depth of a schema, which is a flat list of elements
// that say how many of those after them are their children.
type schemaDepth struct {
	elements int
	open     []int64 // remaining children at each level
}

func (d *schemaDepth) element(s *skimmer) error {
	if d.elements++; d.elements > maxElements {
		return fmt.Errorf("its schema has more than %d elements", maxElements)
	}
	children := int64(0)
	err := s.fields(func(id int16, kind byte) (bool, error) {
		if id != fieldNumChildren || kind <= thriftByte || kind > thriftI64 {
			return false, nil
		}
		var err error
		children, err = s.int()
		return true, err
	})
	if err != nil {
		return err
	}
	if len(d.open) > 0 {
		d.open[len(d.open)-1]--
	}
	if children > 0 {
		if d.open = append(d.open, children); len(d.open) > maxDepth {
			return fmt.Errorf("its schema is more than %d levels deep", maxDepth)
		}
		return nil
	}
	for len(d.open) > 0 && d.open[len(d.open)-1] <= 0 {
		d.open = d.open[:len(d.open)-1]
	}
	return nil
}
