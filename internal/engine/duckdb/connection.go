package duckdb

import (
	"context"
	"errors"
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// connection is one connection to the database. One goroutine uses it at a
// time, and finishes with one result before it asks for the next.
type connection struct {
	handle   bindings.Connection
	prepared map[string]bindings.PreparedStatement
}

// maxPrepared bounds the statements that a connection keeps ready.
const maxPrepared = 128

func connect(database *bindings.Database) (*connection, error) {
	c := &connection{prepared: map[string]bindings.PreparedStatement{}}
	if bindings.Connect(*database, &c.handle) == bindings.StateError {
		return nil, errors.New("duckdb: no connection")
	}
	return c, nil
}

func (c *connection) close() {
	c.forget()
	bindings.Disconnect(&c.handle)
}

// forget drops the statements that were kept ready.
func (c *connection) forget() {
	for _, s := range c.prepared {
		bindings.DestroyPrepare(&s)
	}
	clear(c.prepared)
}

// exec runs a statement, or without arguments any number of them, and says
// how many rows the last one changed.
func (c *connection) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if len(args) > 0 {
		r, err := c.query(ctx, sql, args...)
		if err != nil {
			return 0, err
		}
		defer r.close()
		return r.changed(), nil
	}
	r := &result{connection: c}
	if err := c.run(ctx, func() bindings.State { return bindings.Query(c.handle, sql, &r.handle) }, r); err != nil {
		return 0, err
	}
	defer r.close()
	return r.changed(), nil
}

// query runs one statement whose result is held whole: the connection is free
// for the next one at once.
func (c *connection) query(ctx context.Context, sql string, args ...any) (*result, error) {
	return c.start(ctx, bindings.ExecutePrepared, sql, args)
}

// stream runs one statement whose result is made while it is read: the
// connection is free when the result is closed.
func (c *connection) stream(ctx context.Context, sql string, args ...any) (*result, error) {
	return c.start(ctx, bindings.ExecutePreparedStreaming, sql, args)
}

type execute func(bindings.PreparedStatement, *bindings.Result) bindings.State

func (c *connection) start(ctx context.Context, execute execute, sql string, args []any) (*result, error) {
	statement, err := c.prepare(sql)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		if err := bind(statement, i+1, arg); err != nil {
			return nil, err
		}
	}
	r := &result{connection: c}
	if err := c.run(ctx, func() bindings.State { return execute(statement, &r.handle) }, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (c *connection) prepare(sql string) (bindings.PreparedStatement, error) {
	if s, ok := c.prepared[sql]; ok {
		return s, nil
	}
	if len(c.prepared) >= maxPrepared {
		c.forget()
	}
	var s bindings.PreparedStatement
	if bindings.Prepare(c.handle, sql, &s) == bindings.StateError {
		message := bindings.PrepareError(s)
		bindings.DestroyPrepare(&s)
		return s, fmt.Errorf("duckdb: %s", message)
	}
	c.prepared[sql] = s
	return s, nil
}

// run calls fn, which fills r, and interrupts it when ctx ends.
func (c *connection) run(ctx context.Context, fn func() bindings.State, r *result) error {
	var state bindings.State
	if err := c.interruptible(ctx, func() { state = fn() }); err != nil {
		r.close()
		return err
	}
	if state == bindings.StateError {
		defer r.close()
		return failure(ctx, bindings.ResultError(&r.handle))
	}
	return nil
}

// interruptible calls fn and interrupts DuckDB when ctx ends meanwhile. It
// answers an error only when ctx had ended before.
func (c *connection) interruptible(ctx context.Context, fn func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ctx.Done() == nil {
		fn()
		return nil
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		bindings.Interrupt(c.handle)
		close(interrupted)
	})
	fn()
	if !stop() {
		<-interrupted // else it could hit the statement after this one
	}
	return nil
}

func failure(ctx context.Context, message string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("duckdb: %s", message)
}

// date and timestamp tell two arguments from other integers.
type (
	date      int32 // days since 1970-01-01
	timestamp int64 // microseconds since then, UTC
)

func bind(s bindings.PreparedStatement, at int, arg any) error {
	index := bindings.IdxT(at) //nolint:gosec // a statement has few parameters
	var state bindings.State
	switch v := arg.(type) {
	case nil:
		state = bindings.BindNull(s, index)
	case string:
		state = bindings.BindVarchar(s, index, v)
	case int64:
		state = bindings.BindInt64(s, index, v)
	case float64:
		state = bindings.BindDouble(s, index, v)
	case bool:
		state = bindings.BindBoolean(s, index, v)
	case date:
		state = bindings.BindDate(s, index, bindings.NewDate(int32(v)))
	case timestamp:
		state = bindings.BindTimestamp(s, index, bindings.NewTimestamp(int64(v)))
	default:
		return fmt.Errorf("duckdb: a parameter of type %T", arg)
	}
	if state == bindings.StateError {
		return fmt.Errorf("duckdb: parameter %d: %s", at, bindings.PrepareError(s))
	}
	return nil
}
