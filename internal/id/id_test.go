package id_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/id"
)

// TestNew checks the form, that identifiers sort by time, and that two of one moment differ.
func TestNew(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var made []string
	for i := range 100 {
		made = append(made, id.New("ds", start.Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(made) {
		t.Errorf("not in the order of time: %v", made)
	}
	for _, s := range made {
		if !id.Has(s, "ds") || id.Has(s, "int") {
			t.Errorf("%q isn't an identifier of a dataset alone", s)
		}
	}
	if a, b := id.New("ds", start), id.New("ds", start); a == b {
		t.Errorf("%q twice", a)
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	good := id.New("ds", time.Unix(0, 0))
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"an identifier":    {good, true},
		"another prefix":   {strings.Replace(good, "ds_", "src_", 1), false},
		"no prefix":        {good[3:], false},
		"too short":        {good[:len(good)-1], false},
		"too long":         {good + "0", false},
		"upper case":       {"ds_" + strings.ToUpper(good[3:]), strings.ToUpper(good[3:]) == good[3:]},
		"another alphabet": {"ds_" + strings.Repeat("u", 26), false},
		"empty":            {"", false},
	} {
		if got := id.Has(tt.text, "ds"); got != tt.want {
			t.Errorf("%s: %q is %t", name, tt.text, got)
		}
	}
}

func TestHex(t *testing.T) {
	t.Parallel()
	made := id.New("load", time.Unix(1_700_000_000, 0))
	digits := id.Hex(made)
	if back, ok := id.FromHex("load", strings.ToUpper(digits)); len(digits) != 32 || back != made || !ok {
		t.Errorf("%s becomes %s and then %s", made, digits, back)
	}
	for _, text := range []string{"", "load_", "load_x", made[:len(made)-1]} {
		if got := id.Hex(text); got != "" {
			t.Errorf("%q becomes %s", text, got)
		}
	}
	for _, text := range []string{"", "0", strings.Repeat("g", 32), digits + "00"} {
		if got, ok := id.FromHex("load", text); ok {
			t.Errorf("%q becomes %s", text, got)
		}
	}
}
