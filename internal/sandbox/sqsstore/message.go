package sqsstore

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Attribute is a message attribute.
type Attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// Message is a message. Only its state changes.
type Message struct {
	ID         string
	Body       string
	Attributes map[string]Attribute `json:",omitempty"`
	System     map[string]Attribute `json:",omitempty"` // AWSTraceHeader
	Sender     string
	Sent       time.Time
	State      State `json:"-"`
}

// State has the fields that receiving changes.
type State struct {
	Queue    string // ARN
	Source   string `json:",omitempty"` // ARN of the queue from which it was moved to this one
	Sequence uint64
	Visible  time.Time // when it can be received
	Received int       // how often it was received
	First    time.Time `json:",omitzero"` // when it was first received
}

// earlier orders messages by the time when they can be received, then by the
// order in which they were sent.
func earlier(a, b *Message) bool {
	if !a.State.Visible.Equal(b.State.Visible) {
		return a.State.Visible.Before(b.State.Visible)
	}
	return a.State.Sequence < b.State.Sequence
}

func (m *Message) records() []journal.Record {
	return []journal.Record{record("message/"+m.ID, m), m.state()}
}

func (m *Message) state() journal.Record { return record("state/"+m.ID, m.State) }

func (m *Message) removed() []journal.Record {
	return []journal.Record{{Key: Prefix + "message/" + m.ID}, {Key: Prefix + "state/" + m.ID}}
}

// NewID returns a new message ID.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Handle returns the receipt handle of a message's latest receive.
func (s *Settings) Handle(m *Message) string {
	text := fmt.Sprintf("%s/%d", m.ID, m.State.Received)
	return base64.StdEncoding.EncodeToString(append([]byte(text+"/"), s.mac(text)...))
}

func (s *Settings) mac(text string) []byte {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// MessageID returns the message of a receipt handle that this queue made.
func (s *Settings) MessageID(handle string) (id string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return "", false
	}
	id, rest, _ := strings.Cut(string(raw), "/")
	count, mac, ok := strings.Cut(rest, "/")
	return id, ok && hmac.Equal([]byte(mac), s.mac(id+"/"+count))
}
