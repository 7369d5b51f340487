package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam/generate"
)

const (
	queueA   = "arn:aws:sqs:eu-central-1:222222222222:acme-windlass"
	queueB   = "arn:aws:sqs:eu-central-1:222222222222:b"
	queueKey = "arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555"
)

func TestQueuesOfPermissionPolicy(t *testing.T) {
	t.Parallel()
	policy, err := generate.PermissionPolicy(generate.Need{
		Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data"}},
		Queues: []generate.Queue{{ARN: queueB}, {ARN: queueA, KMSKeyARN: queueKey}, {ARN: queueB}},
	})
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(policy)), "")
	for _, want := range []string{
		`"Sid":"ReadQueue","Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage",` +
			`"sqs:ChangeMessageVisibility","sqs:GetQueueAttributes"],"Resource":["` + queueA + `","` + queueB + `"]`,
		`"Sid":"UseQueueKey","Effect":"Allow","Action":"kms:Decrypt","Resource":"` + queueKey + `",` +
			`"Condition":{"StringEquals":{"kms:ViaService":"sqs.eu-central-1.amazonaws.com"}}`,
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%s\nis missing in %s", want, flat)
		}
	}
}

func TestQueueSessionPolicy(t *testing.T) {
	t.Parallel()
	policy, err := generate.QueueSessionPolicy("", generate.Queue{ARN: queueA})
	if err != nil || strings.Contains(policy, "s3:") || !strings.Contains(policy, queueA) {
		t.Errorf("%s, %v", policy, err)
	}
	for _, arn := range []string{
		"", "*", queueA + "*", queueA + ".fifo", strings.Replace(queueA, "arn:aws:", "arn:aws-cn:", 1),
		strings.Replace(queueA, "acme", "${aws:username}", 1),
	} {
		_, err := generate.QueueSessionPolicy("", generate.Queue{ARN: arn})
		var input *generate.InputError
		if !errors.As(err, &input) {
			t.Errorf("%q: %v", arn, err)
		}
	}
}
