package demo

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/windlass-io/windlass/client"
)

// load creates a source and a dataset for each object under the shared prefix,
// and waits for the loads. Objects that an earlier run loaded are in the
// ledger and aren't loaded again.
func (d *demo) load(ctx context.Context, _ []client.Integration) error {
	d.story.head("Load: one dataset for each file")
	keys, err := d.keys(ctx)
	if err != nil {
		return err
	}
	names := datasetNames(keys)
	loads := make([]client.Load, len(keys))
	for i, key := range keys {
		if loads[i], err = d.startLoad(ctx, key, names[i]); err != nil {
			return err
		}
	}
	for i, key := range keys {
		ended, err := d.api.WaitLoad(ctx, loads[i].ID, nil)
		if err != nil {
			return err
		}
		if err := d.record(ctx, path.Base(key), ended); err != nil {
			return err
		}
	}
	return nil
}

// keys lists the shared keys through a source, as the integration sees them.
func (d *demo) keys(ctx context.Context) ([]string, error) {
	src, err := d.source(ctx, "shared", sharedPrefix+"**")
	if err != nil {
		return nil, err
	}
	objects, err := client.Every(func(o client.PageOptions) (client.Page[client.SourceObject], error) {
		return d.api.SourceObjects(ctx, src.ID, "", o)
	})
	if err != nil {
		return nil, err
	}
	var keys []string
	var left []client.SourceObject // empty objects, and markers
	for _, o := range objects {
		switch {
		case o.Matched:
			keys = append(keys, o.Key)
		case o.Match == "empty" || o.Match == "marker":
			left = append(left, o)
		}
	}
	d.story.did("List the objects", "%d under s3://%s/%s", len(keys), bucketName, sharedPrefix)
	for _, o := range left {
		d.unreadable(path.Base(o.Key), o.Reason)
	}
	return keys, nil
}

// unreadable adds a file that becomes no dataset to the report.
func (d *demo) unreadable(name, reason string) {
	d.report.Unreadable = append(d.report.Unreadable, ReportFile{name, reason})
	d.story.note("✗ %-24s %s", name, reason)
}

// source creates a source, or returns the one that an earlier run created.
func (d *demo) source(ctx context.Context, name, pattern string) (client.Source, error) {
	found, err := d.api.Source(ctx, name)
	if err == nil || !client.IsCode(err, "not_found") {
		return found, err
	}
	made, err := d.api.CreateSource(
		ctx,
		client.SourceSpec{Name: name, Integration: d.report.Integration.ID, Bucket: bucketName, Pattern: pattern},
	)
	return made.Source, err
}

func (d *demo) startLoad(ctx context.Context, key, name string) (client.Load, error) {
	src, err := d.source(ctx, path.Base(key), quotePattern(key))
	if err != nil {
		return client.Load{}, err
	}
	return d.api.StartLoad(ctx, client.LoadSpec{Source: src.ID, Dataset: name})
}

// quotePattern returns a pattern that matches only key.
func quotePattern(key string) string {
	var b strings.Builder
	for _, r := range key {
		if strings.ContainsRune(`*?[]{}\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// record adds the result of a file's load to the report: a dataset with the
// counts of its rows, or the reason why the file couldn't be read.
func (d *demo) record(ctx context.Context, name string, ended client.Load) error {
	reason := first(ended.Error, problemOf(ended))
	made, err := d.api.Dataset(ctx, ended.Dataset)
	var refused *client.Error
	if errors.As(err, &refused) && refused.Code == "not_found" && reason != "" {
		d.unreadable(name, reason)
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading %s: %w", name, err)
	}
	p := ended.Progress
	d.report.Datasets = append(
		d.report.Datasets,
		ReportDataset{
			ID:         made.ID,
			Name:       made.Name,
			File:       name,
			Rows:       made.Rows,
			Rejected:   p.Rejected,
			Duplicates: p.Duplicates,
		},
	)
	d.story.did(name, "%9d rows, %d rejected → dataset %s (%s)", made.Rows, p.Rejected, made.Name, indexOf(made.Index))
	if reason != "" {
		d.story.note("! %s", reason)
	}
	return nil
}

func problemOf(l client.Load) string {
	if len(l.Problems) > 0 {
		return l.Problems[0].Reason
	}
	return ""
}

func indexOf(i client.Index) string {
	parts := []string{}
	for _, part := range []struct{ name, column string }{{"key", i.Key}, {"subkey", i.Subkey}, {"date", i.Date}} {
		if part.column != "" {
			parts = append(parts, part.name+" "+part.column)
		}
	}
	if len(parts) == 0 {
		return "no index"
	}
	return strings.Join(parts, ", ")
}
