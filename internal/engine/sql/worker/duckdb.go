//go:build cgo

package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"
	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/statement"
)

// duckdb is an instance in memory with one connection.
type duckdb struct {
	database   bindings.Database
	connection bindings.Connection
}

// openDuckDB opens an instance without extensions and secrets.
func openDuckDB(memoryBytes int64, threads int) (*duckdb, error) {
	var config bindings.Config
	if bindings.CreateConfig(&config) == bindings.StateError {
		return nil, internal("DuckDB has no configuration")
	}
	defer bindings.DestroyConfig(&config)
	for _, setting := range [][2]string{
		{"errors_as_json", "true"},
		{"memory_limit", strconv.FormatInt(memoryBytes, 10) + "B"},
		{"threads", strconv.Itoa(threads)},
		{"temp_directory", ""},
		{"autoload_known_extensions", "false"},
		{"autoinstall_known_extensions", "false"},
		{"allow_community_extensions", "false"},
		{"allow_unsigned_extensions", "false"},
		{"allow_persistent_secrets", "false"},
		{"enable_external_file_cache", "false"},
	} {
		if bindings.SetConfig(config, setting[0], setting[1]) == bindings.StateError {
			return nil, internal("DuckDB doesn't accept the setting %s", setting[0])
		}
	}
	d := &duckdb{}
	var message string
	if bindings.OpenExt(":memory:", &d.database, config, &message) == bindings.StateError {
		return nil, internal("opening DuckDB: %s", message)
	}
	if bindings.Connect(d.database, &d.connection) == bindings.StateError {
		return nil, internal("connecting to DuckDB")
	}
	return d, d.run("SET TimeZone = 'UTC'")
}

func (d *duckdb) close() {
	bindings.Disconnect(&d.connection)
	bindings.Close(&d.database)
}

// run runs the worker's own statements.
func (d *duckdb) run(statements ...string) error {
	for _, s := range statements {
		var r bindings.Result
		state := bindings.Query(d.connection, s, &r)
		message := bindings.ResultError(&r)
		bindings.DestroyResult(&r)
		if state == bindings.StateError {
			return setupFault(s, message)
		}
	}
	return nil
}

// parse returns the tree of a statement, as JSON.
func (d *duckdb) parse(text string) ([]byte, error) {
	p, err := d.prepare("SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR)) AS VARCHAR)")
	if err != nil {
		return nil, err
	}
	defer p.close()
	if bindings.BindVarcharLength(p.statement, 1, text, bindings.IdxT(len(text))) == bindings.StateError {
		return nil, internal("binding the statement")
	}
	if err := p.start(); err != nil {
		return nil, err
	}
	chunk := bindings.FetchChunk(p.result)
	if chunk.Ptr == nil {
		return nil, faultOf(bindings.ResultError(&p.result))
	}
	defer bindings.DestroyDataChunk(&chunk)
	data := bindings.VectorGetData(bindings.DataChunkGetVector(chunk, 0))
	return []byte(bindings.StringTData((*bindings.StringT)(data))), nil
}

// addViews creates the tables that the statement may name, in the default schema
// and in one named after the workspace.
func (d *duckdb) addViews(job *sql.Job) error {
	for _, schema := range schemasOf(job)[1:] {
		if err := d.run("CREATE SCHEMA " + identifier(schema)); err != nil {
			return err
		}
	}
	for _, v := range job.Views {
		if err := d.addView(job, v.Name, v.Select); err != nil {
			return err
		}
	}
	return nil
}

// schemasOf returns the schemas of the tables: the default one, and the one
// named after the workspace.
func schemasOf(job *sql.Job) []string {
	if name := strings.ToLower(job.Workspace); name == "" || isTaken(name) {
		return []string{"main"}
	}
	return []string{"main", job.Workspace}
}

func (d *duckdb) addView(job *sql.Job, name, query string) error {
	for _, schema := range schemasOf(job) {
		if err := d.run("CREATE VIEW " + identifier(schema) + "." + identifier(name) + " AS " + query); err != nil {
			return err
		}
	}
	return nil
}

