package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/windlass-io/windlass/client"
)

// notify replaces the bucket's notification by a rule with a filter, or removes it if
// there is none.
func (l *listening) notify(t *testing.T, filter ...s3types.FilterRule) {
	t.Helper()
	all := &s3types.NotificationConfiguration{}
	if len(filter) > 0 {
		queue := "arn:aws:sqs:" + l.aws.Region + ":" + l.aws.Customer.ID + ":acme-windlass"
		all.QueueConfigurations = []s3types.QueueConfiguration{{
			QueueArn: &queue, Events: []s3types.Event{"s3:ObjectCreated:*"},
			Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{FilterRules: filter}},
		}}
	}
	if _, err := l.aws.S3(l.aws.Customer.Keys).PutBucketNotificationConfiguration(t.Context(),
		&s3.PutBucketNotificationConfigurationInput{
			Bucket: aws.String("acme-data"), NotificationConfiguration: all,
		}); err != nil {
		t.Fatal(err)
	}
}

// write writes objects.
func (l *listening) write(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		l.aws.MustPut(t, l.aws.Customer.Keys, "acme-data", key, "id,n\n1,1\n")
	}
}

// arrived waits for the events of objects.
func (l *listening) arrived(t *testing.T, n int64) {
	t.Helper()
	l.until(t, "the events", func(e client.SourceEvents) bool { return e.Counts.Records["load"] >= n })
}

// listLate lists the bucket when no event can arrive any more.
func (l *listening) listLate(t *testing.T) {
	t.Helper()
	l.clock.advance(20 * time.Minute)
	l.list(t)
}

// queueURL returns the address of the queue.
func (l *listening) queueURL(t *testing.T) *string {
	t.Helper()
	found, err := l.aws.SQS(l.aws.Customer.Keys).GetQueueUrl(t.Context(),
		&sqs.GetQueueUrlInput{QueueName: aws.String("acme-windlass")})
	if err != nil {
		t.Fatal(err)
	}
	return found.QueueUrl
}

// TestCausesOfMissedEvents breaks the way of the events after the queue was set, and
// checks the reported causes and their fixes.
func TestCausesOfMissedEvents(t *testing.T) {
	t.Parallel()
	for cause, tt := range map[string]struct {
		check  string
		breaks func(t *testing.T, l *listening)
		fix    string
	}{
		"notification-overwritten": {"notification-filter", func(t *testing.T, l *listening) {
			t.Helper()
			l.write(t, "in/1.csv", "in/2.csv")
			l.arrived(t, 2)
			l.notify(t)
			time.Sleep(1100 * time.Millisecond) // S3's times are whole seconds
			l.write(t, "in/3.csv")
			l.listLate(t)
		}, "aws_s3_bucket_notification"},
		"notification-prefix": {"notification-filter", func(t *testing.T, l *listening) {
			t.Helper()
			l.notify(t, s3types.FilterRule{Name: "prefix", Value: aws.String("in/a/")})
			l.write(t, "in/b/1.csv", "in/a/1.csv", "in/a/2.csv")
			l.arrived(t, 2)
			l.listLate(t)
		}, `{"Key":{"FilterRules":[{"Name":"prefix","Value":"in/"},{"Name":"suffix","Value":"csv"}]}}`},
		"notification-suffix": {"notification-filter", func(t *testing.T, l *listening) {
			t.Helper()
			l.notify(t, s3types.FilterRule{Name: "suffix", Value: aws.String(".csv")})
			l.write(t, "in/a-csv", "in/1.csv", "in/2.csv")
			l.arrived(t, 2)
			l.listLate(t)
		}, `{"Name":"suffix","Value":"csv"}`},
		"queue-shared": {"notification-filter", func(t *testing.T, l *listening) {
			t.Helper()
			for i, round := range []string{"1", "2"} {
				time.Sleep(1100 * time.Millisecond)  // S3's times are whole seconds
				l.aws.Break(t, "drop-event,count=2") // as another consumer that receives and deletes them
				l.write(t, "in/a"+round+".csv", "in/b"+round+".csv")
				l.write(t, "in/c"+round+".csv")
				l.arrived(t, int64(i+1))
				l.listLate(t)
			}
		}, "of its own"},
		"eventbridge-input": {"notification", func(t *testing.T, l *listening) {
			t.Helper()
			if _, err := l.aws.SQS(l.aws.Customer.Keys).SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl:    l.queueURL(t),
				MessageBody: aws.String(`{"version":"0","bucket":{"name":"acme-data"},"object":{"key":"in/1.csv"}}`),
			}); err != nil {
				t.Fatal(err)
			}
			l.until(t, "the message", func(e client.SourceEvents) bool { return e.Counts.Malformed > 0 })
		}, "unchanged"},
	} {
		t.Run(cause, func(t *testing.T) {
			t.Parallel()
			l := listenToKeys(t, "in/**/*csv")
			l.until(t, "the first list", func(e client.SourceEvents) bool { return e.LastList != nil })
			time.Sleep(1100 * time.Millisecond) // S3's times are whole seconds
			tt.breaks(t, l)
			checks, passed := l.verifyEvents(t)
			got := checks[tt.check]
			if passed || got.Status != "fail" || got.CauseCode != cause || got.Fix == nil ||
				!strings.Contains(got.Fix.Text, tt.fix) {
				t.Errorf("%+v, want the cause %s", checks, cause)
			}
		})
	}
}
