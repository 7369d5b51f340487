package console

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// loadsSamples returns the pages in each of their states.
func loadsSamples() []fixture {
	doneLoad := fixtureLoads()[1]
	doneLoad.Rejected = 3
	doneLoad.Unread = []load.Problem{{
		Key:    "flights/broken.parquet",
		Reason: "The footer is missing: the file was cut off.",
	}}
	doneLoad.Notes = []string{"The column “delay” was read as number: 3 of the first 1,000 values have a fraction."}
	return []fixture{
		sampleOf("loads-empty", "loads", &loadsPage{shell: shellOf("Loads", "/loads")}),
		sampleOf("loads", "loads", &loadsPage{shell: shellOf("Loads", "/loads"), Loads: fixtureLoads()}),
		sampleOf("load-running", "load", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[0],
		}),
		sampleOf("load-done", "load", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}), Load: doneLoad,
			Rejects: []dataset.Rejected{{
				Object: "sales/2026/01/01.csv.gz", Line: 418, Column: "units", Value: "twelve",
				Reason: "“twelve” is no integer",
			}, {
				Object: "sales/2026/01/09.csv.gz", Line: 7,
				Reason: "the line has 5 fields, the header 4",
			}},
		}),
		sampleOf("load-queued", "load", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load: loadView{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES",
				CreatedAt: fixtureTime,
			},
		}),
		sampleOf("load-failed", "load", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[2],
		}),
	}
}