// addStored creates a view for a stored statement, and checks the statement again.
func (d *duckdb) addStored(job *sql.Job, view *engine.SQLView) error {
	tree, err := d.parse(view.Text)
	if err != nil {
		return err
	}
	names, err := statement.Check(tree, 0)
	if err == nil {
		var written statement.Constants
		written, err = statement.Write(view.Text, view.Parameters, names.Uses)
		if err == nil {
			return d.addView(job, view.Name, written.Text)
		}
	}
	var fault *sql.StatementError
	if errors.As(err, &fault) { // its position is in another text
		return invalid(fault.Reason, "The view "+view.Name+": "+fault.Message, fault.Hint)
	}
	return err
}

// isTaken reports whether DuckDB has a schema or catalog with a name.
func isTaken(name string) bool {
	switch name {
	case "main", "temp", "system", "memory", "information_schema", "pg_catalog", sql.DeletesSchema:
		return true
	default:
		return false
	}
}

// addDeletes creates a table with the deleted positions of a file.
func (d *duckdb) addDeletes(deletes *sql.Deletes) error {
	positions := roaring.New()
	if _, err := positions.ReadFrom(bytes.NewReader(deletes.Bitmap)); err != nil {
		return err
	}
	if err := d.run("CREATE TABLE " + sql.DeletesSchema + "." + deletes.Table + "(pos BIGINT)"); err != nil {
		return err
	}
	var appender bindings.Appender
	defer bindings.AppenderDestroy(&appender)
	if bindings.AppenderCreate(d.connection, sql.DeletesSchema, deletes.Table, &appender) == bindings.StateError {
		return faultOf(bindings.AppenderError(appender))
	}
	bigint := bindings.CreateLogicalType(bindings.TypeBigInt)
	defer bindings.DestroyLogicalType(&bigint)
	chunk := bindings.CreateDataChunk([]bindings.LogicalType{bigint})
	defer bindings.DestroyDataChunk(&chunk)
	rows := positions.Iterator()
	for rows.HasNext() {
		bindings.DataChunkReset(chunk)
		data := bindings.VectorGetData(bindings.DataChunkGetVector(chunk, 0))
		values := unsafe.Slice((*int64)(data), vectorSize()) //nolint:gosec // the size of a vector
		n := 0
		for ; n < len(values) && rows.HasNext(); n++ {
			values[n] = int64(rows.Next())
		}
		bindings.DataChunkSetSize(chunk, bindings.IdxT(n))
		if bindings.AppendDataChunk(appender, chunk) == bindings.StateError {
			return faultOf(bindings.AppenderError(appender))
		}
	}
	if bindings.AppenderClose(appender) == bindings.StateError {
		return faultOf(bindings.AppenderError(appender))
	}
	return nil
}

// vectorSize returns the maximum number of rows of a vector.
func vectorSize() int { return int(bindings.VectorSize()) } //nolint:gosec // 2048

// setupFault returns the fault of one of the worker's own statements. Its message
// is for the log, unless memory ran out.
func setupFault(statement, message string) error {
	f := faultOf(message)
	if f.Reason == memoryReason {
		return f
	}
	if len(statement) > 200 {
		statement = statement[:200]
	}
	return internal("%s: %s", statement, message)
}

func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = literal(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// duckError is an error of DuckDB's as JSON.
type duckError struct {
	Type     string `json:"exception_type"`
	Message  string `json:"exception_message"`
	Position string `json:"position"`
	Subtype  string `json:"error_subtype"`
}

func parseError(text string) (e duckError) {
	if json.Unmarshal([]byte(text), &e) != nil || e.Message == "" {
		e = duckError{Message: text}
		if kind, message, ok := strings.Cut(text, " Error: "); ok {
			e.Type, e.Message = kind, message
		}
	}
	return e
}
