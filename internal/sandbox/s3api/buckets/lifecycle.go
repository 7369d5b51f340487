package buckets

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// extraHeader is a header that is stored with a configuration's document.
type extraHeader struct {
	name    string
	choices []string // allowed values; the first is the default
}

// transitionHeader returns the header that is stored with a lifecycle.
// Terraform waits until a response has the value that it sent.
func transitionHeader() *extraHeader {
	return &extraHeader{
		"X-Amz-Transition-Default-Minimum-Object-Size",
		[]string{"all_storage_classes_128K", "varies_by_storage_class"},
	}
}

// key returns the name under which the value is stored. No sub-resource has
// such a name.
func (h *extraHeader) key() string { return "header " + h.name }

// value returns the value in a request, or "" if there is no header to store.
func (h *extraHeader) value(c *front.Call) (string, error) {
	if h == nil {
		return "", nil
	}
	value := c.Request.Header.Get(h.name)
	switch {
	case value == "":
		return h.choices[0], nil
	case !slices.Contains(h.choices, value):
		return "", s3error.InvalidRequest(
			"Invalid %s found: %s",
			strings.TrimPrefix(http.CanonicalHeaderKey(h.name), "X-Amz-"),
			s3error.Cut(value),
		)
	default:
		return value, nil
	}
}

// maxLifecycleRules is the maximum number of lifecycle rules.
const maxLifecycleRules = 1000

type lifecycleDocument struct {
	XMLName xml.Name        `xml:"LifecycleConfiguration"`
	Rules   []lifecycleRule `xml:"Rule"`
}

type lifecycleRule struct {
	ID         string
	Status     string
	Expiration *struct {
		Days *int
	}
	Transitions []struct {
		Days         *int
		StorageClass string
	} `xml:"Transition"`
	NoncurrentExpiration *struct {
		Days *int `xml:"NoncurrentDays"`
	} `xml:"NoncurrentVersionExpiration"`
	NoncurrentTransitions []struct{} `xml:"NoncurrentVersionTransition"`
	Abort                 *struct{}  `xml:"AbortIncompleteMultipartUpload"`
}

// checkLifecycle validates a lifecycle. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html.
func checkLifecycle(_ *front.Call, text string) error {
	var d lifecycleDocument
	if err := xml.Unmarshal([]byte(text), &d); err != nil || len(d.Rules) == 0 || len(d.Rules) > maxLifecycleRules {
		return s3error.MalformedXML()
	}
	seen := map[string]bool{}
	for i := range d.Rules {
		r := &d.Rules[i]
		if r.ID != "" && seen[r.ID] {
			return s3error.InvalidArgument("ID", r.ID, "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[r.ID] = true
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *lifecycleRule) check() error {
	if r.Status != "Enabled" && r.Status != "Disabled" {
		return s3error.MalformedXML()
	}
	if len(r.ID) > 255 {
		return s3error.InvalidArgument("ID", s3error.Cut(r.ID), "ID length should not exceed allowed limit of 255")
	}
	if r.Expiration == nil && len(r.Transitions) == 0 && r.NoncurrentExpiration == nil &&
		len(r.NoncurrentTransitions) == 0 &&
		r.Abort == nil {
		return s3error.InvalidRequest("At least one action needs to be specified in a rule.")
	}
	if e := r.Expiration; e != nil && e.Days != nil && *e.Days < 1 {
		return s3error.InvalidArgument(
			"Days",
			strconv.Itoa(*e.Days),
			"'Days' for Expiration action must be a positive integer",
		)
	}
	if e := r.NoncurrentExpiration; e != nil && e.Days != nil && *e.Days < 1 {
		return s3error.InvalidArgument(
			"NoncurrentDays",
			strconv.Itoa(*e.Days),
			"'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
		)
	}
	for _, t := range r.Transitions {
		switch {
		case t.Days != nil && *t.Days < 0:
			return s3error.InvalidArgument(
				"Days",
				strconv.Itoa(*t.Days),
				"'Days' in Transition action must be nonnegative",
			)
		case !slices.Contains([]string{
			"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR",
			"DEEP_ARCHIVE",
		}, t.StorageClass):
			return s3error.MalformedXML()
		case t.Days != nil && *t.Days < 30 && strings.HasSuffix(t.StorageClass, "_IA"):
			return s3error.InvalidArgument(
				"Days",
				strconv.Itoa(*t.Days),
				"'Days' in Transition action must be greater than or equal to 30 for storageClass '%s'",
				t.StorageClass,
			)
		}
	}
	return nil
}
