package sandbox_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// clock is a clock that a test sets forward.
type clock struct{ ahead time.Duration }

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

func receive(t *testing.T, client *sqs.Client, url string, change ...func(*sqs.ReceiveMessageInput)) []types.Message {
	t.Helper()
	in := &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	}
	for _, fn := range change {
		fn(in)
	}
	out, err := client.ReceiveMessage(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func send(t *testing.T, client *sqs.Client, url, body string) *sqs.SendMessageOutput {
	t.Helper()
	out, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestQueue sends, receives, hides and deletes messages. The SDK checks MD5s.
func TestQueue(t *testing.T) {
	t.Parallel()
	time := &clock{}
	box := sandboxtest.Start(t, sandboxtest.WithClock(time.now))
	client := box.SQS(box.Customer.Keys)
	url, _ := box.MustQueue(t, box.Customer, "jobs", "")
	sent, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String("größe €"), MessageAttributes: map[string]types.MessageAttributeValue{
			"kind": {DataType: aws.String("String"), StringValue: aws.String("test")},
			"blob": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 2}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	send(t, client, url, "second")
	got := receive(t, client, url)
	if len(got) != 2 || *got[0].MessageId != *sent.MessageId || *got[0].Body != "größe €" ||
		string(got[0].MessageAttributes["blob"].BinaryValue) != "\x00\x01\x02" ||
		got[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Fatalf("received %+v", got)
	}
	if again := receive(t, client, url); len(again) != 0 {
		t.Errorf("hidden messages are received: %+v", again)
	}
	_, err = client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &url, ReceiptHandle: got[1].ReceiptHandle, VisibilityTimeout: 300,
	})
	if err != nil {
		t.Fatal(err)
	}
	time.ahead = 31e9 // the queue's visibility timeout
	again := receive(t, client, url)
	if len(again) != 1 || *again[0].Body != "größe €" || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Fatalf("received again %+v", again)
	}
	for _, handle := range []*string{got[0].ReceiptHandle, again[0].ReceiptHandle, got[1].ReceiptHandle} { // one is old
		_, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: handle})
		if err != nil {
			t.Error(err)
		}
	}
	attributes, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"},
	})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessages"] != "0" ||
		attributes.Attributes["ApproximateNumberOfMessagesNotVisible"] != "0" ||
		attributes.Attributes["VisibilityTimeout"] != "30" {
		t.Errorf("attributes %v, %v", attributes, err)
	}
}

func TestQueueErrors(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	client, ctx := box.SQS(box.Customer.Keys), t.Context()
	url, arn := box.MustQueue(t, box.Customer, "jobs", "")
	other := strings.Replace(url, "jobs", "none", 1)
	text, fake := aws.String("x"), aws.String("bWFkZSB1cA==")
	set := func(name, value string) error {
		return awstest.Err(client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			QueueUrl: &url, Attributes: map[string]string{name: value},
		}))
	}
	entries := func(ids ...string) error {
		in := &sqs.SendMessageBatchInput{QueueUrl: &url}
		for _, id := range ids {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: text})
		}
		return awstest.Err(client.SendMessageBatch(ctx, in))
	}
	for want, err := range map[string]error{
		"AWS.SimpleQueueService.NonExistentQueue": awstest.Err(client.SendMessage(ctx,
			&sqs.SendMessageInput{QueueUrl: &other, MessageBody: text})),
		"ReceiptHandleIsInvalid": awstest.Err(client.DeleteMessage(ctx,
			&sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: fake})),
		"InvalidMessageContents": awstest.Err(client.SendMessage(ctx,
			&sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("a\x01")})),
		"QueueAlreadyExists": awstest.Err(client.CreateQueue(ctx, &sqs.CreateQueueInput{
			QueueName: aws.String("jobs"), Attributes: map[string]string{"DelaySeconds": "5"},
		})),
		"AWS.SimpleQueueService.UnsupportedOperation": awstest.Err(client.CreateQueue(ctx,
			&sqs.CreateQueueInput{QueueName: aws.String("a.fifo")})),
		"InvalidAttributeName":  set("Colour", "red"),
		"InvalidAttributeValue": set("VisibilityTimeout", "43201"),
		"InvalidParameterValue": set("RedrivePolicy", `{"deadLetterTargetArn":"`+arn+
			`x","maxReceiveCount":3}`),
		"AWS.SimpleQueueService.BatchEntryIdsNotDistinct":     entries("a", "a"),
		"AWS.SimpleQueueService.InvalidBatchEntryId":          entries("a b"),
		"AWS.SimpleQueueService.TooManyEntriesInBatchRequest": entries(strings.Split("abcdefghijk", "")...),
	} {
		if got := awstest.Code(err); got != want {
			t.Errorf("%s, want %s: %v", got, want, err)
		}
	}
	purge := func() error {
		return awstest.Err(client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &url}))
	}
	if err := purge(); err != nil {
		t.Error(err)
	}
	if got := awstest.Code(purge()); got != "AWS.SimpleQueueService.PurgeQueueInProgress" {
		t.Errorf("a second purge: %s", got)
	}
}

