package server_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/sandboxtest"
)

// aheadClock is the system's clock plus an offset that a test sets.
type aheadClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *aheadClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *aheadClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// listening is a service with a source whose bucket's events go to a queue.
type listening struct {
	*terminal
	aws   *sandboxtest.Server
	clock *aheadClock
	api   *client.Client
}

// startListening starts a service with a bucket, without a queue.
func startListening(t *testing.T) *listening {
	t.Helper()
	return startListeningWith(t, map[string]string{})
}

func startListeningWith(t *testing.T, flags map[string]string) *listening {
	t.Helper()
	box, clock := sandboxtest.Start(t), &aheadClock{}
	keys, _ := box.MustUser(t, box.Service, "windlass",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`)
	flags["aws_endpoint"] = box.URL
	o := listenWith(t, flags, server.Config{
		AWS: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, ""), Now: clock.now,
	})
	api, err := client.New(client.Config{URL: o.url, Token: o.token, Workspace: "main"})
	if err != nil {
		t.Fatal(err)
	}
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	return &listening{&terminal{o, t.TempDir()}, box, clock, api}
}

func listenToEvents(t *testing.T) *listening {
	t.Helper()
	return listenToKeys(t, "in/*.csv")
}

// listenToKeys listens to the events of objects whose keys match a pattern.
func listenToKeys(t *testing.T, pattern string) *listening {
	t.Helper()
	l := startListening(t)
	box := l.aws
	_, queue := box.MustQueue(t, box.Customer, "acme-windlass", sandboxtest.EventsPolicy(box.Customer, "acme-data"))
	_, err := box.S3(box.Customer.Keys).PutBucketNotificationConfiguration(t.Context(),
		&s3.PutBucketNotificationConfigurationInput{
			Bucket: aws.String("acme-data"), NotificationConfiguration: &s3types.NotificationConfiguration{
				QueueConfigurations: []s3types.QueueConfiguration{{
					QueueArn: &queue, Events: []s3types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"},
				}},
			},
		})
	if err != nil {
		t.Fatal(err)
	}
	l.connect(t, queue)
	l.expect(t, 0, nil, "source", "create", "--name", "src", "--integration", "acme", "--bucket", "acme-data",
		"--pattern", pattern)
	l.expect(t, 0, []string{queue}, "source", "events", "set", "src", "--queue", queue, "--window", "1s")
	l.expect(t, 0, []string{"events"}, "schedule", "create", "--on", "events", "--source", "src", "--dataset", "d")
	return l
}

// connect creates the integration acme with a role that may read the bucket and the
// queue, if there is one.
func (l *listening) connect(t *testing.T, queue string) {
	t.Helper()
	made, err := l.api.CreateIntegration(t.Context(), client.IntegrationSpec{
		Name: "acme", Locations: []client.Location{{Bucket: "acme-data", Prefix: "in/"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	need := generate.Need{
		Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "in/"}},
	}
	if queue != "" {
		need.Queues = []generate.Queue{{ARN: queue}}
	}
	permission, err := generate.PermissionPolicy(need)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := generate.TrustPolicy(generate.Trust{
		PrincipalARN: made.PrincipalARN, ExternalIDs: []string{made.ExternalID},
	})
	if err != nil {
		t.Fatal(err)
	}
	role := l.aws.MustRole(t, l.aws.Customer, "windlass-acme", string(trust), string(permission))
	if _, err := l.api.UpdateIntegration(t.Context(), made.ID, client.IntegrationChange{RoleARN: &role}); err != nil {
		t.Fatal(err)
	}
	l.clock.advance(10 * time.Minute) // changes of IAM take time
	if v, err := l.api.Verify(t.Context(), made.ID, true); err != nil || v.State != "verified" {
		t.Fatalf("verification %+v, %v", v, err)
	}
	l.clock.advance(-10 * time.Minute) // objects have the time of the sandbox
}

func (l *listening) put(t *testing.T, n int) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(8)
	for i := range n {
		group.Go(func() error {
			l.aws.MustPut(t, l.aws.Customer.Keys, "acme-data", fmt.Sprintf("in/%04d.csv", i),
				fmt.Sprintf("id,n\n%d,1\n", i))
			return nil
		})
	}
	_ = group.Wait()
}

// until waits until the events of the source are as wanted.
func (l *listening) until(t *testing.T, what string, wanted func(client.SourceEvents) bool) client.SourceEvents {
	t.Helper()
	var found client.SourceEvents
	for range 1200 {
		var err error
		if found, err = l.api.SourceEvents(t.Context(), "src"); err != nil {
			t.Fatal(err)
		}
		if wanted(found) {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s: not after two minutes: %+v", what, found)
	return found
}

// manyObjects returns how many objects a test writes: WINDLASS_TEST_OBJECTS, or 60.
func manyObjects(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("WINDLASS_TEST_OBJECTS"), "60"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Each object is loaded once, although SQS throttles, and events arrive twice, in
// another order, or not at all.
func TestBucketEvents(t *testing.T) {
	t.Parallel()
	n := manyObjects(t)
	l := listenToEvents(t)
	l.until(t, "the first list", func(e client.SourceEvents) bool { return e.LastList != nil })
	time.Sleep(1100 * time.Millisecond) // S3's times are whole seconds; this makes the objects newer than the setting
	l.aws.Break(t, "throttle,service=sqs,probability=0.3")
	l.aws.Break(t, "drop-event,probability=0.05")
	l.aws.Break(t, "duplicate-event")
	l.aws.Break(t, "reorder-events,count=5,delay=1s")
	l.put(t, n)
	seen := l.until(t, "events", func(e client.SourceEvents) bool {
		return e.Waiting == 0 && e.Counts.Duplicates > 0 && e.Counts.Loaded > int64(n*8/10)
	})
	if seen.State != "listening" || seen.Counts.Loaded >= int64(n) && n >= 1000 {
		t.Errorf("after the events: %+v", seen)
	}
	for _, want := range []string{
		`windlass_event_messages_total\{result="loaded"\} [1-9]`, `windlass_event_messages_total\{result="known"\} [1-9]`,
		`windlass_aws_calls_total\{code="ok",operation="ReceiveMessage",service="SQS"\} [1-9]`,
		`windlass_aws_retries_total\{service="SQS"\} [1-9]`,
	} {
		if got := l.metrics(t); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s isn't in %s", want, got)
		}
	}
	l.clock.advance(20 * time.Minute) // their events won't arrive any more
	l.expect(t, 0, nil, "source", "events", "list", "src")
	seen = l.until(t, "the list", func(e client.SourceEvents) bool {
		return e.Counts.Loaded+e.Counts.Duplicates >= int64(n) && e.Waiting == 0 && e.LastList.Complete &&
			e.LastList.StartedAt.After(seen.LastReceive)
	})
	if n >= 1000 && (seen.Counts.Missed == 0 || seen.State != "partial") {
		t.Errorf("after the list: %+v", seen)
	}
	var rows struct {
		Rows int64 `json:"rows"`
	}
	l.must(t, &rows, "GET", "/v1/workspaces/main/datasets/d", l.token, "")
	if rows.Rows != int64(n) {
		t.Errorf("%d rows, want %d", rows.Rows, n)
	}
}

// metrics returns the metrics of the service.
func (l *listening) metrics(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	l.server.AdminHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// rows counts the rows of the dataset d.
func (l *listening) rows(t *testing.T) int64 {
	t.Helper()
	var found struct {
		Rows int64 `json:"rows"`
	}
	l.must(t, &found, "GET", "/v1/workspaces/main/datasets/d", l.token, "")
	return found.Rows
}

func (l *listening) remove(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		_, err := l.aws.S3(l.aws.Customer.Keys).DeleteObject(t.Context(), &s3.DeleteObjectInput{
			Bucket: aws.String("acme-data"), Key: aws.String(fmt.Sprintf("in/%04d.csv", i)),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The rows of deleted objects are removed if the feed says so. Too many at once stay
// until a person confirms it.
func TestBucketEventsOfDeletedObjects(t *testing.T) {
	t.Parallel()
	l := listenToEvents(t)
	feeds, err := l.api.Feeds(t.Context(), client.FeedFilter{}, client.PageOptions{})
	if err != nil || len(feeds.Items) != 1 {
		t.Fatalf("feeds %+v, %v", feeds, err)
	}
	feedID := feeds.Items[0].ID
	l.until(t, "the first list", func(e client.SourceEvents) bool { return e.LastList != nil })
	l.put(t, 16)
	l.until(t, "objects", func(e client.SourceEvents) bool { return e.Counts.Loaded == 16 && e.Waiting == 0 })

	l.remove(t, 0, 1) // by default, a feed keeps the rows
	l.until(t, "a delete", func(e client.SourceEvents) bool { return e.Counts.Removed == 1 && e.Waiting == 0 })
	if got := l.rows(t); got != 16 {
		t.Errorf("a feed that keeps rows has %d, want 16", got)
	}
	l.expect(t, 0, []string{"remove"}, "feed", "update", feedID, "--deleted", "remove")
	l.remove(t, 1, 4)
	seen := l.until(t, "three deletes", func(e client.SourceEvents) bool {
		return e.Counts.Removed == 4 && e.Waiting == 0
	})
	if got := l.rows(t); got != 13 {
		t.Errorf("after three deletes there are %d rows, want 13 (%+v)", got, seen)
	}

	// Whether an object exists counts, not its event: the rows of 0 and 4 exist
	// already, and 1 to 3 are loaded again.
	l.expect(t, 0, nil, "source", "events", "pause", "src")
	l.remove(t, 4, 15)
	l.put(t, 5) // 0 to 4
	l.expect(t, 0, nil, "source", "events", "resume", "src")
	seen = l.until(t, "too many deletes", func(e client.SourceEvents) bool {
		return e.State == "attention" && e.Counts.Loaded >= 19
	})
	if got := l.rows(t); got != 16 || seen.Reason == "" {
		t.Errorf("with too many deletes there are %d rows, want 16: %+v", got, seen)
	}
	l.expect(t, 0, nil, "feed", "update", feedID, "--max-deleted-percent", "100")
	l.clock.advance(2 * time.Minute)
	seen = l.until(t, "the deletes that were allowed", func(e client.SourceEvents) bool { return e.Waiting == 0 })
	if got := l.rows(t); got != 6 || seen.State == "attention" {
		t.Errorf("after all deletes there are %d rows, want 6: %+v", got, seen)
	}
}
