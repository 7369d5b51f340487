package load

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// target has what a load reads from. It doesn't change while the load runs.
type target struct {
	config  *LoaderConfig
	actor   access.Actor
	order   Load // the load as claimed
	feed    feed.Settings
	source  source.Source
	pattern source.Pattern
	bucket  object.Bucket
	mapping *shape.Mapping // of the feed's columns
	// partitioned is which partitions become columns; nil: it is not decided
	partitioned *shape.Decision
}

// open finds the source of a load and opens its bucket.
func (r *Loader) open(ctx context.Context, order Load) (*target, error) {
	t := &target{config: &r.config, actor: actorOf(&order), order: order}
	resource := access.Resource{Workspace: order.Workspace, Kind: "load", ID: order.ID}
	err := r.config.Checker.Check(ctx, t.actor, access.LoadRun, resource)
	if err != nil {
		return nil, err
	}
	if order.SourceID == UploadSource {
		return nil, errInterrupted()
	}
	if t.source, err = r.config.Sources.Get(ctx, t.actor, order.Workspace, order.SourceID); err != nil {
		return nil, err
	}
	t.feed = feed.Defaults()
	if order.FeedID != "" {
		found, err := r.config.Feeds.Feed(ctx, order.Workspace, order.FeedID)
		if err != nil {
			return nil, err
		}
		t.feed = found.Settings
		if d := found.Partitioned; d != nil && d.Pattern == t.source.Pattern {
			t.partitioned = d
		}
	}
	t.mapping = t.feed.Mapping()
	if t.pattern, err = t.source.ParsePattern(); err != nil {
		return nil, err
	}
	t.bucket, err = r.config.Sources.Bucket(ctx, t.actor, t.source)
	return t, bucketRefusal(err)
}

// actorOf returns the actor that a load runs as.
func actorOf(l *Load) access.Actor {
	return access.Actor{Kind: access.System, ID: access.Loader, Name: l.ID, Workspace: l.Workspace}
}

func (t *target) address() string { return "s3://" + t.source.Bucket + "/" + t.source.Pattern }

// input returns an object as input for the readers of formats. progress counts
// its bytes; nil doesn't count them.
func (t *target) input(info object.Info, progress func(int)) tabular.Input {
	config := t.config.Fetch
	config.Progress = progress
	return source.Input(t.bucket, info, config)
}

// options returns the format settings of the source.
func (t *target) options() tabular.Options {
	o := t.source.Format.Options()
	o.Workers = t.config.Workers
	o.UnpackedBytes, o.DocumentBytes = t.config.UnpackedBytes, t.config.DocumentBytes
	o.Widen = true
	o.Mapping = t.mapping
	return o
}