func TestDeadLetterQueue(t *testing.T) {
	t.Parallel()
	time := &clock{}
	box := sandboxtest.Start(t, sandboxtest.WithClock(time.now))
	client := box.SQS(box.Customer.Keys)
	dead, deadARN := box.MustQueue(t, box.Customer, "dead", "")
	url, arn := box.MustQueue(t, box.Customer, "jobs", "")
	_, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &url, Attributes: map[string]string{
			"RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":"2"}`,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	send(t, client, url, "poison")
	for range 2 {
		if got := receive(t, client, url); len(got) != 1 {
			t.Fatalf("received %+v", got)
		}
		time.ahead += 31e9
	}
	if got := receive(t, client, url); len(got) != 0 {
		t.Errorf("received a third time: %+v", got)
	}
	got := receive(t, client, dead)
	if len(got) != 1 || got[0].Attributes["DeadLetterQueueSourceArn"] != arn {
		t.Errorf("the dead-letter queue has %+v", got)
	}
	sources, err := client.ListDeadLetterSourceQueues(t.Context(),
		&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead})
	if err != nil || !slices.Equal(sources.QueueUrls, []string{url}) {
		t.Errorf("sources %v, %v", sources, err)
	}
}

// A long poll ends as soon as a message arrives.
func TestLongPoll(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	client := box.SQS(box.Customer.Keys)
	url, _ := box.MustQueue(t, box.Customer, "jobs", "")
	got := make(chan int)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	go func() {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20})
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		got <- len(out.Messages)
	}()
	time.Sleep(50 * time.Millisecond)
	send(t, client, url, "wake up")
	if n := <-got; n != 1 {
		t.Errorf("%d messages", n)
	}
	if left := receive(t, client, url, func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = 1 }); len(left) != 0 {
		t.Errorf("received %+v", left)
	}
}

// Queues and messages survive a restart, in order.
func TestQueuesSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	client := box.SQS(box.Customer.Keys)
	url, _ := box.MustQueue(t, box.Customer, "jobs", "")
	for _, body := range []string{"taken", "first", "second"} {
		send(t, client, url, body)
	}
	taken := receive(t, client, url, func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })
	box.Stop(t)
	box = sandboxtest.Start(t, sandboxtest.WithDir(dir))
	client = box.SQS(box.Customer.Keys)
	out, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
	if err != nil {
		t.Fatal(err)
	}
	got := receive(t, client, *out.QueueUrl)
	if len(got) != 2 || *got[0].Body != "first" || *got[1].Body != "second" {
		t.Errorf("received %+v", got)
	}
	_, err = client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{
		QueueUrl: out.QueueUrl, ReceiptHandle: taken[0].ReceiptHandle,
	})
	if err != nil {
		t.Errorf("a handle from before the restart: %v", err)
	}
}

// Other accounts need both the queue policy and their own policy.
func TestQueuePolicy(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	url, _ := box.MustQueue(t, box.Customer, "jobs", `{"Version":"2012-10-17","Statement":{"Effect":"Allow",
		"Principal":{"AWS":"`+box.Service.ID+`"},"Action":"sqs:*","Resource":"QUEUE"}}`)
	allowed, _ := box.MustUser(t, box.Service, "reader",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`)
	denied, _ := box.MustUser(t, box.Service, "nobody")
	for _, c := range []struct {
		keys aws.Credentials
		want string
	}{{allowed, ""}, {denied, "AccessDenied"}} {
		_, err := box.SQS(c.keys).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		if got := awstest.Code(err); got != c.want {
			t.Errorf("receiving: %q, want %q: %v", got, c.want, err)
		}
	}
	// A queue policy can't grant the management of a queue to another account.
	_, err := box.SQS(allowed).DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &url})
	if got := awstest.Code(err); got != "AccessDenied" {
		t.Errorf("deleting the queue: %v", err)
	}
	// Access is decided before a receipt handle is read.
	_, err = box.SQS(denied).DeleteMessage(t.Context(), &sqs.DeleteMessageInput{
		QueueUrl: &url, ReceiptHandle: aws.String("made up"),
	})
	if got := awstest.Code(err); got != "AccessDenied" {
		t.Errorf("deleting with a made-up handle: %v", err)
	}
}

