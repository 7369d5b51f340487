package sandbox_test

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// notify sets a bucket's only rule.
func notify(
	t *testing.T, box *sandboxtest.Server, bucket, queue string, change ...func(*s3types.QueueConfiguration),
) error {
	t.Helper()
	rule := s3types.QueueConfiguration{
		QueueArn: &queue,
		Events:   []s3types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:*"},
	}
	for _, fn := range change {
		fn(&rule)
	}
	_, err := box.S3(box.Customer.Keys).PutBucketNotificationConfiguration(t.Context(),
		&s3.PutBucketNotificationConfigurationInput{
			Bucket: &bucket, NotificationConfiguration: &s3types.NotificationConfiguration{
				QueueConfigurations: []s3types.QueueConfiguration{rule},
			},
		})
	return err
}

// notified creates the bucket acme-data and a queue that receives its events,
// without the test event.
func notified(t *testing.T, box *sandboxtest.Server) (queue string) {
	t.Helper()
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	queue, arn := box.MustQueue(t, box.Customer, "acme-data-events",
		sandboxtest.EventsPolicy(box.Customer, "acme-data"))
	if err := notify(t, box, "acme-data", arn); err != nil {
		t.Fatal(err)
	}
	test := receive(t, box.SQS(box.Customer.Keys), queue)
	if len(test) != 1 || event.Read([]byte(*test[0].Body)).Reason != event.ReasonTestEvent {
		t.Fatalf("the test event is %+v", test)
	}
	return queue
}

// events receives all records of a queue, as the reader of a source sees them.
func events(t *testing.T, box *sandboxtest.Server, queue string) []event.Record {
	t.Helper()
	all, err := source.ParsePattern("**", nil)
	if err != nil {
		t.Fatal(err)
	}
	var records []event.Record
	for {
		messages := receive(t, box.SQS(box.Customer.Keys), queue)
		if len(messages) == 0 {
			return records
		}
		for _, m := range messages {
			read := event.Read([]byte(*m.Body))
			records = append(records, read.Records(&event.Target{Bucket: "acme-data", Pattern: all})...)
		}
	}
}

func shown(records []event.Record) (list []string) {
	for _, r := range records {
		list = append(list, r.Name+string(r.Reason)+" "+r.Key)
	}
	return list
}

func TestEvents(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	queue := notified(t, box)
	client, ctx, bucket := box.S3(box.Customer.Keys), t.Context(), aws.String("acme-data")
	box.MustPut(t, box.Customer.Keys, "acme-data", "in/red flower+2 größe.csv", "abc")
	_, err := client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: bucket, Key: aws.String("copy"),
		CopySource: aws.String("acme-data/in/red%20flower%2B2%20gr%C3%B6%C3%9Fe.csv"),
	})
	created, err2 := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: aws.String("parts"),
	})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	part, err := client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: bucket, Key: aws.String("parts"), UploadId: created.UploadId, PartNumber: aws.Int32(1),
		Body: bytes.NewReader([]byte("part")),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: aws.String("parts"), UploadId: created.UploadId,
		MultipartUpload: &s3types.CompletedMultipartUpload{
			Parts: []s3types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}},
		},
	})
	_, err2 = client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &s3types.Delete{
		Objects: []s3types.ObjectIdentifier{{Key: aws.String("copy")}, {Key: aws.String("never was")}},
	}})
	_, err3 := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"},
	})
	_, err4 := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("parts")})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	records := events(t, box, queue)
	want := []string{
		"ObjectCreated:Put in/red flower+2 größe.csv", "ObjectCreated:Copy copy",
		"ObjectCreated:CompleteMultipartUpload parts", "ObjectRemoved:Delete copy",
		"ObjectRemoved:DeleteMarkerCreated parts",
	}
	if got := shown(records); !slices.Equal(got, want) {
		t.Fatalf("got %q\nwant %q", got, want)
	}
	if put := records[0]; *put.Size != 3 || put.ETag != "900150983cd24fb0d6963f7d28e17f72" || len(put.Sequencer) != 18 {
		t.Errorf("the record is %+v", put)
	}
	if records[4].Version == "" {
		t.Error("a delete marker has no version")
	}
	if event.Compare(event.Mark{Form: event.S3, Sequencer: records[2].Sequencer},
		event.Mark{Form: event.S3, Sequencer: records[4].Sequencer}) != event.Newer {
		t.Error("sequencers don't grow")
	}
}

