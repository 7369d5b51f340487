package demo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
)

func TestDatasetNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ keys, want []string }{
		"stems":            {[]string{"shared/levels.csv.gz", "shared/wells.csv"}, []string{"levels", "wells"}},
		"equal stems":      {[]string{"a/levels.csv", "b/Levels.json"}, []string{"levels_csv", "Levels_json"}},
		"other characters": {[]string{"a/pump tests-2.csv", "größe.csv"}, []string{"pump_tests_2", "gr__e"}},
		"no keys":          {nil, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, datasetNames(tt.keys)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestQuotePattern(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"shared/a.csv": "shared/a.csv",
		"a*b?c":        `a\*b\?c`,
		`[x]{y,z}\n`:   `\[x\]\{y,z\}\\n`,
		"größe/日本.csv": "größe/日本.csv",
	} {
		if got := quotePattern(key); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

func TestIndexOf(t *testing.T) {
	t.Parallel()
	for want, index := range map[string]client.Index{
		"no index":                              {},
		"key well":                              {Key: "well"},
		"key well, subkey level, date measured": {Key: "well", Subkey: "level", Date: "measured"},
	} {
		if got := indexOf(index); got != want {
			t.Errorf("%+v: got %q, want %q", index, got, want)
		}
	}
}

func TestSampleIsReproducible(t *testing.T) {
	t.Parallel()
	first, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	second, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	bodies := func(files []file) map[string]string {
		all := map[string]string{}
		for _, f := range files {
			all[f.name] = string(f.body)
		}
		return all
	}
	got := bodies(first)
	if diff := cmp.Diff(got, bodies(second)); diff != "" {
		t.Errorf("(-first +second)\n%s", diff)
	}
	for _, name := range []string{"wells.csv", "levels.csv.gz", "tariffs.tsv", "quality.json", "flow.parquet"} {
		if got[name] == "" {
			t.Errorf("%s is missing or empty", name)
		}
	}
	if lines := strings.Count(got["wells.csv"], "\n"); lines != sampleWells+1 {
		t.Errorf("wells.csv has %d lines, want %d", lines, sampleWells+1)
	}
}

func TestStory(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mute bool
		want string
	}{
		"printed": {false, "\nPart 1\n  1  Create                             a bucket\n     line 1\n     line 2\n"},
		"mute":    {true, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			s := newStory(&out, tt.mute)
			s.head("Part %d", 1)
			s.did("Create", "a %s", "bucket")
			s.note("line 1\nline %d", 2)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
