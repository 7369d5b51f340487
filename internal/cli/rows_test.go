package cli_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/store"
)

// TestRowsCheck runs "windlass rows check" over a state with three rows, whole
// and damaged. "flip DIR" changes a byte in the middle of the file in a folder;
// a second time changes it back.
func TestRowsCheck(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/rows",
		Setup: func(env *testscript.Env) error {
			return keepRows(t.Context(), filepath.Join(env.WorkDir, "state"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status(t, noInput),
			"flip": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(flip(args[0]))
			},
		},
	})
}

// keepRows creates a state with a dataset of three rows.
func keepRows(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	state, err := store.Open(ctx, store.Config{DSN: filepath.Join(dir, "windlass.db")})
	if err != nil {
		return err
	}
	rows, err := segmenttest.OpenIn(ctx, dir, state)
	if err != nil {
		return errors.Join(err, state.Close())
	}
	return errors.Join(loadThree(ctx, rows), rows.Close(), state.Close())
}

func loadThree(ctx context.Context, rows engine.Engine) error {
	schema := dataset.Schema{
		Columns: []dataset.Column{{Name: "symbol", Type: dataset.String}}, Index: dataset.Index{Key: "symbol"},
	}
	l, err := rows.Begin(ctx, engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_prices", Schema: schema, Duplicates: engine.Ignore, Time: time.Unix(1, 0),
	})
	if err != nil {
		return err
	}
	symbols := dataset.NewVector(dataset.String, 3)
	for _, symbol := range []string{"AAPL", "MSFT", "NVDA"} {
		symbols.AppendBytes([]byte(symbol))
	}
	if err := l.Append(ctx, &dataset.Batch{Rows: 3, Vectors: []dataset.Vector{symbols}}); err != nil {
		return errors.Join(err, l.Rollback())
	}
	_, err = l.Commit(ctx, nil)
	return err
}

func flip(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil || len(files) != 1 {
		return errors.Join(errors.New("the folder doesn't have one file"), err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	content[30] ^= 0x40
	return os.WriteFile(files[0], content, 0o600)
}