// TestQueueForms uses the query protocol, which older clients use.
func TestQueueForms(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	call := func(target string, params ...string) (int, string) {
		form := url.Values{"Version": {"2012-11-05"}}
		for i := 0; i < len(params); i += 2 {
			form.Set(params[i], params[i+1])
		}
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		out := awstest.Send(t, box, keys, "sqs", http.MethodPost, target, form.Encode(), header)
		return out.Code, out.Body.String()
	}
	for _, c := range []struct {
		target string
		params []string
		status int
		want   string
	}{
		{
			"/",
			[]string{
				"Action", "CreateQueue", "QueueName", "forms", "Attribute.1.Name", "VisibilityTimeout",
				"Attribute.1.Value", "5",
			},
			200, "<QueueUrl>http://localhost/222222222222/forms</QueueUrl>",
		},
		{
			"/222222222222/forms",
			[]string{
				"Action", "SendMessage", "MessageBody", "hello", "MessageAttribute.1.Name", "kind",
				"MessageAttribute.1.Value.DataType", "String", "MessageAttribute.1.Value.StringValue", "test",
			},
			200, "<MD5OfMessageBody>5d41402abc4b2a76b9719d911017c592</MD5OfMessageBody>",
		},
		{
			"/222222222222/forms",
			[]string{"Action", "ReceiveMessage", "AttributeName.1", "All", "MessageAttributeName.1", "All"},
			200, "<Body>hello</Body>",
		},
		{
			"/222222222222/forms",
			[]string{
				"Action", "SendMessageBatch", "SendMessageBatchRequestEntry.1.Id", "a",
				"SendMessageBatchRequestEntry.1.MessageBody", "x",
			},
			200, "<SendMessageBatchResultEntry>",
		},
		{
			"/222222222222/forms",
			[]string{"Action", "GetQueueAttributes", "AttributeName.1", "VisibilityTimeout"},
			200, "<Attribute><Name>VisibilityTimeout</Name><Value>5</Value></Attribute>",
		},
		{
			"/222222222222/none",
			[]string{"Action", "ReceiveMessage"},
			400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>",
		},
	} {
		status, body := call(c.target, c.params...)
		flat := strings.Join(strings.FieldsFunc(body, func(r rune) bool { return r == '\n' }), "")
		flat = strings.ReplaceAll(strings.ReplaceAll(flat, "  ", ""), "> <", "><")
		if status != c.status || !strings.Contains(flat, c.want) {
			t.Errorf("%v: %d %s, want %s", c.params, status, flat, c.want)
		}
	}
}

func TestQueueKey(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	client := box.SQS(box.Customer.Keys)
	user, userARN := box.MustUser(t, box.Customer, "reader",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`)
	key := box.MustKey(t, box.Customer, awstest.KeyPolicy(box.Customer.ID, userARN, "kms:Decrypt"))
	url, _ := box.MustQueue(t, box.Customer, "jobs", "")
	_, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &url, Attributes: map[string]string{"KmsMasterKeyId": key},
	})
	if err != nil {
		t.Fatal(err)
	}
	send(t, client, url, "secret")
	if got := receive(t, box.SQS(user), url); len(got) != 1 {
		t.Errorf("received %+v", got)
	}
	_, err = box.SQS(user).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")})
	if got := awstest.Code(err); got != "KMS.AccessDeniedException" {
		t.Errorf("sending without GenerateDataKey: %v", err)
	}
}

func TestQueueThrottle(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	url, _ := box.MustQueue(t, box.Customer, "jobs", "")
	box.Break(t, "throttle,service=sqs,action=ReceiveMessage")
	client := sqs.NewFromConfig(box.Config(box.Customer.Keys), func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
	_, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
	if got := awstest.Code(err); got != "RequestThrottled" {
		t.Errorf("got %v", err)
	}
}
