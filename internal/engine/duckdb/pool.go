package duckdb

import (
	"context"
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// pool is a bounded set of connections for reading.
type pool struct {
	database *bindings.Database
	idle     chan *connection
	free     chan struct{} // one for each connection that may still be made
}

func newPool(database *bindings.Database, size int) *pool {
	p := &pool{database: database, idle: make(chan *connection, size), free: make(chan struct{}, size)}
	for range size {
		p.free <- struct{}{}
	}
	return p
}

// take waits for a connection, or for ctx. An idle one is preferred to a new
// one.
func (p *pool) take(ctx context.Context) (*connection, error) {
	select {
	case c := <-p.idle:
		return c, nil
	default:
	}
	select {
	case c := <-p.idle:
		return c, nil
	case <-p.free:
		c, err := connect(p.database)
		if err != nil {
			p.free <- struct{}{}
		}
		return c, err
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a connection to read with: %w", ctx.Err())
	}
}

func (p *pool) put(c *connection) { p.idle <- c }

// close closes the idle connections.
func (p *pool) close() {
	for {
		select {
		case c := <-p.idle:
			c.close()
		default:
			return
		}
	}
}
