package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// rate is an amount per second.
type rate struct {
	value float64
	unit  string
}

// table has the best rate of each server in each phase.
type table struct {
	servers []string
	phases  []string
	best    map[[2]string]rate
}

func newTable(servers []*server) *table {
	t := &table{best: map[[2]string]rate{}}
	for _, s := range servers {
		t.servers = append(t.servers, s.name)
	}
	for _, p := range phases() {
		t.phases = append(t.phases, p.name)
	}
	return t
}

func (t *table) record(phase, server string, r rate) {
	at := [2]string{phase, server}
	if r.value > t.best[at].value {
		t.best[at] = r
	}
}

// print writes the rates, and how many times faster the first two servers, the
// sandbox in memory and in a folder, are than each of the others.
func (t *table) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := "phase\tunit"
	for _, server := range t.servers {
		line += "\t" + server
	}
	for _, other := range t.servers[2:] {
		line += "\t× " + other + "\t× " + other + " (--dir)"
	}
	_, err := fmt.Fprintln(out, line)
	for _, phase := range t.phases {
		line := phase + "\t" + t.best[[2]string{phase, t.servers[0]}].unit
		for _, server := range t.servers {
			line += fmt.Sprintf("\t%.0f", t.best[[2]string{phase, server}].value)
		}
		for _, other := range t.servers[2:] {
			against := t.best[[2]string{phase, other}].value
			for _, own := range t.servers[:2] {
				line += fmt.Sprintf("\t%.2f", t.best[[2]string{phase, own}].value/against)
			}
		}
		if err == nil {
			_, err = fmt.Fprintln(out, line)
		}
	}
	if err != nil {
		return err
	}
	return out.Flush()
}