func TestNotificationDestinations(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	_, closed := box.MustQueue(t, box.Customer, "closed", "")
	_, other := box.MustQueue(t, box.Customer, "other", sandboxtest.EventsPolicy(box.Customer, "other-bucket"))
	for _, arn := range []string{closed, other, closed + "-none", "arn:aws:sqs:eu-west-1:222222222222:far", "queue"} {
		if got := awstest.Code(notify(t, box, "acme-data", arn)); got != "InvalidArgument" {
			t.Errorf("%s: %s", arn, got)
		}
	}
	out, err := box.S3(box.Customer.Keys).GetBucketNotificationConfiguration(t.Context(),
		&s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("acme-data")})
	if err != nil || len(out.QueueConfigurations) > 0 {
		t.Errorf("a refused configuration is kept: %+v, %v", out, err)
	}
	_, arn := box.MustQueue(t, box.Customer, "open", sandboxtest.EventsPolicy(box.Customer, "acme-data"))
	err = notify(t, box, "acme-data", arn, func(rule *s3types.QueueConfiguration) {
		rule.Filter = &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{
			FilterRules: []s3types.FilterRule{{Name: "prefix", Value: aws.String("in/")}},
		}}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err = box.S3(box.Customer.Keys).GetBucketNotificationConfiguration(t.Context(),
		&s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("acme-data")})
	if err != nil || len(out.QueueConfigurations) != 1 || *out.QueueConfigurations[0].QueueArn != arn ||
		*out.QueueConfigurations[0].Filter.Key.FilterRules[0].Value != "in/" || *out.QueueConfigurations[0].Id == "" {
		t.Errorf("the configuration is %+v, %v", out, err)
	}
}

// An event that the queue's policy denies later is dropped, and the denial
// shown.
func TestDeniedDelivery(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	queue := notified(t, box)
	_, err := box.SQS(box.Customer.Keys).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &queue, Attributes: map[string]string{"Policy": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	box.MustPut(t, box.Customer.Keys, "acme-data", "a.csv", "x")
	if records := events(t, box, queue); len(records) > 0 {
		t.Errorf("delivered %+v", records)
	}
	denials := box.Sandbox.Find(authz.Filter{Principal: "s3.amazonaws.com"})
	if len(denials) == 0 || denials[0].Action != "sqs:SendMessage" || denials[0].Effect == "allow" {
		t.Errorf("decisions %+v", denials)
	}
}

func TestEventFaults(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	queue := notified(t, box)
	put := func(keys ...string) {
		for _, key := range keys {
			box.MustPut(t, box.Customer.Keys, "acme-data", key, "x")
		}
	}
	for _, c := range []struct {
		fault string
		want  []string
	}{
		{"drop-event,service=s3,bucket=acme-data,key=b", []string{"a", "c", "d"}},
		{"drop-event,action=ObjectCreated:*,count=2", []string{"c", "d"}},
		{"duplicate-event,key=a", []string{"a", "a", "b", "c", "d"}},
		{"reorder-events", []string{"b", "a", "d", "c"}},
		{"reorder-events,count=4", []string{"d", "c", "b", "a"}},
		{"reorder-events,count=3", []string{"c", "b", "a"}},
	} {
		repair := box.Break(t, c.fault)
		put("a", "b", "c", "d")
		repair()
		var got []string
		for _, r := range events(t, box, queue) {
			got = append(got, r.Key)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.fault, got, c.want)
		}
	}
}

func TestDelayedEvents(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	box := sandboxtest.Start(t, sandboxtest.WithClock(clock.now))
	queue := notified(t, box)
	box.Break(t, "delay-event,key=late,delay=20s")
	box.Break(t, "reorder-events,key=held-*,count=9,delay=20s")
	for _, key := range []string{"late", "now", "held-1", "held-2"} {
		box.MustPut(t, box.Customer.Keys, "acme-data", key, "x")
	}
	if got := shown(events(t, box, queue)); !slices.Equal(got, []string{"ObjectCreated:Put now"}) {
		t.Errorf("at once: %q", got)
	}
	clock.ahead = 21 * time.Second
	var late []string
	for _, r := range events(t, box, queue) {
		late = append(late, r.Key)
	}
	if !slices.Equal(late, []string{"late", "held-2", "held-1"}) {
		t.Errorf("later: %q", late)
	}
}

// Each acknowledged write has its event, also after a crash.
func TestEventsSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	queue := notified(t, box)
	for i := range 20 {
		box.MustPut(t, box.Customer.Keys, "acme-data", "k"+strconv.Itoa(i%5), "x")
	}
	box.Stop(t)
	box = sandboxtest.Start(t, sandboxtest.WithDir(dir))
	at := strings.LastIndex(queue, "/"+box.Customer.ID)
	queue = box.URL + queue[at:]
	box.MustPut(t, box.Customer.Keys, "acme-data", "k0", "x")
	records := events(t, box, queue)
	if len(records) != 21 {
		t.Fatalf("%d events, want 21", len(records))
	}
	last := map[string]event.Mark{}
	for _, r := range records {
		mark := event.Mark{Form: r.Form, Sequencer: r.Sequencer}
		if before, ok := last[r.Key]; ok && event.Compare(before, mark) != event.Newer {
			t.Errorf("%s: sequencer %s after %s", r.Key, r.Sequencer, before.Sequencer)
		}
		last[r.Key] = mark
	}
}
