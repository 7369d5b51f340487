package sqsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// whole are the attributes that are whole numbers, with their range and
// default.
var whole = map[string]struct{ least, most, normal int }{
	"VisibilityTimeout":             {0, 43_200, 30},
	"MessageRetentionPeriod":        {60, 1_209_600, 345_600},
	"MaximumMessageSize":            {1024, 1 << 20, 1 << 20},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"DelaySeconds":                  {0, 900, 0},
	"KmsDataKeyReusePeriodSeconds":  {60, 86_400, 300},
}

// computed are the attributes that can't be set.
var computed = []string{
	"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
	"CreatedTimestamp", "LastModifiedTimestamp", "QueueArn",
}

// texts are the other attributes of standard queues.
var texts = []string{
	"KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled",
}

// fifo are the attributes of FIFO queues.
var fifo = []string{"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}

// setAttributes changes attributes of a queue.
func (c *call) setAttributes(s *sqsstore.Settings, attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := c.setAttribute(s, name, attributes[name]); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) setAttribute(s *sqsstore.Settings, name, value string) error {
	if limits, ok := whole[name]; ok {
		n, err := strconv.Atoi(value)
		if err != nil || n < limits.least || n > limits.most {
			return invalidAttribute(name)
		}
		s.Attributes[name] = strconv.Itoa(n)
		return nil
	}
	switch name {
	case "Policy":
		return c.setPolicy(s, value)
	case "KmsMasterKeyId":
		delete(s.Attributes, "SqsManagedSseEnabled")
	case "SqsManagedSseEnabled":
		if value != "true" && value != "false" {
			return invalidAttribute(name)
		}
		if value == "true" {
			delete(s.Attributes, "KmsMasterKeyId")
		}
	case "RedrivePolicy":
		if _, err := c.redrive(s, value); value != "" && err != nil {
			return err
		}
	case "RedriveAllowPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return invalidAttribute(name)
		}
	default:
		if slices.Contains(fifo, name) {
			return unsupportedOperation("FIFO queues are not served by the sandbox.")
		}
		return bad("InvalidAttributeName", "Unknown Attribute %s.", cut(name))
	}
	if value == "" {
		delete(s.Attributes, name)
	} else {
		s.Attributes[name] = value
	}
	return nil
}

// redrive is a redrive policy.
type redrive struct {
	target string // ARN of the dead-letter queue
	most   int    // receives before a message moves there
}

// redrive parses a redrive policy. The queue that it names must be in the same
// account and region.
func (c *call) redrive(s *sqsstore.Settings, text string) (redrive, error) {
	var document struct {
		Target string          `json:"deadLetterTargetArn"`
		Most   json.RawMessage `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return redrive{}, invalidParameter("Value " + cut(text) + " for parameter RedrivePolicy is invalid. Reason: " +
			"Redrive policy is not a valid JSON map.")
	}
	most, err := strconv.Atoi(strings.Trim(string(document.Most), `"`))
	if err != nil || most < 1 || most > 1000 {
		return redrive{}, invalidParameter("Value " + cut(text) + " for parameter RedrivePolicy is invalid. Reason: " +
			"Invalid value for maxReceiveCount: it must be between 1 and 1000 both inclusive.")
	}
	at := sqsstore.ARN(s.Account, s.Region, "")
	if !strings.HasPrefix(document.Target, at) || c.api.config.Store.Queue(document.Target) == nil {
		return redrive{}, invalidParameter("Value " + cut(text) + " for parameter RedrivePolicy is invalid. Reason: " +
			"Dead letter target does not exist.")
	}
	return redrive{document.Target, most}, nil
}

type getAttributesInput struct {
	QueueURL       string `json:"QueueUrl"`
	AttributeNames []string
}

type attributesResult struct {
	Attributes map[string]string `json:",omitempty"`
}

func (c *call) getQueueAttributes(in *getAttributesInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "GetQueueAttributes")
	if err != nil {
		return nil, err
	}
	all := allAttributes(q, &settings)
	result := attributesResult{Attributes: map[string]string{}}
	for _, name := range in.AttributeNames {
		_, isNumber := whole[name]
		switch {
		case name == "All":
			maps.Copy(result.Attributes, all)
		case !isNumber && !slices.Contains(computed, name) && !slices.Contains(texts, name) && !slices.Contains(fifo,
			name):
			return nil, bad("InvalidAttributeName", "Unknown Attribute %s.", cut(name))
		case all[name] != "":
			result.Attributes[name] = all[name]
		}
	}
	return result, nil
}

func allAttributes(q *sqsstore.Queue, s *sqsstore.Settings) map[string]string {
	counts := q.Counts()
	all := map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(counts.Visible),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(counts.Delayed),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(counts.InFlight),
		"CreatedTimestamp":                      strconv.FormatInt(s.Created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(s.Modified.Unix(), 10),
		"QueueArn":                              s.ARN(),
	}
	_, encrypted := s.Attributes["KmsMasterKeyId"]
	for name, limits := range whole {
		if name != "KmsDataKeyReusePeriodSeconds" || encrypted {
			all[name] = strconv.Itoa(limits.normal)
		}
	}
	all["SqsManagedSseEnabled"] = strconv.FormatBool(!encrypted)
	if s.Policy != nil {
		all["Policy"] = s.Policy.Text
	}
	maps.Copy(all, s.Attributes)
	return all
}

type setAttributesInput struct {
	QueueURL   string `json:"QueueUrl"`
	Attributes map[string]string
}

func (c *call) setQueueAttributes(in *setAttributesInput) (any, error) {
	q, _, err := c.find(in.QueueURL, "SetQueueAttributes")
	if err != nil {
		return nil, err
	}
	if len(in.Attributes) == 0 {
		return nil, missingParameter("The request must contain the parameter Attribute.Name.")
	}
	return nil, c.change(q, in.Attributes)
}

// change sets attributes of a queue. The queue that a redrive policy names is
// looked up before the store is locked.
func (c *call) change(q *sqsstore.Queue, attributes map[string]string) error {
	settings := q.Now()
	if err := c.setAttributes(&settings, attributes); err != nil {
		return err
	}
	return c.storeError(c.api.config.Store.Change(q, func(s *sqsstore.Settings) error {
		s.Attributes, s.Policy, s.Principals = settings.Attributes, settings.Policy, settings.Principals
		s.Modified = c.now
		return nil
	}))
}

// sameAttributes reports whether a queue has these attributes.
func sameAttributes(q *sqsstore.Queue, s *sqsstore.Settings, attributes map[string]string) bool {
	all := allAttributes(q, s)
	for name, value := range attributes {
		if all[name] != value {
			return false
		}
	}
	return true
}

func (c *call) purgeQueue(in *urlInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "PurgeQueue")
	if err != nil {
		return nil, err
	}
	if c.now.Before(settings.Purged.Add(purgeInterval)) {
		return nil, awserror.New(http.StatusForbidden, service+"PurgeQueueInProgress",
			"Only one PurgeQueue operation on %s is allowed every 60 seconds.", settings.Name)
	}
	err = c.api.config.Store.Change(q, func(s *sqsstore.Settings) error {
		s.Purged = c.now
		return nil
	})
	if err != nil {
		return nil, c.storeError(err)
	}
	return nil, c.api.config.Store.Purge(q)
}
