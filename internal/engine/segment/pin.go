package segment

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Pin is one version of a dataset's files, which aren't deleted until Release.
type Pin struct {
	Segments []PinnedSegment
	snapshot *snapshot
}

// PinnedSegment is one file of a [Pin].
type PinnedSegment struct {
	Path    string           // below the folder of the rows, with slashes
	Columns []dataset.Column // as the file was written; system columns follow them
	Rows    int64            // in the file
	Deletes []byte           // roaring bitmap of the deleted positions; nil: none
}

// Dir returns the folder of the rows.
func (e *Engine) Dir() string { return e.config.Dir }

// Pin pins the version of a dataset that has a schema's layout, for callers
// that read the files themselves.
func (e *Engine) Pin(ctx context.Context, datasetID string, schema *dataset.Schema) (*Pin, error) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	s, err := e.acquireAs(ctx, d, schema.Layout)
	if err != nil {
		return nil, err
	}
	sources, err := s.sources()
	if err != nil {
		s.release()
		return nil, err
	}
	pin := &Pin{snapshot: s}
	for i := range s.segments {
		pin.Segments = append(pin.Segments, PinnedSegment{
			Path:    d.id + "/" + fileName(s.segments[i].ID),
			Columns: sources[i].Reader.Spec().Columns,
			Rows:    s.segments[i].Rows,
			Deletes: s.segments[i].Deletes,
		})
	}
	return pin, nil
}

// Version returns the number of the version.
func (p *Pin) Version() int64 { return p.snapshot.version.Version }

// Updated returns the time of the last load, or zero if there are no rows.
func (p *Pin) Updated() time.Time { return p.snapshot.version.Updated }

// Release releases the files. Call it once.
func (p *Pin) Release() { p.snapshot.release() }

// SpareBytes returns the number of free bytes on the disk in excess of the reserve.
func (e *Engine) SpareBytes() (int64, error) {
	free, total, err := e.config.Space(e.config.Dir)
	if err != nil {
		return 0, err
	}
	return max(0, free-e.space.keep(total)), nil
}
