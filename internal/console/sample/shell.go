package sample

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// Shell returns the pages in each of their states.
func Shell() []Page {
	sales := SourcesCrumbs(page.Crumb{Name: "Sales exports"})
	return []Page{
		Bare("error", "shell/error", &shell.ErrorPage{
			Title: "Not found", Status: 404, Message: "This page doesn’t exist.",
			Hint:      "It may have been removed, or belong to another workspace.",
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}),
		New("remove", "shell/remove", &shell.RemovePage{
			Frame: Frame("Remove AWS integration", "/sources/credentials",
				sales...), Question: "Remove the AWS integration Sales exports?",
			Verb: "Remove AWS integration", Action: "/x", Back: "/sources/credentials",
			Summary: "1 source and 1 dataset stop.", Confirm: "Sales exports",
			Stops: []page.Stop{
				{Icon: "folder-open", Name: "Sales exports", Text: "source: can’t load any more"},
				{Icon: "table-2", Name: "SALES", Text: "dataset: keeps its rows, gets no new ones"},
			},
			Keeps: "Loaded rows stay. You can undo the removal for 24 hours.",
		}),
		New("remove-unused", "shell/remove", &shell.RemovePage{
			Frame: Frame("Remove access key", "/sources/credentials",
				sales...), Question: "Remove the access key “legacy”?", Verb: "Remove access key",
			Action: "/x",
			Back:   "/sources/credentials", Confirm: "legacy",
			Keeps: "This can’t be undone. The key itself stays active in AWS until you delete it there.",
		}),
		New("remove-dataset", "shell/remove", datasetRemoval("", nil)),
		New("remove-dataset-mistyped", "shell/remove", datasetRemoval("STOCK", shell.ConfirmProblem(
			&impact.UnconfirmedError{
				Problem: problem.New(problem.Conflict, "x"),
				Impact:  impact.Impact{Confirm: "STOCKS"},
			}, "STOCK"))),
		New("remove-token", "shell/remove", &shell.RemovePage{
			Frame: Frame("Revoke dashboard", "/tokens",
				page.Crumb{Name: "API tokens", Path: "/tokens"}), Question: "Revoke the token “dashboard”?",
			Verb: "Revoke token",
			Icon: "ban", Action: "/x", Back: "/tokens", Summary: "1 token stops.", Confirm: "dashboard",
			Stops: page.StopsOf([]impact.Stop{{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: Time}}),
			Keeps: "Apps that use it get 401 at once. This can’t be undone.",
		}),
		New("rotation-complete", "shell/remove", &shell.RemovePage{
			Frame: Frame("Use the new External ID",
				"/sources/credentials", sales...), Question: "Use the new External ID of “Sales exports”?",
			Verb: "Use the new External ID", Icon: "check", Action: "/x", Back: "/x", Summary: "1 External ID stops.",
			Confirm: "Sales exports", Stops: page.StopsOf([]impact.Stop{{
				Kind: "external_id",
				Name: "0123456789abcdef0123456789abcdef",
			}}),
			Keeps: "Windlass first checks that the role accepts the new External ID. If it doesn’t, nothing changes.",
		}),
		New("refused", "shell/refused", &shell.RefusedPage{
			Frame: Frame("Forbidden", ""), Status: 403, Message: "You can't do this: member.create is not allowed.",
			Hint: "Your role is editor. An admin may do this for members with a lower role, an owner for everybody.",
			Ask:  []string{"ada@example.com"}, RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}),
	}
}

func datasetRemoval(typed string, rejection *page.Problem) *shell.RemovePage {
	stops := []impact.Stop{
		{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: Time},
		{Kind: "token", ID: "tok_2", Name: "site"},
		{Kind: "load", ID: "load_1", Name: "STOCKS"},
	}
	p := &shell.RemovePage{
		Frame:    Frame("Delete STOCKS", "/datasets", page.Crumb{Name: "Datasets", Path: "/datasets"}),
		Question: "Delete the dataset “STOCKS”?", Verb: "Delete dataset",
		Action: "/x", Back: "/datasets", Summary: "2 tokens and 1 load stop, and 1,200 rows are deleted.",
		Confirm: "STOCKS", Type: true, Typed: typed, Stops: page.StopsOf(stops),
		Keeps: "Objects in your bucket stay, and for 24 hours you can restore the dataset with its rows.",
	}
	p.Problem = rejection
	return p
}
