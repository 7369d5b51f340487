package delivery

import (
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Target has the datasets and keys of a request's path. Each part may be a list.
type Target struct {
	Datasets string // names or IDs
	Keys     string // empty: every key
	Subkeys  string
}

// pair is one key of one dataset; nil means all keys.
type pair struct {
	plan        int // the dataset's place in the request
	key, subkey *string
}

// split returns the datasets of a target, in order, and its pairs: ordered by
// dataset, then by key.
func (t Target) split(separator string) (datasets []string, pairs []pair, err error) {
	datasets = strings.Split(t.Datasets, separator)
	keys, subkeys := parts(t.Keys, separator), parts(t.Subkeys, separator)
	if n := len(datasets) * len(keys) * len(subkeys); len(datasets) > MaxPairs || len(keys) > MaxPairs ||
		len(subkeys) > MaxPairs || n > MaxPairs {
		return nil, nil, problem.New(problem.TooLarge, "The request names more than %d pairs of a key and a dataset.",
			MaxPairs).
			WithHint("Split it into several requests.")
	}
	pairs = make([]pair, 0, len(datasets)*len(keys)*len(subkeys))
	for i := range datasets {
		for _, key := range keys {
			for _, subkey := range subkeys {
				pairs = append(pairs, pair{i, key, subkey})
			}
		}
	}
	return datasets, pairs, nil
}

// parts splits a part of a path. An empty part means everything.
func parts(text, separator string) []*string {
	if text == "" {
		return []*string{nil}
	}
	texts := strings.Split(text, separator)
	list := make([]*string, len(texts))
	for i := range texts {
		list[i] = &texts[i]
	}
	return list
}
