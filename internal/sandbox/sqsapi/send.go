package sqsapi

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// Limits of messages.
const (
	maxBatch      = 10
	maxBatchBytes = 1 << 20
	maxAttributes = 10
)

type attributeInput struct {
	DataType    string
	StringValue *string
	BinaryValue []byte
}

type sendInput struct {
	QueueURL          string `json:"QueueUrl"`
	ID                string `json:"Id"` // in a batch
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]attributeInput
	System            map[string]attributeInput `json:"MessageSystemAttributes"`
	GroupID           string                    `json:"MessageGroupId"`
}

type sendResult struct {
	ID                     string `json:"Id,omitempty"`
	MessageID              string `json:"MessageId"`
	MD5OfBody              string `json:"MD5OfMessageBody"`
	MD5OfAttributes        string `json:"MD5OfMessageAttributes,omitempty"`
	MD5OfMessageSystemAttr string `json:"MD5OfMessageSystemAttributes,omitempty"`
}

func (c *call) sendMessage(in *sendInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "SendMessage")
	if err != nil {
		return nil, err
	}
	m, delay, err := c.message(&settings, in)
	if err != nil {
		return nil, err
	}
	if err := c.useKey(&settings, "GenerateDataKey", "Decrypt"); err != nil {
		return nil, err
	}
	if err := q.Send([]*sqsstore.Message{m}, []time.Duration{delay}); err != nil {
		return nil, err
	}
	return sent("", m), nil
}

func sent(id string, m *sqsstore.Message) sendResult {
	return sendResult{id, m.ID, MD5OfBody(m.Body), MD5OfAttributes(m.Attributes), MD5OfAttributes(m.System)}
}

// message validates one message.
func (c *call) message(s *sqsstore.Settings, in *sendInput) (*sqsstore.Message, time.Duration, error) {
	delay := s.Seconds("DelaySeconds", 0)
	if in.DelaySeconds != nil {
		delay = time.Duration(*in.DelaySeconds) * time.Second
	}
	m := &sqsstore.Message{Body: in.MessageBody, Sender: c.Caller.UserID}
	switch {
	case in.MessageBody == "":
		return nil, 0, missingParameter("The request must contain the parameter MessageBody.")
	case delay < 0 || delay > 900*time.Second:
		return nil, 0, invalidParameter("Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 " +
			"and <= 900.")
	case in.GroupID != "" && len(in.GroupID) > 128:
		return nil, 0, invalidParameter("Value for parameter MessageGroupId is invalid.")
	case strings.ContainsFunc(in.MessageBody, forbidden):
		return nil, 0, bad("InvalidMessageContents", "The message contains characters outside the allowed set.")
	}
	var err error
	if m.Attributes, err = attributesOf(in.MessageAttributes); err != nil {
		return nil, 0, err
	}
	if m.System, err = attributesOf(in.System); err != nil {
		return nil, 0, err
	}
	for name := range m.System {
		if name != "AWSTraceHeader" {
			return nil, 0, invalidParameter("Message system attribute name " + cut(name) + " is invalid.")
		}
	}
	most := int(s.Seconds("MaximumMessageSize", whole["MaximumMessageSize"].normal) / time.Second)
	if sizeOf(m) > most {
		return nil, 0, invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than " +
			s.Attributes["MaximumMessageSize"] + " bytes.")
	}
	return m, delay, nil
}

// forbidden reports whether a message can't contain a character. See
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html.
func forbidden(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r', r >= 0x20 && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000:
		return false
	}
	return true
}

