package arrival_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/arrival"
)

func TestKeySpan(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		keys           []string
		prefix, suffix string
	}{
		"none":                        {nil, "", ""},
		"one":                         {[]string{"in/a.csv"}, "in/a.csv", "in/a.csv"},
		"a folder":                    {[]string{"in/a/1.csv", "in/a/2.csv"}, "in/a/", ".csv"},
		"one within another":          {[]string{"in/a", "in/a/2"}, "in/a", ""},
		"nothing":                     {[]string{"a", "b"}, "", ""},
		"characters of several bytes": {[]string{"\u00e9", "\u00e8", "\u0129"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got arrival.KeySpan
			for _, key := range tt.keys {
				got.Add(arrival.KeySpan{Events: 1, Prefix: key, Suffix: key})
			}
			want := arrival.KeySpan{Events: int64(len(tt.keys)), Prefix: tt.prefix, Suffix: tt.suffix}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
