package fault

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/problem"
)

// text is a fault as written: in JSON, and as "kind,name=value,…". Durations are
// written like "1m30s".
type text struct {
	ID          string     `json:"id,omitempty"`
	Kind        Kind       `json:"kind"`
	Service     string     `json:"service,omitempty"`
	Action      string     `json:"action,omitempty"`
	Bucket      string     `json:"bucket,omitempty"`
	Key         string     `json:"key,omitempty"`
	Principal   string     `json:"principal,omitempty"`
	Region      string     `json:"region,omitempty"`
	Probability float64    `json:"probability,omitempty"`
	Count       int        `json:"count,omitempty"`
	For         string     `json:"for,omitempty"`
	Delay       string     `json:"delay,omitempty"`
	Bytes       int64      `json:"bytes,omitempty"`
	Hits        int        `json:"hits"`
	Expires     *time.Time `json:"expires,omitempty"`
}

// MarshalJSON encodes the fault with snake_case names and durations like
// "1m30s".
func (f Fault) MarshalJSON() ([]byte, error) {
	t := text{
		ID:          f.ID,
		Kind:        f.Kind,
		Service:     f.Match.Service,
		Action:      f.Match.Action,
		Bucket:      f.Match.Bucket,
		Key:         f.Match.Key,
		Principal:   f.Match.Principal,
		Region:      f.Match.Region,
		Probability: f.Probability,
		Count:       f.Count,
		Bytes:       f.Bytes,
		Hits:        f.Hits,
	}
	if f.For != 0 {
		t.For = f.For.String()
	}
	if f.Delay != 0 {
		t.Delay = f.Delay.String()
	}
	if !f.Expires.IsZero() {
		t.Expires = &f.Expires
	}
	return json.Marshal(t)
}

// UnmarshalJSON decodes the output of MarshalJSON. Unknown fields are errors.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var t text
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t); err != nil {
		return malformed("the JSON isn't a fault: %v", err)
	}
	read, err := t.fault()
	*f = read
	return err
}

func (t *text) fault() (Fault, error) {
	f := Fault{
		ID:          t.ID,
		Kind:        t.Kind,
		Probability: t.Probability,
		Count:       t.Count,
		Bytes:       t.Bytes,
		Hits:        t.Hits,
		Match: Match{
			Service:   t.Service,
			Action:    t.Action,
			Bucket:    t.Bucket,
			Key:       t.Key,
			Principal: t.Principal,
			Region:    t.Region,
		},
	}
	if t.Expires != nil {
		f.Expires = *t.Expires
	}
	var err error
	if f.For, err = duration("for", t.For); err != nil {
		return f, err
	}
	f.Delay, err = duration("delay", t.Delay)
	return f, err
}

func duration(name, value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, malformed("%s=%s isn't a duration", name, value)
	}
	return d, nil
}

// Parse parses a fault in one line: its kind, then name=value pairs, such as
// "throttle,service=s3,action=GetObject,count=3". The names are those of the
// JSON form.
func Parse(line string) (Fault, error) {
	if !utf8.ValidString(line) {
		return Fault{}, malformed("it isn't UTF-8")
	}
	kind, rest, _ := strings.Cut(line, ",")
	t := text{Kind: Kind(kind)}
	for part := range strings.SplitSeq(rest, ",") {
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return Fault{}, malformed("%q isn't name=value", part)
		}
		if err := t.set(name, value); err != nil {
			return Fault{}, err
		}
	}
	f, err := t.fault()
	if err != nil {
		return Fault{}, err
	}
	checked := f // the defaults are set when the fault is added
	return f, checked.check()
}

func (t *text) set(name, value string) error {
	var err error
	switch name {
	case "service":
		t.Service = value
	case "action":
		t.Action = value
	case "bucket":
		t.Bucket = value
	case "key":
		t.Key = value
	case "principal":
		t.Principal = value
	case "region":
		t.Region = value
	case "for":
		t.For = value
	case "delay":
		t.Delay = value
	case "probability":
		t.Probability, err = strconv.ParseFloat(value, 64)
	case "count":
		t.Count, err = strconv.Atoi(value)
	case "bytes":
		t.Bytes, err = strconv.ParseInt(value, 10, 64)
	default:
		return malformed("unknown name %q", name)
	}
	if err != nil {
		return malformed("%s=%s isn't a number", name, value)
	}
	return nil
}

func malformed(format string, args ...any) error {
	return problem.New(problem.Invalid, "can't parse the fault: %s", fmt.Sprintf(format, args...)).
		WithHint("Use kind,name=value,… with the names service, action, bucket, key, principal, region, "+
			"probability, count, for, delay, bytes. Kinds are %s.", kindList())
}
