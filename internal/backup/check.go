package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
)

// checker is the actor on a temporary copy of a state.
var checker = access.Actor{Kind: access.System, ID: access.Setup, Name: "backup"}

// Report is the result of Check.
type Report struct {
	Snapshot string    `json:"snapshot"`
	TakenAt  time.Time `json:"taken_at"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Chains   int       `json:"chains"` // of the audit, verified; 0 for a state in PostgreSQL
	Faults   []Fault   `json:"faults"`
}

// Fault is a reason why a restore would fail or lose something.
type Fault struct {
	Path  string `json:"path"`
	Cause string `json:"cause"`
}

// CheckOptions defines what to check. Spool is a folder for the state.
type CheckOptions struct {
	Snapshot string // empty: the last one
	ReadData bool   // read every file, and compare hashes
	Spool    string
	Now      func() time.Time
	Databases
}

// Check verifies a snapshot: its manifest, that every file exists with its size,
// the state's integrity, and the audit chains in it.
func Check(ctx context.Context, place Place, o CheckOptions) (*Report, error) {
	m, err := pick(ctx, place, o.Snapshot)
	if err != nil {
		return nil, err
	}
	r := &Report{Snapshot: m.ID, TakenAt: m.TakenAt, Files: len(m.Files), Bytes: m.Bytes(), Faults: []Fault{}}
	if err := r.checkFiles(ctx, place, m, o.ReadData); err != nil {
		return nil, err
	}
	return r, r.checkState(ctx, place, m, &o)
}

func (r *Report) add(path, cause string) { r.Faults = append(r.Faults, Fault{path, cause}) }

// note adds an error of the backup as a fault, and returns any other error.
func (r *Report) note(path string, err error) error {
	if problem.Is(err, problem.Refused) {
		r.add(path, problem.From(err).Message)
		return nil
	}
	return err
}

func (r *Report) checkFiles(ctx context.Context, place Place, m *Manifest, read bool) error {
	size, err := sharedSizes(ctx, place)
	if err != nil {
		return err
	}
	own, err := place.List(ctx, m.folder())
	if err != nil {
		return err
	}
	for _, e := range own {
		size[e.Name] = e.Bytes
	}
	for _, f := range m.Files {
		bytes, ok := size[f.Path]
		switch {
		case !ok:
			r.add(f.Path, "It is missing.")
		case bytes != f.Bytes:
			r.add(f.Path, fmt.Sprintf("The file has %d bytes instead of %d.", bytes, f.Bytes))
		case read:
			if err := r.note(f.Path, verify(ctx, place, f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// verify reads a file and compares it with the manifest.
func verify(ctx context.Context, place Place, f File) error {
	file, err := place.Read(ctx, f.Path)
	if err != nil {
		return err
	}
	bytes, sum, err := hashOf(ctx, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return compare(f, bytes, sum)
}

// checkState opens the copied state and verifies the chains of its audit log.
func (r *Report) checkState(ctx context.Context, place Place, m *Manifest, o *CheckOptions) (err error) {
	if err := os.MkdirAll(o.Spool, 0o700); err != nil {
		return err
	}
	spool, err := os.MkdirTemp(o.Spool, "check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()
	path := filepath.Join(spool, "state")
	if err := fetchState(ctx, place, m, path); err != nil {
		return r.note(m.stateFile(), err)
	}
	if m.State == Postgres {
		return nil // the hash was compared; pg_restore reads it
	}
	faults, err := o.Integrity(ctx, path)
	if err != nil {
		return err
	}
	for _, fault := range faults {
		r.add(m.stateFile(), fault)
	}
	if len(faults) > 0 {
		return nil
	}
	return r.checkChains(ctx, m, path, o)
}

func (r *Report) checkChains(ctx context.Context, m *Manifest, path string, o *CheckOptions) (err error) {
	state, err := o.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	for _, head := range m.Audit {
		reason, err := verifyChain(ctx, state, filepath.Dir(path), head, o.Now)
		if err != nil {
			return err
		}
		if reason != "" {
			r.add(m.stateFile(), reason)
		}
		r.Chains++
	}
	return nil
}

// verifyChain verifies a chain of a state up to the manifest's head. It returns the
// first problem, or an empty string. It skips archive files that are missing in the
// folder.
func verifyChain(ctx context.Context, state CopiedState, archives string, head ChainHead,
	now func() time.Time,
) (reason string, err error) {
	service := audit.New(audit.Config{
		Store: state, Archives: archives, Checker: access.NewChecker(audit.NewRecorder(state), now),
	})
	report, err := service.Verify(ctx, checker, head.Workspace, head.Head)
	if err != nil || report.Break == nil {
		return "", err
	}
	return fmt.Sprintf("The audit log of workspace %q isn't valid from entry %d: %s", head.Workspace, report.Break.Seq,
		report.Break.Reason), nil
}
