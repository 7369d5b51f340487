package segment

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
)

// formerFor is how long the rows before a change of the schema stay, for readers
// that started with the previous schema.
const formerFor = time.Minute

// has reports whether the rows have a schema's layout.
func (s *snapshot) has(layout int64) bool {
	return s.version.Layout == layout || s.version.Version == 0
}

// acquireAs returns the rows with a schema's layout: the current ones, or
// those before the last change. The caller releases them.
func (e *Engine) acquireAs(ctx context.Context, d *entry, layout int64) (*snapshot, error) {
	for again := false; ; again = true {
		s, err := e.acquire(ctx, d)
		if err != nil || s.has(layout) {
			return s, err
		}
		newer := s.version.Layout < layout
		s.release()
		if former := e.formerAs(d, layout); former != nil {
			return former, nil
		}
		if !newer || again {
			return nil, engine.ErrStale
		}
		e.Invalidate(d.id)
	}
}

func (e *Engine) formerAs(d *entry, layout int64) *snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.former == nil || !d.former.has(layout) {
		return nil
	}
	return d.former.retain()
}

// keepFormer keeps the rows before a change for a while. The caller holds e.mu.
func (e *Engine) keepFormer(d *entry, s *snapshot) {
	e.dropFormer(d)
	d.former = s.retain()
	time.AfterFunc(formerFor, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if d.former == s {
			e.dropFormer(d)
		}
	})
}

// dropFormer releases the rows before a change. The caller holds e.mu.
func (e *Engine) dropFormer(d *entry) {
	if d.former != nil {
		d.former.release()
		d.former = nil
	}
}
