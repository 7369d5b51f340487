package sql

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/engine"
)

// The messages between the service and the process that runs a statement. Each is
// a byte for its kind, its length in four bytes, and its content.
//
//	service                     process
//	Start    text, limits   →
//	                        ←   Names    tables and parameters
//	Job      files, values  →
//	                        ←   Columns
//	                        ←   Batch …
//	                        ←   End
//	                        ←   StatementError, instead of any of these
const (
	KindStart   = 'S'
	KindNames   = 'N'
	KindJob     = 'J'
	KindColumns = 'C'
	KindBatch   = 'B'
	KindEnd     = 'E'
	KindFault   = 'F'
)

// MaxMessage bounds a message.
const MaxMessage = 64 << 20

// Start is the first message to the process.
type Start struct {
	Text        string `json:"text"`
	MemoryBytes int64  `json:"memory_bytes"`
	Threads     int    `json:"threads"`
}

// Names lists the names in a statement.
type Names struct {
	Tables     []Table  `json:"tables"`
	Parameters []string `json:"parameters"`
	Ordered    bool     `json:"ordered,omitempty"`  // the statement ends with ORDER BY
	Changing   []string `json:"changing,omitempty"` // functions whose results depend on time or chance
	// Uses counts how often each parameter occurs, by its name in lower case.
	Uses map[string]int `json:"uses,omitempty"`
}

// Table is the name of a table in a statement.
type Table struct {
	Schema string `json:"schema,omitempty"` // the qualifier before the name
	Name   string `json:"name"`
	Offset int    `json:"offset"`          // in the text, in bytes; -1: unknown
	From   int    `json:"from"`            // offset of the name itself; -1: unknown
	To     int    `json:"to"`              // where it ends
	Alias  bool   `json:"alias,omitempty"` // another name follows
}

// Job has what the process needs to run the statement.
type Job struct {
	Workspace  string                         `json:"workspace"` // an additional schema of the tables; may be empty
	Files      []string                       `json:"files"`     // files that may be read, below the process's folder
	Views      []View                         `json:"views"`
	Stored     []engine.SQLView               `json:"stored"` // in the order of their creation
	Deletes    []Deletes                      `json:"deletes"`
	Parameters map[string]engine.SQLParameter `json:"parameters"`
	SpillDir   string                         `json:"spill_dir"`
	SpillBytes int64                          `json:"spill_bytes"`
	Typed      bool                           `json:"typed"`    // see [engine.SQLQuery]
	Describe   bool                           `json:"describe"` // only return the columns
}

// View is a table that the statement may name.
type View struct {
	Name   string `json:"name"`
	Select string `json:"select"` // its rows
}

// Deletes are the deleted positions of a file, for a table in the schema of
// [DeletesSchema].
type Deletes struct {
	Table  string `json:"table"`
	Bitmap []byte `json:"bitmap"`
}

// StatementError is the reason why a statement doesn't run or breaks off.
type StatementError struct {
	Reason  string `json:"reason"` // of the problem; empty: the engine failed
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Offset  int    `json:"offset"` // in the text, in bytes; -1: unknown
}

// Error returns the message.
func (f *StatementError) Error() string { return f.Message }

// WriteMessage writes a message.
func WriteMessage(w io.Writer, kind byte, content []byte) error {
	if len(content) > MaxMessage {
		return fmt.Errorf("a message of %d bytes is more than %d", len(content), MaxMessage)
	}
	head := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(content))) //nolint:gosec // bounded above
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// WriteJSON writes a message whose content is JSON.
func WriteJSON(w io.Writer, kind byte, content any) error {
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return WriteMessage(w, kind, b)
}

// errMessage reports a malformed message.
var errMessage = errors.New("malformed message")

// Messages reads messages.
type Messages struct {
	r      *bufio.Reader
	buffer []byte
}

// NewMessages returns a reader of messages.
func NewMessages(r io.Reader) *Messages { return &Messages{r: bufio.NewReaderSize(r, 64<<10)} }

// Next returns the next message, valid until the next call; or [io.EOF] if
// there is none.
func (m *Messages) Next() (kind byte, content []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(m.r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.LittleEndian.Uint32(head[1:]))
	if n > MaxMessage {
		return 0, nil, errMessage
	}
	m.buffer = m.buffer[:0]
	for len(m.buffer) < n { // grows with what arrives, not with what is announced
		part := min(n-len(m.buffer), 1<<20)
		at := len(m.buffer)
		m.buffer = append(m.buffer, make([]byte, part)...)
		if _, err := io.ReadFull(m.r, m.buffer[at:]); err != nil {
			return 0, nil, fmt.Errorf("%w: %w", errMessage, err)
		}
	}
	return head[0], m.buffer, nil
}

// NextJSON reads a message of a kind into content. If a [StatementError] arrives instead,
// it is returned as the error.
func (m *Messages) NextJSON(kind byte, content any) error {
	got, b, err := m.Next()
	if err != nil {
		return err
	}
	if got == KindFault {
		return readFault(b)
	}
	if got != kind || json.Unmarshal(b, content) != nil {
		return errMessage
	}
	return nil
}

func readFault(b []byte) error {
	var f StatementError
	if json.Unmarshal(b, &f) != nil {
		return errMessage
	}
	return &f
}
