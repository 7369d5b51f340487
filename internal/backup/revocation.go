package backup

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
)

// Revocation is an entry of an audit export after the snapshot that revoked or removed
// something.
type Revocation struct {
	Workspace string `json:"workspace"`
	Action    string `json:"action"`            // "token.revoke"
	ID        string `json:"id"`                // or name
	Seq       int64  `json:"seq"`               // of the entry
	Missing   bool   `json:"missing,omitempty"` // the snapshot doesn't have it
	Fault     string `json:"fault,omitempty"`   // why it couldn't be repeated
}

// String returns a sentence for a person.
func (r *Revocation) String() string {
	switch {
	case r.Fault != "":
		return fmt.Sprintf("Not repeated: %s %s (entry %d): %s", r.Action, r.ID, r.Seq, r.Fault)
	case r.Missing:
		return fmt.Sprintf("Nothing to repeat: %s %s (entry %d) is newer than the backup.", r.Action, r.ID, r.Seq)
	default:
		return fmt.Sprintf("Repeated: %s %s (entry %d).", r.Action, r.ID, r.Seq)
	}
}

// repeated has the actions that are repeated.
var repeated = map[string]access.Action{
	string(access.TokenRevoke): access.TokenRevoke, string(access.MemberRemove): access.MemberRemove,
	string(access.GrantRemove): access.GrantRemove, string(access.ProviderRemove): access.ProviderRemove,
}

// readRevocations reads the revocations after the snapshot from the audit export. Its
// entries must continue those of the snapshot.
func (r *restorer) readRevocations() (found []Revocation, err error) {
	path := r.target.Revocations
	if path == "" {
		return nil, nil
	}
	var workspace string
	_, err = readExport(path, audit.Head{}, func(e *audit.Entry) { workspace = e.Workspace })
	if err != nil {
		return nil, err
	}
	head, err := r.headOf(workspace)
	if err != nil {
		return nil, err
	}
	report, err := readExport(path, head, func(e *audit.Entry) {
		if _, ok := repeated[e.Action]; ok && e.Seq > head.Seq && e.Outcome == audit.Allowed {
			found = append(found, Revocation{Workspace: workspace, Action: e.Action, ID: e.Resource.ID, Seq: e.Seq})
		}
	})
	switch {
	case err != nil:
		return nil, err
	case report.Break != nil:
		return nil, problem.New(problem.Refused, "The audit export doesn't continue the backup's audit. Entry %d: %s",
			report.Break.Seq, report.Break.Reason).
			WithHint("Use an export that was made after the backup, and that nobody has changed.")
	case report.Start.Seq > head.Seq:
		return nil, problem.New(problem.Refused, "The audit export begins after entry %d; the backup ends with entry %d.",
			report.Start.Seq, head.Seq).
			WithHint("Put the missing archive files back, and export again.")
	default:
		return found, nil
	}
}

// headOf returns the end of a workspace's audit in the snapshot.
func (r *restorer) headOf(workspace string) (audit.Head, error) {
	for _, head := range r.manifest.Audit {
		if head.Workspace == workspace {
			return head.Head, nil
		}
	}
	return audit.Head{}, problem.New(problem.Invalid, "The audit export is of a workspace that the backup doesn't have.").
		WithHint("Use an export of one of its workspaces: windlass audit export.")
}

func readExport(path string, anchor audit.Head, visit func(*audit.Entry)) (audit.Report, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the operator's own
	if err != nil {
		return audit.Report{}, problem.Wrap(err, problem.Invalid, "The audit export can't be read: %v.", err)
	}
	defer func() { _ = file.Close() }()
	return audit.ReadExport(file, anchor, visit)
}

// revoke repeats the revocations in a restored state, and records each.
func (r *restorer) revoke(ctx context.Context, state CopiedState) error {
	recorder := audit.NewRecorder(state)
	for i := range r.revocations {
		again := &r.revocations[i]
		err := state.Revoke(ctx, again.Workspace, repeated[again.Action], again.ID, r.target.Now())
		switch {
		case problem.Is(err, problem.NotFound):
			again.Missing = true
			continue
		case problem.Is(err, problem.Conflict):
			again.Fault = problem.From(err).Message
			continue
		case err != nil:
			return err
		}
		kind, _, _ := strings.Cut(again.Action, ".")
		err = recorder.Note(ctx, audit.Entry{
			Workspace: again.Workspace, Time: r.target.Now(), Action: again.Action,
			Actor:    audit.Actor{Kind: access.System, ID: checker.ID, Name: checker.Name},
			Resource: audit.Resource{Workspace: again.Workspace, Kind: kind, ID: again.ID},
			Reason:   fmt.Sprintf("Repeated after a restore: entry %d of an audit export.", again.Seq),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
