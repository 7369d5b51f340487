package segment

import (
	"context"
	"errors"
	"io/fs"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// Finding is a file that [Check] found damaged or missing.
type Finding struct {
	DatasetID string
	File      string // path below the folder of the rows
	Cause     error
}

// Checked counts what [Check] read.
type Checked struct {
	Datasets int
	Files    int
	Rows     int64
	Findings []Finding
}

// Check compares the folder of the rows with the state, reads every file
// completely, and checks checksums, order and bounds. It changes nothing and may
// run next to a service. If the folder is missing or isn't the right one, the
// error names both identities.
func Check(ctx context.Context, dir string, state State) (Checked, error) {
	var done Checked
	if err := checkFolder(ctx, dir, state); err != nil {
		return done, err
	}
	ids, err := state.RowsDatasets(ctx)
	if err != nil {
		return done, err
	}
	e := &Engine{config: Config{Dir: dir, State: state}}
	for _, datasetID := range ids {
		if err := e.checkDataset(ctx, datasetID, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func checkFolder(ctx context.Context, dir string, state State) error {
	expected, last, err := state.RowsIdentity(ctx)
	if err != nil {
		return err
	}
	e := &Engine{config: Config{Dir: dir}}
	found, err := e.readIdentity()
	if err == nil && (found != expected || found == "") {
		err = otherFolder(dir, found, expected, last)
	}
	return err
}

func (e *Engine) checkDataset(ctx context.Context, datasetID string, done *Checked) error {
	version, err := e.config.State.RowsDataset(ctx, datasetID)
	if err != nil {
		return err
	}
	done.Datasets++
	for i := range version.Segments {
		s := &version.Segments[i]
		err := checkSegment(ctx, e.folderOf(datasetID), s)
		switch {
		case err == nil:
		case !parquetfile.IsDamaged(err) && !errors.Is(err, fs.ErrNotExist):
			return err
		case e.stillThere(ctx, datasetID, s.ID): // it wasn't merged meanwhile
			done.Findings = append(done.Findings, Finding{datasetID, datasetID + "/" + fileName(s.ID), err})
		}
		done.Files++
		done.Rows += s.Rows - s.Deleted
	}
	return nil
}

func checkSegment(ctx context.Context, folder parquetfile.FS, s *manifest.Segment) (err error) {
	cache, err := parquetfile.NewCache(0)
	if err != nil {
		return err
	}
	r, err := parquetfile.Open(folder, fileName(s.ID), cache)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if r.Rows() != s.Rows || r.Bytes() != s.Bytes {
		return &parquetfile.DamagedError{
			Name:  fileName(s.ID),
			Cause: errors.New("the state expects another file of this name"),
		}
	}
	return parquetfile.Check(ctx, r)
}

// stillThere reports whether the manifest names a segment.
func (e *Engine) stillThere(ctx context.Context, datasetID, segmentID string) bool {
	version, err := e.config.State.RowsDataset(ctx, datasetID)
	for i := range version.Segments {
		if version.Segments[i].ID == segmentID {
			return true
		}
	}
	return err != nil
}
