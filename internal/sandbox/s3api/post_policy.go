package s3api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// postPolicy is what a form may have. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html.
type postPolicy struct {
	expiration time.Time
	conditions []postCondition
}

// postCondition is one condition: on a field, or on the size of the file.
type postCondition struct {
	operation   string // "eq", "starts-with", "content-length-range"
	field       string // in lower case, without "$"
	value       string
	least, most int64
	text        string // as the answer shows it
}

func badPolicy(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidPolicyDocument", "Invalid Policy: "+format, args...)
}

func againstPolicy(format string, args ...any) error {
	return accessDenied("Invalid according to Policy: "+format, args...)
}

// parsePostPolicy reads a policy as the form has it.
func parsePostPolicy(encoded string) (*postPolicy, error) {
	if encoded == "" {
		return nil, badPolicy("Expecting '{' but found End-of-Input")
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, badPolicy("invalid Base64 encoding.")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, badPolicy("Invalid JSON.")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "expiration" && name != "conditions" {
			return nil, badPolicy("Unexpected: %q", cut(name))
		}
	}
	policy := &postPolicy{}
	if err := policy.readExpiration(fields["expiration"]); err != nil {
		return nil, err
	}
	return policy, policy.readConditions(fields["conditions"])
}

func (p *postPolicy) readExpiration(raw json.RawMessage) error {
	if raw == nil {
		return badPolicy("Policy missing expiration.")
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return badPolicy("Invalid JSON.")
	}
	var err error
	if p.expiration, err = time.Parse(time.RFC3339, text); err != nil {
		return badPolicy("Invalid 'expiration' value: '%s'", cut(text))
	}
	return nil
}

func (p *postPolicy) readConditions(raw json.RawMessage) error {
	if raw == nil {
		return badPolicy("Policy missing conditions.")
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return badPolicy("Invalid 'conditions' value: must be a List.")
	}
	for _, item := range list {
		var condition postCondition
		var err error
		switch first := bytes.TrimSpace(item); {
		case bytes.HasPrefix(first, []byte("{")):
			condition, err = simpleCondition(item)
		case bytes.HasPrefix(first, []byte("[")):
			condition, err = listCondition(item)
		default:
			err = badPolicy("Invalid condition test: must be a List or Object.")
		}
		if err != nil {
			return err
		}
		p.conditions = append(p.conditions, condition)
	}
	return nil
}

// simpleCondition reads {"field": "value"}.
func simpleCondition(raw json.RawMessage) (postCondition, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return postCondition{}, badPolicy("Invalid JSON.")
	}
	if len(object) != 1 {
		return postCondition{}, badPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
	}
	for name, any := range object {
		value, ok := any.(string)
		if !ok {
			return postCondition{}, badPolicy("Invalid Simple-Condition: value must be a string.")
		}
		return postCondition{operation: "eq", field: strings.ToLower(name), value: value, text: `["eq", "$` + name + `", "` + value + `"]`}, nil
	}
	return postCondition{}, nil
}

// listCondition reads ["eq", "$field", "value"] and its like.
func listCondition(raw json.RawMessage) (postCondition, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return postCondition{}, badPolicy("Invalid JSON.")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return postCondition{}, badPolicy("Invalid JSON.")
	}
	c := postCondition{text: compact.String()}
	if len(list) == 0 || json.Unmarshal(list[0], &c.operation) != nil {
		return c, badPolicy("Invalid Condition: missing operation identifier.")
	}
	name := c.operation
	c.operation = strings.ToLower(name)
	if !slices.Contains([]string{"eq", "starts-with", "content-length-range"}, c.operation) {
		return c, badPolicy("Invalid Condition: unknown operation '%s'.", cut(name))
	}
	if len(list) != 3 {
		return c, badPolicy("Invalid %s: wrong number of arguments.", c.operation)
	}
	if c.operation == "content-length-range" {
		var ok, ok2 bool
		c.least, ok = bound(list[1])
		c.most, ok2 = bound(list[2])
		if !ok || !ok2 {
			return c, badPolicy("Invalid JSON.")
		}
		return c, nil
	}
	var field string
	if json.Unmarshal(list[1], &field) != nil || json.Unmarshal(list[2], &c.value) != nil {
		return c, badPolicy("Invalid JSON.")
	}
	if rest, ok := strings.CutPrefix(field, "$"); ok {
		c.field = strings.ToLower(rest)
	}
	return c, nil
}

// bound reads a size, which may be written as text.
func bound(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	return n, err == nil
}

// check holds a form to its policy.
func (p *postPolicy) check(now time.Time, bucket string, form *postForm) error {
	if !now.Before(p.expiration) {
		return againstPolicy("Policy expired.")
	}
	named := map[string]bool{}
	for _, condition := range p.conditions {
		if condition.operation == "content-length-range" {
			continue
		}
		named[condition.field] = true
		value, given := form.fields[condition.field]
		if condition.field == "bucket" {
			value, given = bucket, true
		}
		if condition.field == "" || !given || !condition.holds(value) {
			return againstPolicy("Policy Condition failed: %s", condition.text)
		}
	}
	for _, name := range form.names {
		if lower := strings.ToLower(name); !named[lower] && !unchecked(lower) {
			return againstPolicy("Extra input fields: %s", lower)
		}
	}
	return nil
}

// unchecked says whether a field needs no condition.
func unchecked(name string) bool {
	return name == "policy" || name == "x-amz-signature" || name == "signature" || name == "awsaccesskeyid" || strings.HasPrefix(name, "x-ignore-")
}

func (c postCondition) holds(value string) bool {
	if c.operation == "eq" {
		return value == c.value
	}
	if c.field != "content-type" {
		return strings.HasPrefix(value, c.value)
	}
	for kind := range strings.SplitSeq(value, ",") {
		if !strings.HasPrefix(strings.TrimSpace(kind), c.value) {
			return false
		}
	}
	return true
}

// checkSize holds the file to the policy's range of lengths.
func (p *postPolicy) checkSize(size int64) error {
	if p == nil {
		return nil
	}
	for _, condition := range p.conditions {
		if condition.operation != "content-length-range" {
			continue
		}
		proposed := strconv.FormatInt(size, 10)
		if size > condition.most {
			return awserror.New(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.").
				With("ProposedSize", proposed).With("MaxSizeAllowed", strconv.FormatInt(condition.most, 10))
		}
		if size < condition.least {
			return awserror.New(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size").
				With("ProposedSize", proposed).With("MinSizeAllowed", strconv.FormatInt(condition.least, 10))
		}
	}
	return nil
}
