package source

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// PreviewRows is the maximum number of rows of a preview.
const PreviewRows = 20

// previewPages limits how many listings of MaxObjects each a preview searches.
const previewPages = 10

// Preview is the inferred schema and the first rows of the oldest matching
// object.
type Preview struct {
	Object      object.Info
	Format      tabular.Format // as detected
	Compression string         // see [compress.Kinds]; empty: none
	Schema      dataset.Schema
	// Rows have values in the order of the schema's columns; see tabular.Value.
	Rows     [][]any
	Rejected []dataset.Rejected // the rejected ones of the first rows
	Notes    []string           // for people, about how the object was read
	Dialect  tabular.Dialect    // the settings that the object was read with
}

// Preview reads the beginning of the oldest matching object. If it can't be read,
// the error is a problem with code invalid that names the object.
// Rows have the columns that a new feed loads.
func (s *Service) Preview(ctx context.Context, actor access.Actor, workspace, idOrName string) (Preview, error) {
	columns := shape.Default()
	return s.PreviewAs(ctx, actor, workspace, idOrName, &columns)
}

// PreviewAs is like [Service.Preview] with the columns of a feed.
func (s *Service) PreviewAs(ctx context.Context, actor access.Actor, workspace, idOrName string,
	columns *shape.Columns,
) (Preview, error) {
	if err := s.check(ctx, actor, access.SourcePreview, workspace, idOrName); err != nil {
		return Preview{}, err
	}
	src, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return Preview{}, err
	}
	return s.previewOldest(ctx, actor, src, columns)
}

// previewOldest reads the beginning of the oldest object that a source matches.
func (s *Service) previewOldest(ctx context.Context, actor access.Actor, src Source, columns *shape.Columns) (
	Preview, error,
) {
	bucket, err := s.Bucket(ctx, actor, src)
	if err != nil {
		return Preview{}, err
	}
	oldest, keys, err := src.oldest(ctx, bucket)
	if err != nil {
		return Preview{}, err
	}
	p, err := src.preview(ctx, bucket, oldest, &shaping{Columns: columns, keys: keys, loaded: s.config.Now()})
	if err != nil {
		return Preview{}, addObject(err, src.Bucket, oldest.Key)
	}
	return p, nil
}

// addObject adds the object's address to a problem.
func addObject(err error, bucket, key string) error {
	var found *problem.Error
	if !errors.As(err, &found) {
		return object.Refusal(err)
	}
	return problem.Wrap(err, found.Code, "s3://%s/%s can't be read. %s", bucket, key, found.Message).
		WithHint("%s", found.Hint).WithFindings(found.Findings...)
}

// oldest returns the matching object that was modified first, and the keys of all
// that were looked at.
func (src *Source) oldest(ctx context.Context, bucket object.Bucket) (oldest object.Info, keys []string, err error) {
	pattern, err := src.ParsePattern()
	if err != nil {
		return object.Info{}, nil, err
	}
	cursor := ""
	for range previewPages {
		page, err := bucket.List(ctx, pattern.Prefix(), cursor, MaxObjects)
		if err != nil {
			return object.Info{}, nil, object.Refusal(err)
		}
		err = pattern.MatchEach(ctx, page.Objects, func(info object.Info, match Match, _ string) {
			if match != Matched {
				return
			}
			keys = append(keys, info.Key)
			if oldest.Key == "" || info.Modified.Before(oldest.Modified) {
				oldest = info
			}
		})
		if err != nil {
			return object.Info{}, nil, err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if oldest.Key == "" {
		return object.Info{}, nil, problem.New(problem.Invalid, "No object matches s3://%s/%s.", src.Bucket, src.Pattern).
			WithHint("List the source's objects to see why each one doesn't match.")
	}
	return oldest, keys, nil
}

func (src *Source) preview(ctx context.Context, bucket object.Bucket, info object.Info, shaping *shaping) (
	p Preview, err error,
) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	options := src.Format.Options()
	options.Mapping = shaping.Mapping()
	archive := info.Key
	content, err := tabular.Open(ctx, Input(bucket, info, fetch.Config{}), options)
	if err != nil {
		return Preview{}, err
	}
	defer content.Close() //nolint:errcheck // opened for reading
	members := len(content.Members)
	if members > 0 {
		info.Key, info.Size = content.Members[0].Name, content.Members[0].Size
		if content, err = tabular.Open(ctx, content.Members[0], options); err != nil {
			return Preview{}, err
		}
		defer content.Close() //nolint:errcheck // opened for reading
	}
	p = Preview{Object: info, Format: content.Format, Compression: string(content.Compression)}
	if p.Schema, err = content.Infer(ctx); err != nil {
		return Preview{}, err
	}
	added := shaping.apply(src, &p, content, archive)
	reader, err := content.Read(ctx, p.Schema)
	if err != nil {
		return Preview{}, err
	}
	defer reader.Close()
	defer cancel() // before the reader closes, which waits for the stream
	batch, err := reader.Next(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		return Preview{}, err
	}
	if err == nil {
		shaping.number(&p.Schema, added, &batch.Batch, batch.Rejected)
		p.take(&batch.Batch, batch.Rejected, info.Key)
	}
	p.Notes, p.Dialect = append(p.Notes, content.Notes()...), content.Dialect()
	if members > 1 {
		p.Notes = append(p.Notes, fmt.Sprintf("This is the first of the archive's %d members.", members))
	}
	return p, nil
}

func (p *Preview) take(batch *dataset.Batch, rejected []dataset.Rejected, key string) {
	for i := range min(batch.Rows, PreviewRows) {
		row := make([]any, len(batch.Vectors))
		for j := range batch.Vectors {
			row[j] = tabular.Value(&batch.Vectors[j], i)
		}
		p.Rows = append(p.Rows, row)
	}
	for _, r := range rejected[:min(len(rejected), PreviewRows)] {
		r.Object = key
		p.Rejected = append(p.Rejected, r)
	}
}

// Input returns an object as input for the readers of formats.
func Input(bucket object.Bucket, info object.Info, config fetch.Config) tabular.Input {
	fetched := fetch.New(bucket, info, config)
	return tabular.Input{
		Name: info.Key, Size: info.Size, Open: fetched.Stream,
		At: func(ctx context.Context) io.ReaderAt { return fetched.At(ctx) },
	}
}
