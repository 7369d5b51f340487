package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"
)

// members are the members of a JSON object. Names are case-sensitive.
type members map[string]any

func (m members) text(name string) (string, bool) {
	value, ok := m[name].(string)
	return value, ok
}

func (m members) object(name string) members {
	value, _ := m[name].(map[string]any)
	return value
}

// time returns a member that is a time, or the zero time.
func (m members) time(name string) time.Time {
	text, _ := m.text(name)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// Read reads the body of a message.
func Read(body []byte) Message {
	document, reason := parse(body)
	if reason != "" {
		return Message{Reason: reason}
	}
	topic, isTopic := document.text("TopicArn")
	kind, isTyped := document.text("Type")
	inner, isMessage := document.text("Message")
	if m, ok := readS3(document); ok {
		return m
	}
	if !isTopic || !isTyped || !isMessage {
		return readEventBridge(document)
	}
	m := Message{Via: []Form{SNS}, Reason: ReasonUnknownShape}
	switch kind {
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		token, _ := document.text("Token")
		m.Reason, m.Time = ReasonConfirmation, document.time("Timestamp")
		m.Confirmation = Confirmation{Topic: topic, Token: token}
	case "Notification":
		m = readInner([]byte(inner))
		m.Via = append([]Form{SNS}, m.Via...)
	}
	return m
}

// readInner reads the message in an envelope of SNS. An envelope in an envelope
// is not read.
func readInner(body []byte) Message {
	document, reason := parse(body)
	if reason != "" {
		return Message{Reason: reason}
	}
	if m, ok := readS3(document); ok {
		return m
	}
	return readEventBridge(document)
}

// parse parses a body, which must be one JSON object.
func parse(body []byte) (members, Reason) {
	if len(body) > MaxBodyBytes || !utf8.Valid(body) || depth(body) > MaxDepth {
		return nil, ReasonNotJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, ReasonNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, ReasonNotJSON
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, ReasonUnknownShape
	}
	return document, ""
}

// depth returns how deep lists and objects are nested in a JSON text.
func depth(body []byte) int {
	deepest, now, quoted, escaped := 0, 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// readS3 reads a message that S3 sent, and reports whether it is one.
func readS3(document members) (Message, bool) {
	if event, _ := document.text("Event"); event == "s3:TestEvent" {
		if service, _ := document.text("Service"); service == "Amazon S3" {
			bucket, _ := document.text("Bucket")
			return Message{
				Via: []Form{S3}, Reason: ReasonTestEvent, Bucket: bucket,
				Time: document.time("Time"),
			}, true
		}
	}
	list, _ := document["Records"].([]any)
	m := Message{Via: []Form{S3}}
	for _, item := range list {
		record, _ := item.(map[string]any)
		if members(record).object("s3") == nil {
			return Message{}, false
		}
		m.entries = append(m.entries, entry{form: S3, envelope: record, detail: members(record).object("s3")})
	}
	return m, len(list) > 0
}

// readEventBridge reads a message that EventBridge sent.
func readEventBridge(document members) Message {
	_, isTyped := document.text("detail-type")
	_, isSource := document.text("source")
	detail := document.object("detail")
	if !isTyped || !isSource || detail == nil {
		_, isKey := document.object("object").text("key")
		return Message{Reason: ReasonUnknownShape, IsDetail: isKey && document["detail"] == nil}
	}
	return Message{
		Via:     []Form{EventBridge},
		entries: []entry{{form: EventBridge, envelope: document, detail: detail}},
	}
}
