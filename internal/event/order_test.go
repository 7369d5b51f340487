package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/event"
)

type markCase struct {
	Via       event.Form
	Action    event.Action
	Sequencer string
}

func (c markCase) mark() event.Mark { return event.Mark{Form: c.Via, Sequencer: c.Sequencer} }

func TestCompare(t *testing.T) {
	t.Parallel()
	cases := readCases[struct {
		Pairs []struct {
			Name, Newer string
			A, B        markCase
		}
	}](t, "sequencers.json")
	words := map[string]event.Order{"a": event.Older, "b": event.Newer, "same": event.Same, "unknown": event.Unknown}
	for _, c := range cases.Pairs {
		if got := event.Compare(c.A.mark(), c.B.mark()); got != words[c.Newer] {
			t.Errorf("%s: %s, want %s", c.Name, got, words[c.Newer])
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	type waits struct {
		Action            event.Action
		Sequencer         string
		Duplicates, Stale int
	}
	cases := readCases[struct {
		Keys []struct {
			Name     string
			Arrivals []markCase
			Waits    waits
		}
	}](t, "order.json")
	for _, c := range cases.Keys {
		row := event.Waiting{Action: c.Arrivals[0].Action, Mark: c.Arrivals[0].mark()}
		got := waits{}
		for _, arrival := range c.Arrivals[1:] {
			var order event.Order
			row, order = event.Merge(row, arrival.Action, arrival.mark())
			switch order {
			case event.Same:
				got.Duplicates++
			case event.Older:
				got.Stale++
			case event.Newer, event.Unknown:
			}
		}
		got.Action, got.Sequencer = row.Action, row.Mark.Sequencer
		if diff := cmp.Diff(c.Waits, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Name, diff)
		}
	}
}

// The last event of a key is the waiting one in the end, in whatever order
// the events arrive.
func TestMergeForgetsTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arrivals := rapid.Permutation([]event.Waiting{
			{Action: event.Load, Mark: event.Mark{Form: event.S3, Sequencer: "01"}},
			{Action: event.Remove, Mark: event.Mark{Form: event.S3, Sequencer: "02"}},
			{Action: event.Load, Mark: event.Mark{Form: event.S3, Sequencer: "03"}},
			{Action: event.Remove, Mark: event.Mark{Form: event.S3, Sequencer: "04"}},
		}).Draw(t, "arrivals")
		row := arrivals[0]
		for _, next := range arrivals[1:] {
			row, _ = event.Merge(row, next.Action, next.Mark)
		}
		if row.Action != event.Remove || row.Mark.Sequencer != "04" {
			t.Errorf("waits %+v", row)
		}
	})
}
