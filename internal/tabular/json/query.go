package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/theory/jsonpath"

	"github.com/windlass-io/windlass/internal/problem"
)

// DocumentBytes is the size of the largest document that is held in memory, when
// nothing else is set.
const DocumentBytes = 64 << 20

// Query leads to the records of a document. One of $, .name, ['name'] and [*] is a
// path: the document is streamed. Any other needs the document in memory.
//
// https://www.rfc-editor.org/rfc/rfc9535
type Query struct {
	Path  Path           // nil: the document is held in memory
	whole *jsonpath.Path // nil: it is streamed
}

// ParseQuery parses a JSONPath.
func ParseQuery(text string) (Query, error) {
	path, err := ParsePath(text)
	if err == nil {
		return Query{Path: path}, nil
	}
	whole, fault := jsonpath.Parse(strings.TrimSpace(text))
	if fault != nil {
		return Query{}, problem.New(problem.Invalid, "The JSONPath %q isn't valid: %s.", text,
			strings.TrimPrefix(fault.Error(), "jsonpath: ")).
			WithHint("Use JSONPath of RFC 9535, as in $.features[*] or $..items[?@.price > 10].")
	}
	return Query{whole: whole}, nil
}

// holding is held while a document is in memory decoded, which takes many times its
// size: one at a time.
var holding sync.Mutex

// records returns what the query finds in the documents of a stream, one record per
// line. The elements of an array that it finds are records, as with a path.
func (q *Query) records(stream io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(stream, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > limit:
		return nil, problem.New(problem.Invalid,
			"The document has more than %d MiB, which is too large for the JSONPath %s.", limit>>20, q.whole).
			WithReason("document_too_large").
			WithHint("Use a path of $, .name and [*], which has no limit, or split the document.")
	}
	holding.Lock()
	defer holding.Unlock()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, problem.New(problem.Invalid, "The JSON can't be parsed at byte %d: %s.", decoder.InputOffset(),
				strings.TrimPrefix(err.Error(), "json: ")).WithHint("Check the document with a JSON validator.")
		}
		found := q.whole.SelectLocated(document)
		found.Sort() // by path: the members of an object have no order
		for node := range found.Nodes() {
			if err := encodeRecords(encoder, node); err != nil {
				return nil, err
			}
		}
	}
	if out.Len() == 0 {
		return nil, problem.New(problem.Invalid, "There is nothing at %s.", q.whole).WithReason("not_found_inside").
			WithHint("Choose another JSONPath, or leave it empty to have it found out.")
	}
	return out.Bytes(), nil
}

func encodeRecords(encoder *json.Encoder, node any) error {
	nodes, isArray := node.([]any)
	if !isArray {
		nodes = []any{node}
	}
	for _, record := range nodes {
		if err := encoder.Encode(record); err != nil {
			return fmt.Errorf("encoding a record of a document: %w", err)
		}
	}
	return nil
}
