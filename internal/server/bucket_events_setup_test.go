package server_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/testkit/programtest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// verifyEvents returns the checks of the queue by code, and whether none failed.
func (l *listening) verifyEvents(t *testing.T) (checks map[string]client.SourceEventsCheck, passed bool) {
	t.Helper()
	found, err := l.api.VerifySourceEvents(t.Context(), "src")
	if err != nil {
		t.Fatal(err)
	}
	checks = map[string]client.SourceEventsCheck{}
	for _, c := range found.Checks {
		checks[c.Code] = c
	}
	if status, _, _ := l.run(t, "source", "events", "verify", "src"); (status == 0) != (found.State == "verified") {
		t.Errorf("exit status %d, state %s", status, found.State)
	}
	return checks, found.State == "verified"
}

// TestSetupOfBucketEvents runs the printed setup, and checks that the queue passes
// every check and that each fault is reported with its cause.
func TestSetupOfBucketEvents(t *testing.T) {
	t.Parallel()
	programtest.Need(t, "aws")
	l := startListening(t)
	l.connect(t, "")
	l.expect(t, 0, nil, "source", "create", "--name", "src", "--integration", "acme", "--bucket", "acme-data",
		"--pattern", "in/it's/*.csv")
	l.addRule(t)
	queue := "arn:aws:sqs:" + l.aws.Region + ":" + l.aws.Customer.ID + ":acme-windlass"
	l.expect(t, 0, nil, "source", "events", "set", "src", "--queue", queue)
	if checks, passed := l.verifyEvents(t); passed || checks["queue"].Status != "fail" ||
		checks["queue-receive"].Status != "skip" {
		t.Errorf("without a queue: %+v", checks)
	}
	var shown map[string]any
	l.must(t, &shown, "GET", "/v1/workspaces/main/integrations/acme", l.token, "")
	if text := fmt.Sprint(shown); !strings.Contains(text, "sqs:ReceiveMessage") {
		t.Errorf("the permission policy of the integration doesn't have the queue: %s", text)
	}
	l.runSetup(t)
	rules := l.rules(t)
	if len(rules) != 2 || rules["other"] == nil {
		t.Errorf("the rules of the bucket are %v", rules)
	}
	checks, passed := l.verifyEvents(t)
	for _, code := range []string{
		"queue", "queue-sender", "queue-key", "queue-receive", "queue-delete", "queue-extend", "queue-redrive",
		"notification",
	} {
		if checks[code].Status != "pass" {
			t.Errorf("%s: %+v", code, checks[code])
		}
	}
	if !passed {
		t.Errorf("the verification failed: %+v", checks)
	}
	l.breakQueue(t)
}

// addRule adds a rule of another owner to the bucket's notification.
func (l *listening) addRule(t *testing.T) {
	t.Helper()
	_, other := l.aws.MustQueue(t, l.aws.Customer, "other", sandboxtest.EventsPolicy(l.aws.Customer, "acme-data"))
	_, err := l.aws.S3(l.aws.Customer.Keys).PutBucketNotificationConfiguration(t.Context(),
		&s3.PutBucketNotificationConfigurationInput{
			Bucket: aws.String("acme-data"), NotificationConfiguration: &s3types.NotificationConfiguration{
				QueueConfigurations: []s3types.QueueConfiguration{{
					Id: aws.String("other"), QueueArn: &other, Events: []s3types.Event{"s3:ObjectCreated:*"},
					Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{
						FilterRules: []s3types.FilterRule{{Name: "prefix", Value: aws.String("other/")}},
					}},
				}},
			},
		})
	if err != nil {
		t.Fatal(err)
	}
}

// rules returns the rules of the bucket's notification by ID.
func (l *listening) rules(t *testing.T) map[string]*s3types.QueueConfiguration {
	t.Helper()
	out, err := l.aws.S3(l.aws.Customer.Keys).GetBucketNotificationConfiguration(t.Context(),
		&s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("acme-data")})
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]*s3types.QueueConfiguration{}
	for i := range out.QueueConfigurations {
		rules[aws.ToString(out.QueueConfigurations[i].Id)] = &out.QueueConfigurations[i]
	}
	return rules
}

// runSetup runs the commands that the setup prints.
func (l *listening) runSetup(t *testing.T) {
	t.Helper()
	commands, err := l.api.SourceEventsSetup(t.Context(), "src", "cli", "")
	if err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Env = l.aws.Env(l.aws.Customer.Keys)
	shell.Stdin = strings.NewReader(`aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }` + "\n" + commands)
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, commands)
	}
}

// breakQueue breaks the queue in several ways, and checks the reported causes.
func (l *listening) breakQueue(t *testing.T) {
	t.Helper()
	api := l.aws.SQS(l.aws.Customer.Keys)
	found, err := api.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("acme-windlass")})
	if err != nil {
		t.Fatal(err)
	}
	set := func(attributes map[string]string) {
		t.Helper()
		_, err := api.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: found.QueueUrl, Attributes: attributes,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sound, err := api.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: found.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"Policy", "RedrivePolicy"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		attributes map[string]string
		code       string
		status     string
		cause      string
	}{
		{map[string]string{"Policy": ""}, "queue-sender", "fail", "queue-sender"},
		{
			map[string]string{"Policy": strings.ReplaceAll(sandboxtest.EventsPolicy(l.aws.Customer, "other-data"), "QUEUE",
				"arn:aws:sqs:"+l.aws.Region+":"+l.aws.Customer.ID+":acme-windlass")},
			"queue-sender", "fail",
			"queue-sender",
		},
		{map[string]string{"RedrivePolicy": ""}, "queue-redrive", "warn", ""},
		{map[string]string{"KmsMasterKeyId": "alias/aws/sqs"}, "queue-key", "fail", "queue-kms-default"},
	} {
		set(tt.attributes)
		checks, _ := l.verifyEvents(t)
		if got := checks[tt.code]; got.Status != tt.status || got.CauseCode != tt.cause ||
			tt.status != "pass" && got.Fix == nil {
			t.Errorf("%v: %+v", tt.attributes, got)
		}
		set(sound.Attributes)
	}
	_, err = l.aws.IAM(l.aws.Customer.Keys).DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{
		RoleName: aws.String("windlass-acme"), PolicyName: aws.String("windlass-access"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if checks, _ := l.verifyEvents(t); checks["queue"].CauseCode != "queue-permission" {
		t.Errorf("without a permission: %+v", checks)
	}
}