var (
	attributeName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..+)?$`)
)

func attributesOf(in map[string]attributeInput) (map[string]sqsstore.Attribute, error) {
	if len(in) == 0 {
		return nil, nil
	}
	if len(in) > maxAttributes {
		return nil, invalidParameter("Number of message attributes [" + "] exceeds the allowed maximum [10].")
	}
	out := map[string]sqsstore.Attribute{}
	for name, a := range in {
		lower := strings.ToLower(name)
		if !attributeName.MatchString(name) || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower,
			"amazon.") ||
			strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
			return nil, invalidParameter("The message attribute name '" + cut(name) + "' is invalid.")
		}
		if !attributeType.MatchString(a.DataType) || len(a.DataType) > 256 {
			return nil, invalidParameter("The message attribute '" + cut(name) +
				"' has an invalid message attribute type.")
		}
		value := sqsstore.Attribute{DataType: a.DataType, BinaryValue: a.BinaryValue}
		if a.StringValue != nil {
			value.StringValue = *a.StringValue
		}
		isBinary := strings.HasPrefix(a.DataType, "Binary")
		if isBinary && len(a.BinaryValue) == 0 || !isBinary && value.StringValue == "" ||
			strings.ContainsFunc(value.StringValue, forbidden) {
			return nil, invalidParameter("The message attribute '" + cut(name) + "' must contain a non-empty message " +
				"attribute value for message attribute type '" + cut(a.DataType) + "'.")
		}
		out[name] = value
	}
	return out, nil
}

func sizeOf(m *sqsstore.Message) int {
	size := len(m.Body)
	for name, a := range m.Attributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

type batchInput[T any] struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []T
}

type failure struct {
	ID          string `json:"Id"`
	SenderFault bool
	Code        string
	Message     string
}

type batchResult struct {
	Successful []any     `json:",omitempty"`
	Failed     []failure `json:",omitempty"`
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch validates the IDs of a batch's entries.
func checkBatch(ids []string) error {
	switch {
	case len(ids) == 0:
		return bad(service+"EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(ids) > maxBatch:
		return bad(service+"TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are 10. You have sent %d.", len(ids))
	}
	for i, id := range ids {
		if !entryID.MatchString(id) {
			return bad(service+"InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, "+
				"hyphens and underscores. It can be at most 80 letters long.")
		}
		if slices.Contains(ids[:i], id) {
			return bad(service+"BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
	}
	return nil
}

// runBatch runs a batch entry by entry.
func runBatch[T any](c *call, action, queueURL string, entries []T, idOf func(*T) string,
	run func(q *sqsstore.Queue, s *sqsstore.Settings, entry *T) (any, error),
) (any, error) {
	q, settings, err := c.find(queueURL, action)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range entries {
		ids = append(ids, idOf(&entries[i]))
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	var result batchResult
	for i := range entries {
		done, err := run(q, &settings, &entries[i])
		if err != nil {
			e := named(err)
			result.Failed = append(result.Failed, failure{ids[i], e.Status < 500, e.Code, e.Message})
			continue
		}
		result.Successful = append(result.Successful, done)
	}
	return result, nil
}

func (c *call) sendMessageBatch(in *batchInput[sendInput]) (any, error) {
	total := 0
	for i := range in.Entries {
		total += len(in.Entries[i].MessageBody)
		for name, a := range in.Entries[i].MessageAttributes {
			total += len(name) + len(a.DataType) + len(a.BinaryValue)
			if a.StringValue != nil {
				total += len(*a.StringValue)
			}
		}
	}
	if total > maxBatchBytes {
		return nil, bad(service+"BatchRequestTooLong",
			"Batch requests cannot be longer than 1048576 bytes. You have sent %d bytes.", total)
	}
	return runBatch(c, "SendMessage", in.QueueURL, in.Entries, func(e *sendInput) string { return e.ID },
		func(q *sqsstore.Queue, s *sqsstore.Settings, entry *sendInput) (any, error) {
			m, delay, err := c.message(s, entry)
			if err != nil {
				return nil, err
			}
			if err := c.useKey(s, "GenerateDataKey", "Decrypt"); err != nil {
				return nil, err
			}
			if err := q.Send([]*sqsstore.Message{m}, []time.Duration{delay}); err != nil {
				return nil, err
			}
			return sent(entry.ID, m), nil
		})
}
