package sqsapi

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

type receiveInput struct {
	QueueURL              string `json:"QueueUrl"`
	AttributeNames        []string
	SystemAttributeNames  []string `json:"MessageSystemAttributeNames"`
	MessageAttributeNames []string
	MaxNumberOfMessages   *int
	VisibilityTimeout     *int
	WaitTimeSeconds       *int
}

type attributeOutput struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

type messageOutput struct {
	MessageID         string `json:"MessageId"`
	ReceiptHandle     string
	MD5OfBody         string
	Body              string
	Attributes        map[string]string          `json:",omitempty"`
	MD5OfAttributes   string                     `json:"MD5OfMessageAttributes,omitempty"`
	MessageAttributes map[string]attributeOutput `json:",omitempty"`
}

type receiveResult struct {
	Messages []messageOutput `json:",omitempty"`
}

// number returns an optional number within its range.
func number(name string, given *int, least, most, normal int) (int, error) {
	if given == nil {
		return normal, nil
	}
	if *given < least || *given > most {
		return 0, invalidParameter("Value " + strconv.Itoa(*given) + " for parameter " + name +
			" is invalid. Reason: " +
			"Must be between " + strconv.Itoa(least) + " and " + strconv.Itoa(most) + ", if provided.")
	}
	return *given, nil
}

func (c *call) receiveMessage(in *receiveInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "ReceiveMessage")
	if err != nil {
		return nil, err
	}
	limit, err := number("MaxNumberOfMessages", in.MaxNumberOfMessages, 1, 10, 1)
	if err != nil {
		return nil, err
	}
	hide, err := number("VisibilityTimeout", in.VisibilityTimeout, 0, 43_200,
		int(settings.Seconds("VisibilityTimeout", 30)/time.Second))
	if err != nil {
		return nil, err
	}
	wait, err := number("WaitTimeSeconds", in.WaitTimeSeconds, 0, 20,
		int(settings.Seconds("ReceiveMessageWaitTimeSeconds", 0)/time.Second))
	if err != nil {
		return nil, err
	}
	if err := c.useKey(&settings, "Decrypt"); err != nil {
		return nil, err
	}
	dead, most := c.deadLetters(&settings)
	received, err := q.Receive(c.ctx, limit, time.Duration(hide)*time.Second, time.Duration(wait)*time.Second, dead,
		most)
	if err != nil {
		return nil, err
	}
	var result receiveResult
	for i := range received {
		result.Messages = append(result.Messages, in.output(&received[i]))
	}
	return result, nil
}

// deadLetters returns the queue for messages that were received most times, or
// nil.
func (c *call) deadLetters(s *sqsstore.Settings) (dead *sqsstore.Queue, most int) {
	policy, err := c.redrive(s, s.Attributes["RedrivePolicy"])
	if err != nil {
		return nil, 0
	}
	return c.api.config.Store.Queue(policy.target), policy.most
}

func (in *receiveInput) output(r *sqsstore.Received) messageOutput {
	m := messageOutput{MessageID: r.ID, ReceiptHandle: r.Handle, MD5OfBody: MD5OfBody(r.Body), Body: r.Body}
	wanted := append(slices.Clone(in.AttributeNames), in.SystemAttributeNames...)
	milliseconds := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	for name, value := range map[string]string{
		"SenderId": r.Sender, "SentTimestamp": milliseconds(r.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(r.State.Received),
		"ApproximateFirstReceiveTimestamp": milliseconds(r.State.First),
		"DeadLetterQueueSourceArn":         r.State.Source,
		"AWSTraceHeader":                   r.System["AWSTraceHeader"].StringValue,
	} {
		if value != "" && (slices.Contains(wanted, "All") || slices.Contains(wanted, name)) {
			if m.Attributes == nil {
				m.Attributes = map[string]string{}
			}
			m.Attributes[name] = value
		}
	}
	shown := map[string]sqsstore.Attribute{}
	for name, a := range r.Attributes {
		if in.wants(name) {
			shown[name] = a
			if m.MessageAttributes == nil {
				m.MessageAttributes = map[string]attributeOutput{}
			}
			m.MessageAttributes[name] = attributeOutput(a)
		}
	}
	m.MD5OfAttributes = MD5OfAttributes(shown)
	return m
}

func (in *receiveInput) wants(name string) bool {
	for _, pattern := range in.MessageAttributeNames {
		prefix, isPrefix := strings.CutSuffix(pattern, ".*")
		if pattern == "All" || pattern == name || isPrefix && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

type handleInput struct {
	QueueURL          string `json:"QueueUrl"`
	ID                string `json:"Id"` // in a batch
	ReceiptHandle     string
	VisibilityTimeout *int
}

type entryResult struct {
	ID string `json:"Id"`
}

func idOfHandle(e *handleInput) string { return e.ID }

func (c *call) deleteMessage(in *handleInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "DeleteMessage")
	if err != nil {
		return nil, err
	}
	return nil, deleteOne(q, &settings, in)
}

func deleteOne(q *sqsstore.Queue, s *sqsstore.Settings, in *handleInput) error {
	id, ok := s.MessageID(in.ReceiptHandle)
	if !ok {
		return invalidHandle(in.ReceiptHandle)
	}
	return q.Remove(id)
}

func invalidHandle(handle string) error {
	return bad("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", cut(handle))
}

func (c *call) deleteMessageBatch(in *batchInput[handleInput]) (any, error) {
	return runBatch(c, "DeleteMessage", in.QueueURL, in.Entries, idOfHandle,
		func(q *sqsstore.Queue, s *sqsstore.Settings, entry *handleInput) (any, error) {
			return entryResult{entry.ID}, deleteOne(q, s, entry)
		})
}

func (c *call) changeVisibility(in *handleInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "ChangeMessageVisibility")
	if err != nil {
		return nil, err
	}
	return nil, changeOne(q, &settings, in)
}

func changeOne(q *sqsstore.Queue, s *sqsstore.Settings, in *handleInput) error {
	if in.VisibilityTimeout == nil {
		return missingParameter("The request must contain the parameter VisibilityTimeout.")
	}
	hide, err := number("VisibilityTimeout", in.VisibilityTimeout, 0, 43_200, 0)
	if err != nil {
		return err
	}
	id, ok := s.MessageID(in.ReceiptHandle)
	if !ok {
		return invalidHandle(in.ReceiptHandle)
	}
	exists, inFlight, err := q.Hide(id, time.Duration(hide)*time.Second)
	switch {
	case err != nil:
		return err
	case !exists:
		return invalidParameter("Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not " +
			"available for visibility timeout change.")
	case !inFlight:
		return bad(service+"MessageNotInflight", "The message referred to isn't in flight.")
	}
	return nil
}

func (c *call) changeVisibilityBatch(in *batchInput[handleInput]) (any, error) {
	return runBatch(c, "ChangeMessageVisibility", in.QueueURL, in.Entries, idOfHandle,
		func(q *sqsstore.Queue, s *sqsstore.Settings, entry *handleInput) (any, error) {
			return entryResult{entry.ID}, changeOne(q, s, entry)
		})
}
