package sandbox_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// run runs a program with the keys of the customer's root, and returns its
// output.
func run(t *testing.T, box *sandboxtest.Server, name string, args ...string) string {
	t.Helper()
	programtest.Need(t, name)
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(os.Environ(), box.Env(box.Customer.Keys)...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestEventsWithCommand runs the direct route with the aws command.
func TestEventsWithCommand(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED: it starts the aws command several times; run without -short")
	}
	box := sandboxtest.Start(t)
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	cli := func(args ...string) string {
		return run(t, box, "aws", append([]string{"--endpoint-url", box.URL, "--output", "json"}, args...)...)
	}
	policy := strings.ReplaceAll(sandboxtest.EventsPolicy(box.Customer, "acme-data"), "QUEUE",
		"arn:aws:sqs:us-east-1:"+box.Customer.ID+":acme")
	attributes, err := json.Marshal(map[string]string{"Policy": policy, "ReceiveMessageWaitTimeSeconds": "1"})
	if err != nil {
		t.Fatal(err)
	}
	var queue struct {
		QueueURL string `json:"QueueUrl"`
	}
	out := cli("sqs", "create-queue", "--queue-name", "acme", "--attributes", string(attributes))
	if err := json.Unmarshal([]byte(out), &queue); err != nil {
		t.Fatal(err)
	}
	cli("s3api", "put-bucket-notification-configuration", "--bucket", "acme-data", "--notification-configuration",
		`{"QueueConfigurations":[{"QueueArn":"arn:aws:sqs:us-east-1:`+box.Customer.ID+
			`:acme","Events":["s3:ObjectCreated:*"]}]}`)
	box.MustPut(t, box.Customer.Keys, "acme-data", "a b.csv", "x")
	received := cli("sqs", "receive-message", "--queue-url", queue.QueueURL, "--max-number-of-messages", "10")
	if !strings.Contains(received, "s3:TestEvent") || !strings.Contains(received, "a+b.csv") {
		t.Errorf("received %s", received)
	}
	got := cli("s3api", "get-bucket-notification-configuration", "--bucket", "acme-data")
	if !strings.Contains(got, ":acme") {
		t.Errorf("the configuration is %s", got)
	}
}

// TestEventsWithBoto3 runs the direct route with boto3.
func TestEventsWithBoto3(t *testing.T) {
	t.Parallel()
	if exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run() != nil {
		t.Skip("SKIPPED: boto3 is not installed; install it to run this test")
	}
	box := sandboxtest.Start(t)
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	box.MustQueue(t, box.Customer, "acme", sandboxtest.EventsPolicy(box.Customer, "acme-data"))
	out := run(t, box, "python3", "-c", `
import boto3, json, sys
endpoint, account = sys.argv[1:]
s3, sqs = (boto3.client(name, endpoint_url=endpoint, region_name="us-east-1") for name in ("s3", "sqs"))
url = sqs.get_queue_url(QueueName="acme")["QueueUrl"]
s3.put_bucket_notification_configuration(Bucket="acme-data", NotificationConfiguration={"QueueConfigurations": [
    {"QueueArn": "arn:aws:sqs:us-east-1:%s:acme" % account, "Events": ["s3:ObjectCreated:*"]}]})
s3.put_object(Bucket="acme-data", Key="größe.csv", Body=b"x")
got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
sqs.delete_message_batch(QueueUrl=url, Entries=[
    {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)])
sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={
    "n": {"DataType": "Number", "StringValue": "1"}})
print(len(got), json.loads(got[1]["Body"])["Records"][0]["s3"]["object"]["key"])
try:
    sqs.receive_message(QueueUrl=url + "-none")
except sqs.exceptions.QueueDoesNotExist as e:
    print(e.response["Error"]["Code"])
`, box.URL, box.Customer.ID)
	if want := "2 gr%C3%B6%C3%9Fe.csv\nAWS.SimpleQueueService.NonExistentQueue\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}
