package event

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/source"
)

// entry is one event of a message.
type entry struct {
	form     Form
	envelope members // the record of S3, or the whole event of EventBridge
	detail   members // its "s3" or "detail"
}

// names has the names of an event's members in each form.
var names = map[Form]struct {
	origin, wanted, kind, time, version, etag string
}{
	S3:          {"eventSource", "aws:s3", "eventName", "eventTime", "versionId", "eTag"},
	EventBridge: {"source", "aws.s3", "detail-type", "time", "version-id", "etag"},
}

var (
	versionPattern   = regexp.MustCompile(`^2\.[0-9]+$`)
	sequencerPattern = regexp.MustCompile(`^[0-9A-Fa-f]{1,64}$`)
)

// record checks an event in a fixed order. The first check that fails decides.
func (e *entry) record(target *Target) Record {
	name := names[e.form]
	if origin, _ := e.envelope.text(name.origin); origin != name.wanted {
		return e.stopped(Malformed, ReasonEventSource)
	}
	if version, _ := e.envelope.text("eventVersion"); e.form == S3 && !versionPattern.MatchString(version) {
		return e.stopped(Malformed, ReasonEventVersion)
	}
	kind, _ := e.envelope.text(name.kind)
	action := actionOf(e.form, kind)
	if action == Ignore {
		return e.stopped(Ignore, ReasonEventType)
	}
	r := Record{Action: action, Form: e.form, Name: kind, Time: e.envelope.time(name.time)}
	if r.Reason = e.readKey(&r, target.Bucket); r.Reason == ReasonBucket {
		r.Action = Ignore
	} else if r.Reason != "" {
		r.Action = Malformed
	} else if r.Reason = mismatch(target.Pattern, r.Key); r.Reason != "" {
		r.Action = Ignore
	} else {
		e.readMembers(&r)
	}
	return r
}

func (e *entry) stopped(action Action, reason Reason) Record {
	return Record{Action: action, Reason: reason, Form: e.form}
}

// actionOf returns the action for a kind of event.
func actionOf(form Form, kind string) Action {
	kind = strings.TrimPrefix(kind, "s3:")
	if form == EventBridge {
		switch kind {
		case "Object Created":
			return Load
		case "Object Deleted":
			return Remove
		case "Object Restore Completed":
			return Retry
		}
		return Ignore
	}
	switch {
	case strings.HasPrefix(kind, "ObjectCreated:"):
		return Load
	case strings.HasPrefix(kind, "ObjectRemoved:"), strings.HasPrefix(kind, "LifecycleExpiration:"):
		return Remove
	case kind == "ObjectRestore:Completed":
		return Retry
	}
	return Ignore
}

// readKey reads the bucket and the decoded key, or returns why it can't.
func (e *entry) readKey(r *Record, bucket string) Reason {
	r.Bucket, _ = e.detail.object("bucket").text("name")
	if r.Bucket == "" {
		return ReasonMissingField
	}
	if r.Bucket != bucket {
		return ReasonBucket
	}
	key, _ := e.detail.object("object").text("key")
	if key == "" {
		return ReasonMissingField
	}
	if e.form == S3 {
		decoded, ok := decodeKey(key)
		if !ok {
			return ReasonKeyEncoding
		}
		key = decoded
	}
	if len(key) > MaxKeyBytes {
		return ReasonKeyEncoding
	}
	r.Key = key
	return ""
}

// decodeKey decodes a key as a form value, once.
func decodeKey(encoded string) (key string, ok bool) {
	var b strings.Builder
	b.Grow(len(encoded))
	for i := 0; i < len(encoded); i++ {
		switch c := encoded[i]; c {
		case '+':
			b.WriteByte(' ')
		case '%':
			if i+2 >= len(encoded) {
				return "", false
			}
			value, err := strconv.ParseUint(encoded[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(value))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), utf8.ValidString(b.String())
}

// mismatch returns why a pattern doesn't match a key, or "".
func mismatch(pattern source.Pattern, key string) Reason {
	if strings.HasSuffix(key, "/") {
		return ReasonFolder
	}
	switch pattern.MatchKey(key) {
	case source.Matched:
		return ""
	case source.Excluded:
		return ReasonExcluded
	case source.Marker:
		return ReasonMarker
	default:
		return ReasonPattern
	}
}

// readMembers reads the informational members and the sequencer. It ignores
// invalid ones.
func (e *entry) readMembers(r *Record) {
	object, name := e.detail.object("object"), names[e.form]
	if version, _ := object.text(name.version); version != "null" {
		r.Version = version
	}
	etag, _ := object.text(name.etag)
	r.ETag = strings.Trim(etag, `"`)
	if number, ok := object["size"].(json.Number); ok {
		if size, err := strconv.ParseInt(number.String(), 10, 64); err == nil && size >= 0 {
			r.Size = &size
		}
	}
	if sequencer, _ := object.text("sequencer"); r.Action != Retry && sequencerPattern.MatchString(sequencer) {
		r.Sequencer = sequencer
	}
}
