package segment

import (
	"errors"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// damageLog records which segments were found damaged by reads.
type damageLog struct {
	logger *slog.Logger
	mu     sync.Mutex
	known  map[string]string // names of files, by segment
}

// report returns an error of reading a segment for its reader. Damage is a
// problem that names the dataset and the file, and is logged once.
func (l *damageLog) report(datasetID, segmentID string, err error) error {
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !parquetfile.IsDamaged(err) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[segmentID] == "" {
		if l.known == nil {
			l.known = map[string]string{}
		}
		l.known[segmentID] = datasetID + "/" + fileName(segmentID)
		l.logger.Error(telemetry.SegmentDamaged, "dataset", datasetID, "segment", segmentID, "cause", err)
	}
	return damagedSegment(datasetID, segmentID, err)
}

// forget removes a segment that no longer exists.
func (l *damageLog) forget(segmentID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, segmentID)
}

func damagedSegment(datasetID, segmentID string, err error) error {
	what := "is damaged"
	if errors.Is(err, fs.ErrNotExist) {
		what = "is missing"
	}
	return problem.Wrap(err, problem.Unavailable, "Rows of the dataset can't be read: its file %s/%s %s.", datasetID,
		fileName(segmentID), what).
		WithHint("Restore the file from a backup, or delete the dataset and load it again. windlass rows check lists every damaged file.")
}
