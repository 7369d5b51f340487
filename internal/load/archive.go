package load

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// sampledMembers limits how many members of an archive are sampled.
const sampledMembers = 10

// isArchive reports whether the object is an archive, which has members
// instead of rows.
func (o *opened) isArchive() bool { return o.err == nil && o.content.Members != nil }

// memberOf returns a member of an archive as an object. Its version is the
// archive's.
func memberOf(archive object.Info, member *tabular.Input) object.Info {
	archive.Key, archive.Size = member.Name, member.Size
	return archive
}

// members returns the members of an archive as objects.
func (o *opened) members() []object.Info {
	infos := make([]object.Info, len(o.content.Members))
	for i := range infos {
		infos[i] = memberOf(o.info, &o.content.Members[i])
	}
	return infos
}

// openMember opens a member of an archive. The archive must stay open while
// the member is read.
func (p *pass) openMember(ctx context.Context, archive *opened, n int) *opened {
	ctx, cancel := context.WithCancel(ctx)
	member := archive.content.Members[n]
	o := &opened{
		info: memberOf(archive.info, &member), member: true, archive: archive.info.Key, cancel: cancel,
		release: func() {},
	}
	options := p.options()
	options.Unpacked = p.status.addUnpacked
	o.content, o.err = tabular.Open(ctx, member, options)
	return o
}

// stageArchive stages the members of an archive that aren't loaded yet, one by
// one. The archive has its own ledger entry, so that the next load knows whether
// to open it.
func (p *pass) stageArchive(ctx context.Context, staged *Staged, archive *opened) error {
	defer archive.close()
	infos := archive.members()
	due, err := p.dueMembers(ctx, staged, infos)
	if err != nil {
		return err
	}
	p.status.load.Progress.Objects += int64(len(due))
	final := p.schema.final()
	for i, info := range infos {
		if !due[info.Key] {
			continue
		}
		if why := p.unreadable[versionOf(info)]; why != nil { // found in an earlier pass, or while it was sampled
			if !p.status.hasProblem(info.Key) {
				p.status.failed(why)
			}
			continue
		}
		o := p.openMember(ctx, archive, i)
		p.startReading(ctx, o, final)
		if err := p.stageOpened(ctx, staged, o, info); err != nil {
			return err
		}
		p.status.publish()
	}
	return p.recordArchive(ctx, staged, archive.info, infos)
}

// dueMembers returns the keys of the members that aren't loaded into the dataset.
func (p *pass) dueMembers(ctx context.Context, staged *Staged, members []object.Info) (map[string]bool, error) {
	plan := &staged.members
	plan.Dataset, plan.AllMembers, plan.Rejected = staged.Dataset, true, staged.again
	before := len(plan.Objects)
	for page := range slices.Chunk(members, listPage) {
		if err := p.addDue(ctx, plan, page); err != nil {
			return nil, err
		}
	}
	due := map[string]bool{}
	for _, info := range plan.Objects[before:] {
		due[info.Key] = true
	}
	return due, nil
}

// replaceVanished replaces the rows of members that only an older version of the
// archive has.
func (p *pass) replaceVanished(ctx context.Context, staged *Staged, archive object.Info, members []object.Info) error {
	if p.feed.OverwrittenIn(&staged.Dataset.Schema) != feed.ReplaceObject {
		return nil
	}
	prefix := archive.Key + tabular.MemberSeparator
	have := make(map[string]bool, len(members))
	for _, info := range members {
		have[info.Key] = true
	}
	for after := prefix; ; {
		entries, err := p.config.Rows.Ledger(ctx, p.source.ID, staged.Dataset.ID, after, listPage)
		if err != nil {
			return fmt.Errorf("looking into the ledger: %w", err)
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Object.Key, prefix) {
				return nil
			}
			if after = e.Object.Key; e.Outcome != engine.Loaded || have[e.Object.Key] {
				continue
			}
			if err := p.remove(ctx, staged, []engine.LedgerEntry{e}, engine.Replaced); err != nil {
				return err
			}
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

// recordArchive adds the archive's entry to the ledger: it is loaded when all
// members are. If no member can be read, the archive is recorded as unreadable.
func (p *pass) recordArchive(ctx context.Context, staged *Staged, archive object.Info, members []object.Info) error {
	var first *unreadable
	failed := 0
	for _, info := range members {
		if why := p.unreadable[versionOf(info)]; why != nil {
			failed++
			if first == nil {
				first = why
			}
		}
	}
	if failed > 0 && failed == len(members) {
		p.fail(archive, unreadableBecause(problem.New(problem.Invalid, "None of its members could be loaded. %s: %s",
			first.Key, first.Reason).WithReason(first.Code).WithHint("%s", first.hint)))
		return nil
	}
	p.status.load.Progress.ObjectsDone++
	if p.schema.learning || p.order.Kind == Rejected { // its entry stays
		return nil
	}
	if err := p.replaceVanished(ctx, staged, archive, members); err != nil {
		return err
	}
	entry := engine.LedgerEntry{
		SourceID: p.source.ID, Object: versionOf(archive), LoadID: p.order.ID, Outcome: engine.Loaded,
		Size: archive.Size, Modified: archive.Modified, Time: p.config.Now(),
	}
	if failed > 0 {
		entry.Outcome = engine.Failed
		entry.Reason = fmt.Sprintf("%d of its %d members couldn't be loaded.", failed, len(members))
	}
	if err := staged.rows.Object(ctx, entry); err != nil {
		return fmt.Errorf("adding an object to the ledger: %w", err)
	}
	return nil
}

// addArchive samples the first members of an archive that have rows. If none of
// its members can be read, the archive is unreadable.
func (s *sampling) addArchive(ctx context.Context, archive *opened) error {
	var first error
	sampled, failed := 0, 0
	for i := range archive.content.Members {
		if sampled == sampledMembers {
			break
		}
		o := s.openMember(ctx, archive, i)
		rows := s.sampler.Rows()
		err := s.add(ctx, o)
		if err == nil && s.sampler.Rows() > rows {
			sampled++
		}
		if err == nil {
			continue
		}
		if err := s.fault(ctx, o.info, err); err != nil {
			return err
		}
		if failed++; first == nil {
			first = err
		}
	}
	if failed == len(archive.content.Members) {
		return first
	}
	return nil
}
