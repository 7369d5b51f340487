package manifest_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

func TestIndexOf(t *testing.T) {
	for _, test := range []struct {
		name  string
		index dataset.Index
		want  manifest.Index
	}{
		{"no index", dataset.Index{}, manifest.Index{}},
		{"key", dataset.Index{Key: "station"}, manifest.Index{Key: "station"}},
		{
			"key, subkey and date",
			dataset.Index{Key: "station", Subkey: "sensor", Date: "day", Unique: true},
			manifest.Index{Key: "station", Subkey: "sensor", Date: "day"},
		},
	} {
		if got := manifest.IndexOf(dataset.Schema{Index: test.index}); got != test.want {
			t.Errorf("%s: the index is %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestBoundsOverlap(t *testing.T) {
	bounds := manifest.Bounds{MinKey: []byte("b"), MaxKey: []byte("d")}
	for _, test := range []struct {
		low, high string
		want      bool
	}{
		{"a", "a", false},
		{"a", "b", true},
		{"a", "z", true},
		{"c", "c", true},
		{"d", "z", true},
		{"d\x00", "z", false},
		{"", "", false},
	} {
		if got := bounds.Overlap([]byte(test.low), []byte(test.high)); got != test.want {
			t.Errorf("b to d overlap %q to %q: %t, want %t", test.low, test.high, got, test.want)
		}
	}
	unknown := manifest.Bounds{}
	if !unknown.Overlap([]byte("a"), []byte("b")) {
		t.Error("a segment without bounds may have any row, and yet it overlaps nothing")
	}
}
