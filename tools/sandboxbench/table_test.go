package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableKeepsTheBestRates(t *testing.T) {
	t.Parallel()
	table := &table{
		servers: []string{"memory", "folder", "other"}, phases: []string{"put"}, best: map[[2]string]rate{},
	}
	for server, values := range map[string][]float64{"memory": {300, 400, 100}, "folder": {200}, "other": {50, 100}} {
		for _, value := range values {
			table.record("put", server, rate{value: value, unit: "objects/s"})
		}
	}
	var out strings.Builder
	if err := table.print(&out); err != nil {
		t.Fatal(err)
	}
	want := "phase  unit       memory  folder  other  × other  × other (--dir)\n" +
		"put    objects/s  400     200     100    4.00     2.00\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
