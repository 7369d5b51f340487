package arrival

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// Draft describes a setting. Empty fields have their defaults.
type Draft struct {
	Queue      string // ARN or URL
	Route      Route
	KMSKeyARN  string
	SenderARN  string
	Window     *time.Duration
	MaxObjects int
	ListEvery  time.Duration
}

// Shown is a setting with its state.
type Shown struct {
	Setting
	Source  source.Source
	State   State
	Reason  string
	Waiting int
	Oldest  time.Time // when the oldest waiting object was first seen
	Last    *List     // the last list, nil before the first
	Feeds   int       // schedules that listen to events
}

var (
	queueARN  = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):sqs:([a-z0-9-]{1,32}):([0-9]{12}):([A-Za-z0-9_-]{1,80}(\.fifo)?)$`)
	queueHost = regexp.MustCompile(`^sqs\.([a-z0-9-]{1,32})\.amazonaws\.com(\.cn)?$`)
	topicARN  = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):(sns|events):[a-z0-9-]{1,32}:[0-9]{12}:[A-Za-z0-9_./-]{1,256}$`)
	keyARN    = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):kms:[a-z0-9-]{1,32}:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$`)
)

// ParseQueue returns the ARN of a queue from its ARN or its URL at AWS.
func ParseQueue(text string) (arn string, ok bool) {
	if queueARN.MatchString(text) {
		return text, true
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.RawQuery != "" {
		return "", false
	}
	host := queueHost.FindStringSubmatch(u.Host)
	account, name, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if host == nil {
		return "", false
	}
	partition := "aws"
	switch {
	case host[2] != "":
		partition = "aws-cn"
	case strings.HasPrefix(host[1], "us-gov-"):
		partition = "aws-us-gov"
	}
	arn = "arn:" + partition + ":sqs:" + host[1] + ":" + account + ":" + name
	return arn, queueARN.MatchString(arn)
}

// Set sets the queue of a source, or changes it.
func (s *Service) Set(ctx context.Context, actor access.Actor, workspace, idOrName string, draft Draft) (Shown, error) {
	src, err := s.find(ctx, actor, access.SourceUpdate, workspace, idOrName)
	if err != nil {
		return Shown{}, err
	}
	now := s.config.Now()
	made := Setting{
		Workspace: workspace, SourceID: src.ID, IntegrationID: src.IntegrationID, Route: cmp.Or(draft.Route, Direct),
		KMSKeyARN: draft.KMSKeyARN, SenderARN: draft.SenderARN, Window: DefaultWindow,
		MaxObjects: cmp.Or(draft.MaxObjects, DefaultMaxObjects), ListEvery: cmp.Or(draft.ListEvery, DefaultListEvery),
		Version: 1, SetAt: now, MadeBy: actor.ID, UpdatedAt: now, NextListAt: now,
	}
	if draft.Window != nil {
		made.Window = *draft.Window
	}
	if made.Queue, err = made.check(&src, draft.Queue); err != nil {
		return Shown{}, err
	}
	err = s.config.Integrations.CheckQueue(ctx, actor, workspace, src.IntegrationID, made.Queue, made.KMSKeyARN)
	if err != nil {
		return Shown{}, err
	}
	if err := s.checkShared(ctx, &made); err != nil {
		return Shown{}, err
	}
	before, err := s.config.Store.Events(ctx, workspace, src.ID)
	switch {
	case problem.Is(err, problem.NotFound):
	case err != nil:
		return Shown{}, err
	default:
		made.Version, made.Paused = before.Version+1, before.Paused
		if before.Queue == made.Queue {
			made.SetAt, made.Seen = before.SetAt, before.Seen
		}
	}
	if err := s.config.Store.SaveEvents(ctx, made); err != nil {
		return Shown{}, err
	}
	return s.show(ctx, &made, &src)
}

// check validates a setting and returns the queue's ARN.
func (m *Setting) check(src *source.Source, queue string) (arn string, _ error) {
	var found []problem.Finding
	add := func(bad bool, path, message string) {
		if bad {
			found = append(found, problem.Finding{Path: path, Message: message})
		}
	}
	arn, ok := ParseQueue(queue)
	add(!ok, "queue", "isn't the ARN or the URL of a queue: use arn:aws:sqs:REGION:ACCOUNT:NAME")
	add(strings.HasSuffix(arn, ".fifo"), "queue", "is a FIFO queue, to which S3 can't send events: use a standard queue")
	add(src.IntegrationID == "", "queue", "needs a source with an integration: an access key can't read a queue")
	add(m.Route != Direct && m.Route != Topic && m.Route != EventBridge, "route", "isn't direct, sns or eventbridge")
	add(m.KMSKeyARN != "" && !keyARN.MatchString(m.KMSKeyARN), "kms_key_arn",
		"isn't the ARN of a key: use arn:aws:kms:REGION:ACCOUNT:key/ID")
	add(m.SenderARN != "" && !topicARN.MatchString(m.SenderARN), "sender_arn", "isn't the ARN of a topic or a rule")
	add(m.Window < 0 || m.Window > MaxWindow || m.Window%time.Second != 0, "window_seconds", "isn't from 0 to 900")
	add(m.MaxObjects < 1 || m.MaxObjects > MostObjects, "max_objects", "isn't from 1 to 100,000")
	add(m.ListEvery < MinListEvery || m.ListEvery > MaxListEvery, "list_every_seconds",
		"isn't from 300 (5 minutes) to 604,800 (7 days)")
	if len(found) == 0 {
		return arn, nil
	}
	return "", problem.New(problem.Invalid, "The bucket events are invalid: %s %s.", found[0].Path, found[0].Message).
		WithFindings(found...)
}

// checkShared rejects a queue that a source of another integration uses,
// because each would get only some of the messages.
func (s *Service) checkShared(ctx context.Context, made *Setting) error {
	all, err := s.config.Store.AllEvents(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Queue == made.Queue && other.Workspace == made.Workspace && other.IntegrationID != made.IntegrationID {
			return problem.New(problem.Conflict, "The queue %s is set on the source %s of another integration.",
				made.Queue, other.SourceID).WithHint("Use a queue for each integration.")
		}
	}
	return nil
}

// find returns a source if the actor may do an action to it.
func (s *Service) find(
	ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string,
) (source.Source, error) {
	if err := s.check(ctx, actor, action, workspace, idOrName); err != nil {
		return source.Source{}, err
	}
	return s.config.Sources.Get(ctx, actor, workspace, idOrName)
}

// setting returns a source with its setting.
func (s *Service) setting(
	ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string,
) (source.Source, Setting, error) {
	src, err := s.find(ctx, actor, action, workspace, idOrName)
	if err != nil {
		return source.Source{}, Setting{}, err
	}
	found, err := s.config.Store.Events(ctx, workspace, src.ID)
	if problem.Is(err, problem.NotFound) {
		err = problem.New(problem.NotFound, "The source %q has no bucket events.", src.Name).
			WithHint("Set a queue: windlass source events set %s --queue ARN.", src.ID)
	}
	return src, found, err
}

// Get returns the setting of a source.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	src, found, err := s.setting(ctx, actor, access.SourceRead, workspace, idOrName)
	if err != nil {
		return Shown{}, err
	}
	return s.show(ctx, &found, &src)
}

// recentLists is the number of lists among which the last complete one is found.
const recentLists = 20

func (s *Service) show(ctx context.Context, found *Setting, src *source.Source) (Shown, error) {
	now := s.config.Now()
	shown := Shown{Setting: *found, Source: *src}
	lists, err := s.config.Store.EventLists(ctx, src.ID, paging.Request{Limit: recentLists})
	if err != nil {
		return Shown{}, err
	}
	var complete *List
	for i := range lists.Items {
		if lists.Items[i].Complete {
			complete = &lists.Items[i]
			break
		}
	}
	if len(lists.Items) > 0 {
		shown.Last = &lists.Items[0]
	}
	feeds, err := s.config.Store.EventFeeds(ctx, found.Workspace, src.ID)
	if err != nil {
		return Shown{}, err
	}
	shown.Feeds = len(feeds)
	kept, err := s.config.Store.CountKept(ctx, src.ID)
	if err != nil {
		return Shown{}, err
	}
	if complete != nil && complete.Held > 0 {
		held, err := s.countHeld(ctx, src.ID, feeds)
		if err != nil {
			return Shown{}, err
		}
		kept = max(kept, held)
	}
	shown.State, shown.Reason = found.Judge(complete, kept, now)
	shown.Waiting, shown.Oldest, err = s.config.Store.CountWaiting(ctx, src.ID, now, false)
	return shown, err
}

// countHeld counts the deleted objects of feeds that remove rows, and whose rows stay.
func (s *Service) countHeld(ctx context.Context, sourceID string, feeds []Feed) (held int, err error) {
	for _, feed := range feeds {
		if !feed.Removes || feed.DatasetID == "" {
			continue
		}
		n, err := s.config.Store.CountGone(ctx, sourceID, feed.DatasetID)
		if err != nil {
			return 0, err
		}
		held += n
	}
	return held, nil
}

// Remove removes the setting of a source and its waiting objects. Messages
// stay in the queue.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string) error {
	_, found, err := s.setting(ctx, actor, access.SourceUpdate, workspace, idOrName)
	if err != nil {
		return err
	}
	return s.config.Store.DeleteEvents(ctx, workspace, found.SourceID)
}

// Pause stops receiving events and starting loads. Events stay in the queue.
func (s *Service) Pause(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	return s.edit(ctx, actor, workspace, idOrName, func(changed *Setting) { changed.Paused = true })
}

// Resume receives events again, and lists the bucket.
func (s *Service) Resume(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	return s.edit(ctx, actor, workspace, idOrName, func(changed *Setting) {
		changed.Paused, changed.NextListAt = false, s.config.Now()
	})
}

// ListNow lists the bucket as soon as a node is free.
func (s *Service) ListNow(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	return s.edit(ctx, actor, workspace, idOrName, func(changed *Setting) { changed.NextListAt = s.config.Now() })
}

// ApplyDeletes lists the bucket as soon as a node is free, and removes the rows of all
// deleted objects of feeds that remove them, however many they are. The actor must be
// allowed to delete the data of their datasets. The approval is for one list: if it
// breaks off, nothing is removed.
func (s *Service) ApplyDeletes(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	src, _, err := s.setting(ctx, actor, access.SourceUpdate, workspace, idOrName)
	if err != nil {
		return Shown{}, err
	}
	feeds, err := s.config.Store.EventFeeds(ctx, workspace, src.ID)
	if err != nil {
		return Shown{}, err
	}
	for _, feed := range feeds {
		if !feed.Removes || feed.DatasetID == "" {
			continue
		}
		err := s.config.Checker.Check(ctx, actor, access.DataDelete,
			access.Resource{Workspace: workspace, Kind: "dataset", ID: feed.DatasetID})
		if err != nil {
			return Shown{}, err
		}
	}
	return s.edit(ctx, actor, workspace, idOrName, func(changed *Setting) {
		changed.NextListAt = s.config.Now()
		changed.Approval = actor.ID + " " + changed.NextListAt.UTC().Format(time.RFC3339Nano)
	})
}

func (s *Service) edit(
	ctx context.Context, actor access.Actor, workspace, idOrName string, change func(*Setting),
) (Shown, error) {
	src, found, err := s.setting(ctx, actor, access.SourceUpdate, workspace, idOrName)
	if err != nil {
		return Shown{}, err
	}
	change(&found)
	found.Version, found.UpdatedAt = found.Version+1, s.config.Now()
	if err := s.config.Store.SaveEvents(ctx, found); err != nil {
		return Shown{}, err
	}
	return s.show(ctx, &found, &src)
}

// Waiting returns a page of the waiting objects, by key. failed selects those
// whose last attempt failed.
func (s *Service) Waiting(
	ctx context.Context, actor access.Actor, workspace, idOrName string, failed bool, request paging.Request,
) (paging.List[Object], error) {
	src, _, err := s.setting(ctx, actor, access.SourceRead, workspace, idOrName)
	if err != nil {
		return paging.List[Object]{}, err
	}
	return s.config.Store.ListWaiting(ctx, src.ID, failed, request)
}

// Lists returns a page of the reports of lists, newest first.
func (s *Service) Lists(
	ctx context.Context, actor access.Actor, workspace, idOrName string, request paging.Request,
) (paging.List[List], error) {
	src, _, err := s.setting(ctx, actor, access.SourceRead, workspace, idOrName)
	if err != nil {
		return paging.List[List]{}, err
	}
	return s.config.Store.EventLists(ctx, src.ID, request)
}
