package sql

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// process is the process of a query. It is killed when its context ends.
type process struct {
	ctx      context.Context //nolint:containedctx // of the query, which ends with it
	cancel   context.CancelFunc
	command  *exec.Cmd
	in       io.WriteCloser
	messages *Messages
	stderr   tail
	timedOut atomic.Bool
	ended    chan struct{}
	status   string // after ended
}

// startProcess starts a process in a folder, with an empty environment and
// only standard streams.
func startProcess(ctx context.Context, command []string, dir string) (*process, error) {
	p := &process{ended: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(ctx)
	//nolint:gosec,contextcheck // the service's own program, and a context derived from ctx
	p.command = exec.CommandContext(p.ctx, command[0], command[1:]...)
	p.command.Dir, p.command.Env, p.command.Stderr = dir, []string{}, &p.stderr
	p.command.WaitDelay = time.Second
	var err error
	if p.in, err = p.command.StdinPipe(); err != nil {
		p.cancel()
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err == nil {
		err = p.command.Start()
	}
	if err != nil {
		p.cancel()
		return nil, fmt.Errorf("starting the process of a query: %w", err)
	}
	p.messages = NewMessages(out)
	return p, nil
}

// killAfter kills the process after d, unless the returned timer is stopped.
func (p *process) killAfter(d time.Duration) *time.Timer {
	return time.AfterFunc(d, func() {
		p.timedOut.Store(true)
		p.cancel()
	})
}

func (p *process) send(kind byte, content any) error { return WriteJSON(p.in, kind, content) }

func (p *process) kill() { p.cancel() }

// wait waits for the end of a process that was killed, and returns how it ended.
func (p *process) wait() string {
	select {
	case <-p.ended:
		return p.status
	default:
	}
	_ = p.in.Close() // only its end matters
	if err := p.command.Wait(); err != nil {
		p.status = err.Error()
	}
	close(p.ended)
	return p.status
}

// tail keeps the first bytes that a process writes to standard error.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const maxTail = 4 << 10

// Write keeps the bytes that fit.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[:min(len(b), maxTail-len(t.b))]...)
	return len(b), nil
}

// String returns the kept bytes.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
