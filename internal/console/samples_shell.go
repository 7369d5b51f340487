package console

import (
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// shellSamples returns the pages in each of their states.
func shellSamples() []fixture {
	sales := sourcesCrumbs(crumb{Name: "Sales exports"})
	return []fixture{
		bareSample("error", "error", &errorPage{
			Title: "Not found", Status: 404, Message: "There is no such page.",
			Hint:      "It may have been removed, or belong to another workspace.",
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}),
		sampleOf("remove", "remove", &removePage{
			shell: shellOf("Remove AWS integration", "/sources/credentials",
				sales...), Question: "Remove the AWS integration Sales exports?",
			Verb: "Remove AWS integration", Action: "/x", Back: "/sources/credentials",
			Summary: "1 source and 1 dataset stop.", Confirm: "Sales exports",
			Stops: []stopView{
				{"folder-open", "Sales exports", "source: can’t load any more"},
				{"table-2", "SALES", "dataset: keeps its rows, gets no new ones"},
			},
			Keeps: "Rows that are loaded stay. For 24 hours the removal can be undone.",
		}),
		sampleOf("remove-unused", "remove", &removePage{
			shell: shellOf("Remove access key", "/sources/credentials",
				sales...), Question: "Remove the access key “legacy”?", Verb: "Remove access key",
			Action: "/x",
			Back:   "/sources/credentials", Confirm: "legacy",
			Keeps: "This can’t be undone. The key itself lives on in AWS until you delete it there.",
		}),
		sampleOf("remove-dataset", "remove", fixtureDatasetRemoval("", nil)),
		sampleOf("remove-dataset-mistyped", "remove", fixtureDatasetRemoval("STOCK", confirmProblem(
			&impact.UnconfirmedError{
				Problem: problem.New(problem.Conflict, "x"),
				Impact:  impact.Impact{Confirm: "STOCKS"},
			}, "STOCK"))),
		sampleOf("remove-token", "remove", &removePage{
			shell: shellOf("Revoke dashboard", "/tokens",
				crumb{"API tokens", "/tokens"}), Question: "Revoke the token “dashboard”?", Verb: "Revoke token",
			Icon: "ban", Action: "/x", Back: "/tokens", Summary: "1 token stops.", Confirm: "dashboard",
			Stops: viewStops([]impact.Stop{{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: fixtureTime}}),
			Keeps: "Apps that use it get 401 at once. This can’t be undone.",
		}),
		sampleOf("rotation-complete", "remove", &removePage{
			shell: shellOf("Use the new External ID",
				"/sources/credentials", sales...), Question: "Use the new External ID of “Sales exports”?",
			Verb: "Use the new External ID", Icon: "check", Action: "/x", Back: "/x", Summary: "1 External ID stops.",
			Confirm: "Sales exports", Stops: viewStops([]impact.Stop{{
				Kind: "external_id",
				Name: "0123456789abcdef0123456789abcdef",
			}}),
			Keeps: "First Windlass checks that the role accepts the new External ID. If it doesn’t, nothing changes.",
		}),
		sampleOf("refused", "refused", &refusedPage{
			shell: shellOf("Forbidden", ""), Status: 403, Message: "You can't do this: member.create is not allowed.",
			Hint: "Your role is editor. An admin may do this for members with a lower role, an owner for everybody.",
			Ask:  []string{"ada@example.com"}, RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}),
	}
}

func fixtureDatasetRemoval(typed string, rejection *problemView) *removePage {
	stops := []impact.Stop{
		{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: fixtureTime},
		{Kind: "token", ID: "tok_2", Name: "site"},
		{Kind: "load", ID: "load_1", Name: "STOCKS"},
	}
	p := &removePage{
		shell:    shellOf("Delete STOCKS", "/datasets", crumb{"Datasets", "/datasets"}),
		Question: "Delete the dataset “STOCKS”?", Verb: "Delete dataset",
		Action: "/x", Back: "/datasets", Summary: "2 tokens and 1 load stop, and 1,200 rows are deleted.",
		Confirm: "STOCKS", Type: true, Typed: typed, Stops: viewStops(stops),
		Keeps: "Objects in your bucket stay, and for 24 hours you can restore the dataset with its rows.",
	}
	p.Problem = rejection
	return p
}
