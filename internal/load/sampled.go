package load

import (
	"context"
	"sync"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/tabular"
)

// sampledObjects has small objects that were opened to guess a schema and stay
// open until their rows are read, so that each is requested only once. It is
// safe for concurrent use.
type sampledObjects struct {
	mu    sync.Mutex
	count int // objects that were opened to stay open
	open  map[engine.ObjectVersion]*opened
}

// reserve reports whether an object stays open. At most `most` objects do.
func (s *sampledObjects) reserve(info object.Info, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count >= min(maxOpen, most) || info.Size > smallObject {
		return false
	}
	s.count++
	return true
}

func (s *sampledObjects) add(o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[engine.ObjectVersion]*opened{}
	}
	s.open[versionOf(o.info)] = o
}

// take returns an object that is still open, or nil.
func (s *sampledObjects) take(info object.Info) *opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[versionOf(info)]
	delete(s.open, versionOf(info))
	return o
}

// close closes the objects that nobody took.
func (s *sampledObjects) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.open {
		o.close()
	}
	s.open = nil
}

// openContent opens an object. progress counts its bytes; nil doesn't count them.
func (p *pass) openContent(ctx context.Context, info object.Info, progress func(int)) *opened {
	ctx, cancel := context.WithCancel(ctx)
	o := &opened{info: info, cancel: cancel, release: func() {}}
	options := p.options()
	if progress != nil {
		options.Unpacked = p.status.addUnpacked
	}
	o.content, o.err = tabular.Open(ctx, p.input(info, progress), options)
	return o
}
