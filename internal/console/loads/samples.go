package loads

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	doneLoad := sample.Loads()[1]
	doneLoad.Rejected, doneLoad.Outcome = 3, load.Partial
	doneLoad.Reasons = map[dataset.RejectCode]int64{dataset.WrongType: 2, dataset.FieldCount: 1}
	doneLoad.Unread = []load.Problem{{
		Key:    "flights/broken.parquet",
		Reason: "The footer is missing: the file was cut off.",
		Code:   "damaged",
	}}
	doneLoad.Notes = []string{"The column “delay” was read as number: 3 of the first 1,000 values have a fraction."}
	return []sample.Page{
		sample.New("loads-empty", "loads/loads", &loadsPage{Frame: sample.Frame("Loads", "/loads")}),
		sample.New("loads", "loads/loads", sampleLoads(loadFilter{}, sample.Loads())),
		sample.New("loads-none-match", "loads/loads", sampleLoads(loadFilter{State: "failed", Period: "24h"}, nil)),
		sample.New("load-running", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load:  sample.Loads()[0],
		}),
		sample.New("load-done", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}), Load: doneLoad,
			Reasons: doneLoad.RejectReasons(""), Chosen: 3, CanReload: true,
			Rejects: []dataset.Rejected{{
				Object: "sales/2026/01/01.csv.gz", Line: 418, Column: "units", Value: "twelve",
				Reason: "“twelve” isn’t an integer",
			}, {
				Object: "sales/2026/01/09.csv.gz", Line: 7,
				Reason: "the line has 5 fields, the header has 4", Raw: "2026-01-09,north,12,4.50,x",
			}},
		}),
		sample.New("load-queued", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load: view.Load{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES",
				CreatedAt: sample.Time,
			},
		}),
		sample.New("load-waiting", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load: view.Load{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES", CreatedAt: sample.Time,
				Waits: 2, NextAttempt: sample.Time.Add(2 * time.Minute), Code: "unavailable",
				Problem: &page.Problem{Message: "AWS asked to slow down: SlowDown (503) from GetObject."},
			},
		}),
		sample.New("load-nothing", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load: view.Load{
				ID: "load_1", State: "loaded", Outcome: load.Nothing, Known: 48, Source: "Sales exports",
				Dataset:     "SALES",
				DatasetPath: "/datasets/SALES", CreatedAt: sample.Time, Took: 310 * time.Millisecond,
			},
		}),
		sample.New("load-failed", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load:  sample.Loads()[2],
		}),
	}
}

// sampleLoads is the list of the loads that a filter selects.
func sampleLoads(filter loadFilter, loads []view.Load) *loadsPage {
	p := &loadsPage{
		Frame: sample.Frame("Loads", root), Filter: filter, Loads: loads, States: states,
		Sources: sourceOptions(map[string]string{"src_1": "sales"}),
	}
	for _, period := range periods {
		p.Periods = append(p.Periods, period.Option)
	}
	return p
}
