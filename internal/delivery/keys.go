package delivery

import (
	"cmp"
	"context"
	"math"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// MaxKeys is the maximum number of keys in an inventory.
const MaxKeys = 10_000

// KeysRequest is a request for the keys of a dataset or, with Key, for the
// subkeys of a key.
type KeysRequest struct {
	Dataset     string // name or ID
	Key, Subkey string // empty: every one
	Limit       int    // 0: MaxKeys
	Offset      int
}

// KeyCount is a key or subkey, and its number of rows.
type KeyCount struct {
	Key    string
	Subkey string // empty unless subkeys were requested
	Rows   int64
}

// Keys counts the rows of each key, or of each subkey of a key, in the order of
// the index.
func (s *Service) Keys(ctx context.Context, actor access.Actor, workspace string, request KeysRequest) (
	counted []KeyCount, err error,
) {
	found, read, err := s.find(ctx, actor, access.DataRead, workspace, request.Dataset)
	if err != nil {
		return nil, err
	}
	index := found.Schema.Index
	var columns []string
	switch {
	case found.View != nil:
		return nil, problem.New(problem.Invalid, "%s is a view, whose keys aren't listed.", found.Name)
	case index.Key == "":
		return nil, problem.New(problem.Invalid, "The dataset %s has no key.", found.Name)
	case request.Key == "":
		columns = []string{index.Key}
	case index.Subkey == "":
		columns = []string{index.Key}
	default:
		columns = []string{index.Key, index.Subkey}
	}
	if err := read.Wait(); err != nil {
		return nil, err
	}
	defer func() { read.Done(int64(len(counted)), 0) }()
	rows, err := s.config.Rows.Scan(ctx, found.ID, found.Schema, columns, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // opened for reading
	return countKeys(ctx, rows, request)
}

// countKeys counts runs of equal values.
func countKeys(ctx context.Context, rows engine.Rows, request KeysRequest) ([]KeyCount, error) {
	most := min(cmp.Or(request.Limit, MaxKeys), MaxKeys)
	counted, skip := []KeyCount{}, request.Offset
	var last KeyCount
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch, err := rows.Next()
		if err != nil {
			return nil, err
		}
		for i := range rowsOf(batch) {
			key := keyOf(batch, i)
			if request.Key != "" && key.Key != request.Key || request.Subkey != "" && key.Subkey != request.Subkey {
				continue
			}
			if last.Rows > 0 && (key.Key != last.Key || key.Subkey != last.Subkey) {
				counted, skip = addKey(counted, skip, last)
				last = KeyCount{}
			}
			if len(counted) == most {
				return counted, nil
			}
			last = KeyCount{key.Key, key.Subkey, last.Rows + 1}
		}
		if batch == nil {
			if last.Rows > 0 {
				counted, _ = addKey(counted, skip, last)
			}
			return counted, nil
		}
	}
}

func rowsOf(batch *dataset.Batch) int {
	if batch == nil {
		return 0
	}
	return batch.Rows
}

func addKey(counted []KeyCount, skip int, last KeyCount) ([]KeyCount, int) {
	if skip > 0 {
		return counted, skip - 1
	}
	return append(counted, last), 0
}

func keyOf(batch *dataset.Batch, i int) KeyCount {
	var texts [2]string
	for j := range batch.Vectors {
		if !batch.Vectors[j].Nulls[i] {
			texts[j] = string(rowtext.AppendText(nil, &batch.Vectors[j], i))
		}
	}
	return KeyCount{Key: texts[0], Subkey: texts[1]}
}
