package home

import (
	"github.com/windlass-io/windlass/internal/console/sample"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	dark := sample.Frame("Home", "/")
	dark.Theme = "dark"
	return []sample.Page{
		sample.New("home-new", "home/home", &homePage{Frame: sample.Frame("Home", "/"), Steps: sampleSteps(0)}),
		sample.New("home-half", "home/home", &homePage{Frame: dark, Steps: sampleSteps(2), Loads: sample.Loads()[2:]}),
		sample.New("home", "home/home", &homePage{
			Frame: sample.Frame("Home", "/"), Steps: sampleSteps(4), Loads: sample.Loads(),
			Figures: []homeFigure{
				{"table-2", "Datasets", "14", "5.2 M rows", "/datasets"},
				{"shield-check", "Integrations", "1", "verified", "/sources/credentials"},
				{"folder-open", "Sources", "12", "all loading", "/sources/data"},
				{"fingerprint", "API tokens", "3", "1 secret", "/tokens"},
			},
			Attention: []attention{{
				"bad", "shield-alert", "Archive fails its verification.",
				"The role no longer lets Windlass in with the External ID.", "See what to change",
				"/sources/integrations/int_1",
			}},
		}),
	}
}

func sampleSteps(done int) []homeStep {
	steps := []homeStep{
		{
			Name: "Connect your bucket",
			Text: "Make an AWS integration: a role in your account that opens exactly the locations you declare.",
			Verb: "Create AWS integration",
			Path: "/sources/integrations/new",
		},
		{
			Name: "Name your data",
			Text: "Add a source: which objects, in which format. See a preview before anything is loaded.",
			Verb: "Add a source",
			Path: "/sources/data/new",
		},
		{
			Name: "Load it", Text: "Each object once; bad rows are set aside with their reason.", Verb: "Load now",
			Path: "/sources/data",
		},
		{
			Name: "Read it from an app", Text: "Make a token and try the example request.", Verb: "Create a token",
			Path: "/tokens",
		},
	}
	for i := range steps {
		switch {
		case i < done:
			steps[i].State = "done"
		case i == done:
			steps[i].State = "now"
		default:
			steps[i].State = "later"
		}
	}
	return steps
}
