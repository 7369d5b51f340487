// Package backup copies a state and its rows to a place, which is a folder or a
// bucket, while the service runs, and restores them.
//
//	windlass-backup.json              whose backups these are
//	lock.json                         who is at work here, and until when
//	segments/DATASET/SEGMENT.parquet  files with rows; they never change, and snapshots share them
//	archive/…                         files with old audit entries; likewise
//	snapshots/ID/state.db.zst         the state in SQLite; state.pgdump: in PostgreSQL
//	snapshots/ID/key.json             where the master key is, and how to recognize it
//	snapshots/ID/key.sealed           the master key under a passphrase, on request
//	snapshots/ID/manifest.json        every file with its size and hash
//
// The manifest is written last; a snapshot without one doesn't exist. A pin in the
// state prevents the service from deleting files of rows meanwhile. It is set before
// the state is copied, and the service checks for pins after the commit that drops a
// file. So a file that the copy names was either dropped after the pin, and stays, or
// wasn't dropped at all.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// format is the version of the files in a place.
const format = 1

// Names in a place.
const (
	identityName  = "windlass-backup.json"
	lockName      = "lock.json"
	segmentsDir   = "segments"
	archiveDir    = "archive"
	snapshotsDir  = "snapshots"
	manifestName  = "manifest.json"
	keyName       = "key.json"
	sealedKeyName = "key.sealed"
	sqliteName    = "state.db.zst"
	postgresName  = "state.pgdump"
)

// maxPath limits a path in a manifest, in bytes.
const maxPath = 500

// maxManifest limits a manifest: some 500,000 files.
const maxManifest = 128 << 20

// Where the rows of a snapshot are.
const (
	RowsInFiles   = "files"     // in the backup
	RowsInState   = "state"     // in the database of the state, and so in its copy
	RowsElsewhere = "elsewhere" // in another database, which has its own backups
	RowsLeftOut   = "left_out"  // --state-only
)

// Manifest describes a snapshot.
type Manifest struct {
	Format   int         `json:"format"`
	ID       string      `json:"id"`
	Instance string      `json:"instance"`
	Version  string      `json:"version"` // of Windlass
	Schema   int64       `json:"schema"`
	TakenAt  time.Time   `json:"taken_at"`
	State    string      `json:"state"`
	Rows     string      `json:"rows"`
	Identity string      `json:"rows_identity,omitempty"`
	Audit    []ChainHead `json:"audit"`
	Files    []File      `json:"files"`
	// StateBytes is the size of the state before compression.
	StateBytes int64 `json:"state_bytes"`
}

// File is a file of a snapshot.
type File struct {
	Path   string `json:"path"` // in the place, with slashes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // 64 hexadecimal digits
}

// Bytes returns the size of all files.
func (m *Manifest) Bytes() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// folder returns where the snapshot's own files are.
func (m *Manifest) folder() string { return snapshotsDir + "/" + m.ID }

// stateFile returns the name of the copied state.
func (m *Manifest) stateFile() string {
	if m.State == Postgres {
		return m.folder() + "/" + postgresName
	}
	return m.folder() + "/" + sqliteName
}

// find returns the entry of a path.
func (m *Manifest) find(path string) (File, bool) {
	for _, f := range m.Files {
		if f.Path == path {
			return f, true
		}
	}
	return File{}, false
}

var (
	snapshotID = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$`)
	// paths in a manifest, none of whose parts begins with a dot
	safePath = regexp.MustCompile(`^(segments|archive|snapshots)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$`)
	hexHash  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// parseManifest parses a manifest. It rejects paths outside the place, because
// someone may have changed the manifest.
func parseManifest(id string, text []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, damaged(id, err)
	}
	switch {
	case m.Format > format:
		return nil, problem.New(problem.Conflict, "Snapshot %s was made by a newer release of Windlass, "+
			"%s.", id, m.Version).
			WithHint("Use that release or a newer one.")
	case m.Format != format || m.ID != id:
		return nil, damaged(id, errors.New("it isn't the manifest of this snapshot"))
	case m.State != SQLite && m.State != Postgres:
		return nil, damaged(id, errors.New("it has no kind of state"))
	}
	for _, f := range m.Files {
		if len(f.Path) > maxPath || !safePath.MatchString(f.Path) || f.Bytes < 0 || !hexHash.MatchString(f.SHA256) {
			return nil, damaged(id, fmt.Errorf("a file has the path %.100q", f.Path))
		}
	}
	if _, ok := m.find(m.stateFile()); !ok {
		return nil, damaged(id, errors.New("the state is missing"))
	}
	return &m, nil
}

// damaged reports a manifest that can't be used.
func damaged(id string, cause error) error {
	return problem.Wrap(cause, problem.Refused, "The manifest of snapshot %s is damaged: %v.", id, cause).
		WithHint("Use another snapshot: windlass backup list")
}
