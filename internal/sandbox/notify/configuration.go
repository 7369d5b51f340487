package notify

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// Configuration is a bucket's notification configuration. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html.
type Configuration struct {
	XMLName     xml.Name  `xml:"NotificationConfiguration"`
	Namespace   string    `xml:"xmlns,attr,omitempty"`
	Queues      []Rule    `xml:"QueueConfiguration"`
	Topics      []Rule    `xml:"TopicConfiguration"`
	Functions   []Rule    `xml:"CloudFunctionConfiguration"`
	EventBridge *struct{} `xml:"EventBridgeConfiguration"`
}

// Rule sends events to one destination.
type Rule struct {
	ID     string   `xml:"Id,omitempty"`
	Queue  string   `xml:",omitempty"`
	Topic  string   `xml:",omitempty"`
	Events []string `xml:"Event"`
	Filter *Filter  `xml:",omitempty"`
}

// Filter selects keys.
type Filter struct {
	Rules []FilterRule `xml:"S3Key>FilterRule"`
}

// FilterRule is a prefix or a suffix of keys.
type FilterRule struct{ Name, Value string }

// Limits of a configuration.
const (
	maxRules = 100
	maxValue = 1024
)

// events are the kinds of events that S3 sends.
var events = []string{
	"s3:ReducedRedundancyLostObject",
	"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
	"s3:ObjectCreated:CompleteMultipartUpload",
	"s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated",
	"s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
	"s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
	"s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
	"s3:LifecycleTransition", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
	"s3:LifecycleExpiration:DeleteMarkerCreated", "s3:IntelligentTiering",
	"s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put",
}

// Parse parses a configuration.
func Parse(text []byte) (*Configuration, error) {
	c := &Configuration{}
	if err := xml.Unmarshal(text, c); err != nil {
		return nil, err
	}
	return c, nil
}

func invalid(format string, args ...any) *awserror.Error {
	return awserror.New(http.StatusBadRequest, "InvalidArgument", format, args...)
}

// Check validates the rules and gives IDs to those without one. It doesn't
// check the destinations.
func (c *Configuration) Check() error {
	if len(c.Functions) > 0 || len(c.Topics) > 0 || c.EventBridge != nil {
		return awserror.New(http.StatusNotImplemented, "NotImplemented",
			"The sandbox only supports queues as destinations.")
	}
	if len(c.Queues) > maxRules {
		return invalid("The maximum number of notification configurations is 100.")
	}
	for i := range c.Queues {
		if err := c.Queues[i].check(); err != nil {
			return err
		}
	}
	for i := range c.Queues {
		rule := &c.Queues[i]
		if rule.ID == "" {
			rule.ID = rand.Text()
		}
		if slices.ContainsFunc(c.Queues[:i], func(other Rule) bool { return other.ID == rule.ID }) {
			return invalid("Configuration Id must be unique within the configuration.")
		}
	}
	for i := range c.Queues {
		for j := range i {
			if overlap(&c.Queues[i], &c.Queues[j]) {
				return invalid("Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules " +
					"if the prefixes are overlapping for the same event type.")
			}
		}
	}
	return nil
}

func (r *Rule) check() error {
	if len(r.Events) == 0 {
		return awserror.New(http.StatusBadRequest, "MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	for _, event := range r.Events {
		if !slices.Contains(events, event) {
			return invalid("A specified event is not supported for notifications.")
		}
	}
	if r.Filter == nil {
		return nil
	}
	seen := map[string]bool{}
	for i := range r.Filter.Rules {
		rule := &r.Filter.Rules[i]
		rule.Name = strings.ToLower(rule.Name)
		switch {
		case rule.Name != "prefix" && rule.Name != "suffix":
			return invalid("filter rule name must be either prefix or suffix")
		case seen[rule.Name]:
			return invalid("Cannot specify more than one %s rule in a filter.", rule.Name)
		case len(rule.Value) > maxValue:
			return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation")
		}
		seen[rule.Name] = true
	}
	return nil
}

func (r *Rule) filter(name string) string {
	if r.Filter == nil {
		return ""
	}
	for _, rule := range r.Filter.Rules {
		if rule.Name == name {
			return rule.Value
		}
	}
	return ""
}

// matches reports whether a rule sends an event of a key.
func (r *Rule) matches(event, key string) bool {
	return strings.HasPrefix(key, r.filter("prefix")) && strings.HasSuffix(key, r.filter("suffix")) &&
		slices.ContainsFunc(r.Events, func(pattern string) bool { return covers(pattern, "s3:"+event) })
}

// covers reports whether an event of a rule is, or includes, another one.
func covers(pattern, event string) bool {
	prefix, any := strings.CutSuffix(pattern, "*")
	return pattern == event || any && strings.HasPrefix(event, prefix)
}

// overlap reports whether two rules could send the same event of the same key.
// Rules with common events must differ in their prefixes or suffixes.
func overlap(a, b *Rule) bool {
	common := false
	for _, x := range a.Events {
		for _, y := range b.Events {
			common = common || covers(x, y) || covers(y, x)
		}
	}
	prefixA, prefixB, suffixA, suffixB := a.filter("prefix"), b.filter("prefix"), a.filter("suffix"), b.filter("suffix")
	return common &&
		(strings.HasPrefix(prefixA, prefixB) || strings.HasPrefix(prefixB, prefixA)) &&
		(strings.HasSuffix(suffixA, suffixB) || strings.HasSuffix(suffixB, suffixA))
}

// Validate checks that S3 may send a bucket's events to every destination.
func (n *Notifier) Validate(b *s3store.Bucket, c *Configuration, requestID string) error {
	for i := range c.Queues {
		arn := c.Queues[i].Queue
		parts := strings.Split(arn, ":")
		if len(parts) != 6 || parts[2] != "sqs" || parts[5] == "" {
			return invalid("The ARN could not be parsed").With("ArgumentName", "Queue").With("ArgumentValue", arn)
		}
		if strings.HasSuffix(arn, ".fifo") {
			return invalid("FIFO SQS queues are not supported.").With("ArgumentName", "Queue").
				With("ArgumentValue", arn)
		}
		if parts[3] != b.Region {
			return invalid("The notification destination service region is not valid for the bucket location constraint").
				With("ArgumentName", "Queue").With("ArgumentValue", arn)
		}
		reason := "The destination queue does not exist"
		if queue := n.config.Queues.Queue(arn); queue != nil {
			err := n.allow(queue, b, requestID)
			if err == nil {
				continue
			}
			reason = fmt.Sprintf("Permissions on the destination queue do not allow S3 to publish notifications "+
				"from this bucket: %v", err)
		}
		return invalid("Unable to validate the following destination configurations").
			With("ArgumentName1", arn).With("ArgumentValue1", reason)
	}
	return nil
}
