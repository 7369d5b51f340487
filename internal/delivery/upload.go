package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// MaxUploadBytes is the default bound of what one request may bring.
const MaxUploadBytes = 512 << 20

// maxTold is how many rejected rows the answer to an upload tells.
const maxTold = 20

// Upload is rows that come in a request: JSON, JSON lines, CSV with commas,
// tabs or bars, or Parquet; what it is told by its content.
type Upload struct {
	Dataset string // name or ID
	Body    io.Reader
	Length  int64      // bytes of the body; -1 when they aren't known yet
	Values  url.Values // duplicateKeyHandling, overwrite, maximumValidationErrors, wait
}

// Uploaded is what became of an upload.
type Uploaded struct {
	Dataset    string // its name
	Bytes      int64
	Rows       int64 // new rows, replacements included
	Duplicates int64 // rows that were left out, or that took another's place
	Rejected   int64
	Told       []dataset.Rejected // the first of the rejected rows
	Notes      []string
}

// uploadOptions are an upload's parameters.
type uploadOptions struct {
	duplicates engine.Duplicates
	most       int64 // rejected rows; -1 for any number
}

// Upload loads the rows of a request: all of them that are valid, or, when
// there are more rejected ones than allowed, none.
func (s *Service) Upload(ctx context.Context, actor access.Actor, workspace string, upload Upload) (Uploaded, error) {
	options, err := parseUpload(upload.Values)
	if err != nil {
		return Uploaded{}, err
	}
	found, _, err := s.find(ctx, actor, access.DataWrite, workspace, upload.Dataset)
	if err != nil {
		return Uploaded{}, err
	}
	if upload.Length > s.config.UploadBytes {
		return Uploaded{}, s.tooLarge()
	}
	// The body first, whole: a slow sender must not hold the dataset.
	file, size, err := s.receive(ctx, upload.Body)
	if err != nil {
		return Uploaded{}, err
	}
	defer func() { _ = file.Close() }() // it was only read, and has no name any more
	done, err := s.load(ctx, found, file, size, options)
	if err != nil {
		return Uploaded{}, err
	}
	done.Dataset, done.Bytes = found.Name, size
	return done, nil
}

func parseUpload(values url.Values) (uploadOptions, error) {
	p := &parser{values: map[string]string{}}
	for name, v := range values {
		folded := strings.ToLower(name)
		switch folded {
		case "duplicatekeyhandling", "overwrite", "maximumvalidationerrors", "wait", "token":
			p.values[folded] = v[0]
		default:
			return uploadOptions{}, problem.New(problem.Invalid, "There is no parameter %s for loading.",
				excerpt(name)).
				WithHint("There are duplicateKeyHandling, overwrite and maximumValidationErrors.")
		}
	}
	o := uploadOptions{duplicates: engine.Ignore, most: int64(p.number("maximumvalidationerrors", -1, 0, 1<<31-1))}
	handling := p.oneOf("duplicatekeyhandling", "ignore", "ignore", "replace", "true", "false")
	if handling == "replace" || handling == "true" || p.flag("overwrite") {
		o.duplicates = engine.Replace
	}
	return o, p.err
}

// receive keeps a body in a file that vanishes when it is closed, and returns
// its size.
func (s *Service) receive(ctx context.Context, body io.Reader) (*spool.Buffer, int64, error) {
	file := s.config.Spool.File()
	size, err := io.Copy(file, io.LimitReader(tabular.UntilDone(ctx, body), s.config.UploadBytes+1))
	switch {
	case err != nil:
		return nil, 0, errors.Join(fmt.Errorf("receiving the upload: %w", err), file.Close())
	case size > s.config.UploadBytes:
		return nil, 0, errors.Join(s.tooLarge(), file.Close())
	default:
		return file, size, nil
	}
}

func (s *Service) tooLarge() error {
	return problem.New(problem.TooLarge, "The upload has more than %d MiB.", s.config.UploadBytes>>20).
		WithHint("Send it in parts, or put it into a bucket and load it from there.")
}

// load brings a file's rows into a dataset.
func (s *Service) load(ctx context.Context, into dataset.Dataset, file io.ReaderAt, size int64,
	options uploadOptions,
) (done Uploaded, err error) {
	content, err := tabular.Open(ctx, tabular.Input{
		Size: size,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(file, 0, size)), nil
		},
		At: func(context.Context) io.ReaderAt { return file },
	}, tabular.Options{Workers: runtime.GOMAXPROCS(0), UnpackedBytes: s.config.UnpackedBytes})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	content.SetNames(into.Schema.Names())
	reader, err := content.Read(ctx, into.Schema)
	if err != nil {
		return done, err
	}
	defer reader.Close()
	now := s.config.Now()
	staged, err := s.config.Rows.Begin(ctx, engine.LoadSpec{
		LoadID: id.New("load", now), DatasetID: into.ID, Schema: into.Schema, Duplicates: options.duplicates, Time: now,
	})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, staged.Rollback()) }()
	rejects := s.config.Rejects.Rejects()
	if err := stage(ctx, reader, staged, options.most, rejects, &done); err != nil {
		return done, err
	}
	done.Notes = append(content.Notes(), notKept(rejects.NotKept)...)
	return done, s.commit(ctx, into, staged, &done)
}

// stage brings all rows to the engine, and counts those that are rejected.
func stage(ctx context.Context, reader *chunk.Reader, staged engine.Load, most int64, rejects *engine.KeptRejects,
	done *Uploaded,
) error {
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		done.Rejected += int64(len(b.Rejected))
		done.Told = append(done.Told, b.Rejected[:min(len(b.Rejected), maxTold-len(done.Told))]...)
		if most >= 0 && done.Rejected > most {
			first := done.Told[0]
			return problem.New(problem.Invalid,
				"More than %d rows are invalid, so nothing was loaded. The first is line %d, column %q: %s.",
				most, first.Line, first.Column, strings.TrimSuffix(first.Reason, "."))
		}
		if err := staged.Append(ctx, &b.Batch); err != nil {
			return err
		}
		if err := staged.Reject(ctx, rejects.Keep(b.Rejected)); err != nil {
			return err
		}
	}
}

// notKept returns the note about rejected rows that are only counted.
func notKept(n int64) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the rejected rows are only counted, not kept.", n)}
}

func (s *Service) commit(ctx context.Context, into dataset.Dataset, staged engine.Load, done *Uploaded) error {
	committed, err := staged.Commit(ctx, nil)
	if err != nil {
		return err
	}
	done.Rows, done.Duplicates = committed.Rows, committed.Duplicates
	if index := into.Schema.Index; index.Guessed && index.Distinct != committed.Unique {
		loader := access.Actor{Kind: access.System, ID: access.Loader}
		return s.config.Indexes.SettleIndex(ctx, loader, into.Workspace, into.ID, committed.Unique)
	}
	return nil
}
