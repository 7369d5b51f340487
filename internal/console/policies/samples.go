package policies

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	judged := func(name string, form policyForm) sample.Page {
		p := &policiesPage{
			Frame: sample.Frame("Policies", "/policies"), Form: form, Check: checkPolicy(form),
			Examples: policyExamples(), Actions: []string{"s3:GetObject"},
		}
		var err error
		p.Answer, err = form.ask()
		p.Problem = page.ProblemOf(err)
		return sample.New(name, "policies/policies", p)
	}
	samples := []sample.Page{
		judged("policies-empty", policyForm{}),
		judged("policies-unanswered", policyForm{Document: "{", Question: question{Action: "s3:*", Context: "x"}}),
	}
	for name, form := range map[string]leastForm{
		"empty": {}, "permission": {Locations: "s3://acme-data/reports/\ns3://acme-in/daily/", Access: "readwrite"},
		"session": {Locations: "s3://acme-data/reports/", As: asSession},
		"bucket":  {Locations: "s3://acme-data/", As: asBucket}, "terraform": {
			Locations: "s3://acme-data/reports/",
			Format:    "terraform",
		},
	} {
		least := &leastPage{Frame: sample.Frame("The least policy", "/policies"), Form: form.filled()}
		var err error
		least.Least, err = least.Form.write()
		least.Problem = page.ProblemOf(err)
		samples = append(samples, sample.New("policies-least-"+name, "policies/least", least))
	}
	for _, e := range policyExamples() {
		text, _ := e.document() // a test reads each of them
		samples = append(samples, judged("policies-"+e.ID,
			policyForm{Kind: e.Kind, Document: text, Question: e.Question}))
	}
	return samples
}
