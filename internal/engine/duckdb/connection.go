package duckdb

import (
	"context"
	"errors"
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// connection is one connection to the database. One goroutine uses it at a
// time, and finishes with one streamed result before it asks for the next.
//
// It keeps no statements ready: a plan that was run holds the memory of its
// last run, and planning anew costs a tenth of a millisecond.
type connection struct {
	handle bindings.Connection
}

func connect(database *bindings.Database) (*connection, error) {
	c := &connection{}
	if bindings.Connect(*database, &c.handle) == bindings.StateError {
		return nil, errors.New("duckdb: no connection")
	}
	return c, nil
}

func (c *connection) close() { bindings.Disconnect(&c.handle) }

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
	r := &result{}
	if err := c.run(ctx, func() bindings.State { return bindings.Query(c.handle, sql, &r.handle) }, r); err != nil {
		return 0, err
	}
	defer r.close()
	return r.changed(), nil
}

// query runs one statement whose result is held whole: the connection is free
// for the next one at once.
func (c *connection) query(ctx context.Context, sql string, args ...any) (*result, error) {
	statement, err := c.prepare(sql, args)
	defer bindings.DestroyPrepare(&statement)
	if err != nil {
		return nil, err
	}
	r := &result{}
	if err := c.run(ctx, func() bindings.State { return bindings.ExecutePrepared(statement, &r.handle) },
		r); err != nil {
		return nil, err
	}
	return r, nil
}

// stream runs one statement whose result is made while it is read: the
// connection is free when the result is closed.
func (c *connection) stream(ctx context.Context, sql string, args ...any) (*result, error) {
	statement, err := c.prepare(sql, args)
	r := &result{connection: c, statement: statement}
	if err != nil {
		r.close()
		return nil, err
	}
	if err := c.run(ctx, func() bindings.State { return bindings.ExecutePreparedStreaming(statement, &r.handle) },
		r); err != nil {
		return nil, err
	}
	return r, nil
}

// prepare plans a statement and fills in its parameters. The statement must
// be destroyed, with an error too.
func (c *connection) prepare(sql string, args []any) (bindings.PreparedStatement, error) {
	var s bindings.PreparedStatement
	if bindings.Prepare(c.handle, sql, &s) == bindings.StateError {
		return s, fmt.Errorf("duckdb: %s", bindings.PrepareError(s))
	}
	for i, arg := range args {
		if err := bind(s, i+1, arg); err != nil {
			return s, err
		}
	}
	return s, nil
}

// run calls fn, which fills r, and interrupts it when ctx ends.
func (c *connection) run(ctx context.Context, fn func() bindings.State, r *result) error {
	var state bindings.State
	err := c.interruptible(ctx, func() { state = fn() })
	if err == nil && state == bindings.StateError {
		err = failure(ctx, bindings.ResultError(&r.handle))
	}
	if err != nil {
		r.close()
	}
	return err
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
