package postform

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
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// policy limits the fields of a form. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html.
type policy struct {
	expiration time.Time
	conditions []condition
}

// condition is one condition on a field or on the size of the file.
type condition struct {
	operation   string // "eq", "starts-with", "content-length-range"
	field       string // in lower case, without "$"
	value       string
	least, most int64
	text        string // the condition as shown in error messages
}

func badPolicy(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidPolicyDocument", "Invalid Policy: "+format, args...)
}

func policyViolation(format string, args ...any) error {
	return s3error.AccessDenied("Invalid according to Policy: "+format, args...)
}

// parsePolicy parses the policy in a form.
func parsePolicy(encoded string) (*policy, error) {
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
			return nil, badPolicy("Unexpected: %q", s3error.Cut(name))
		}
	}
	policy := &policy{}
	if err := policy.readExpiration(fields["expiration"]); err != nil {
		return nil, err
	}
	return policy, policy.readConditions(fields["conditions"])
}

func (p *policy) readExpiration(raw json.RawMessage) error {
	if raw == nil {
		return badPolicy("Policy missing expiration.")
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return badPolicy("Invalid JSON.")
	}
	var err error
	if p.expiration, err = time.Parse(time.RFC3339, text); err != nil {
		return badPolicy("Invalid 'expiration' value: '%s'", s3error.Cut(text))
	}
	return nil
}

func (p *policy) readConditions(raw json.RawMessage) error {
	if raw == nil {
		return badPolicy("Policy missing conditions.")
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return badPolicy("Invalid 'conditions' value: must be a List.")
	}
	for _, item := range list {
		var condition condition
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

// simpleCondition parses {"field": "value"}.
func simpleCondition(raw json.RawMessage) (condition, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return condition{}, badPolicy("Invalid JSON.")
	}
	if len(object) != 1 {
		return condition{}, badPolicy(
			"Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
		)
	}
	for name, any := range object {
		value, ok := any.(string)
		if !ok {
			return condition{}, badPolicy("Invalid Simple-Condition: value must be a string.")
		}
		return condition{
			operation: "eq",
			field:     strings.ToLower(name),
			value:     value,
			text:      `["eq", "$` + name + `", "` + value + `"]`,
		}, nil
	}
	return condition{}, nil
}

// listCondition parses a list such as ["eq", "$field", "value"].
func listCondition(raw json.RawMessage) (condition, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return condition{}, badPolicy("Invalid JSON.")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return condition{}, badPolicy("Invalid JSON.")
	}
	c := condition{text: compact.String()}
	if len(list) == 0 || json.Unmarshal(list[0], &c.operation) != nil {
		return c, badPolicy("Invalid Condition: missing operation identifier.")
	}
	name := c.operation
	c.operation = strings.ToLower(name)
	if !slices.Contains([]string{"eq", "starts-with", "content-length-range"}, c.operation) {
		return c, badPolicy("Invalid Condition: unknown operation '%s'.", s3error.Cut(name))
	}
	if len(list) != 3 {
		return c, badPolicy("Invalid %s: wrong number of arguments.", c.operation)
	}
	if c.operation == "content-length-range" {
		var ok, ok2 bool
		c.least, ok = parseBound(list[1])
		c.most, ok2 = parseBound(list[2])
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

// parseBound parses a size, which may be a string.
func parseBound(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	return n, err == nil
}

// validate checks a form against its policy.
func (p *policy) validate(now time.Time, bucket string, form *Form) error {
	if !now.Before(p.expiration) {
		return policyViolation("Policy expired.")
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
		if condition.field == "" || !given || !condition.matches(value) {
			return policyViolation("Policy Condition failed: %s", condition.text)
		}
	}
	for _, name := range form.names {
		if lower := strings.ToLower(name); !named[lower] && !needsNoCondition(lower) {
			return policyViolation("Extra input fields: %s", lower)
		}
	}
	return nil
}

// needsNoCondition reports whether a field needs no condition.
func needsNoCondition(name string) bool {
	return name == "policy" || name == "x-amz-signature" || name == "signature" || name == "awsaccesskeyid" ||
		strings.HasPrefix(name, "x-ignore-")
}

func (c condition) matches(value string) bool {
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

// checkSize checks the file's size against the policy's range.
func (p *policy) checkSize(size int64) error {
	if p == nil {
		return nil
	}
	for _, condition := range p.conditions {
		if condition.operation != "content-length-range" {
			continue
		}
		proposed := strconv.FormatInt(size, 10)
		if size > condition.most {
			return awserror.New(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum "+
				"allowed object size.").
				With("ProposedSize", proposed).
				With("MaxSizeAllowed", strconv.FormatInt(condition.most, 10))
		}
		if size < condition.least {
			return awserror.New(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the "+
				"minimum allowed size").
				With("ProposedSize", proposed).
				With("MinSizeAllowed", strconv.FormatInt(condition.least, 10))
		}
	}
	return nil
}
