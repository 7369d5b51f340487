package loads

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	doneLoad := sample.Loads()[1]
	doneLoad.Rejected = 3
	doneLoad.Unread = []load.Problem{{
		Key:    "flights/broken.parquet",
		Reason: "The footer is missing: the file was cut off.",
	}}
	doneLoad.Notes = []string{"The column “delay” was read as number: 3 of the first 1,000 values have a fraction."}
	return []sample.Page{
		sample.New("loads-empty", "loads/loads", &loadsPage{Frame: sample.Frame("Loads", "/loads")}),
		sample.New("loads", "loads/loads", &loadsPage{Frame: sample.Frame("Loads", "/loads"), Loads: sample.Loads()}),
		sample.New("load-running", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load:  sample.Loads()[0],
		}),
		sample.New("load-done", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}), Load: doneLoad,
			Rejects: []dataset.Rejected{{
				Object: "sales/2026/01/01.csv.gz", Line: 418, Column: "units", Value: "twelve",
				Reason: "“twelve” is no integer",
			}, {
				Object: "sales/2026/01/09.csv.gz", Line: 7,
				Reason: "the line has 5 fields, the header 4",
			}},
		}),
		sample.New("load-queued", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load: view.Load{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES",
				CreatedAt: sample.Time,
			},
		}),
		sample.New("load-failed", "loads/load", &loadPage{
			Frame: sample.Frame("Load", "/loads", page.Crumb{Name: "Loads", Path: "/loads"}),
			Load:  sample.Loads()[2],
		}),
	}
}
