package console

// policiesSamples returns the pages in each of their states.
func policiesSamples() []fixture {
	judged := func(name string, form policyForm) fixture {
		answer, err := form.ask()
		if err != nil {
			panic(err) // a fixture that cannot be made
		}
		return sampleOf(name, "policies", &policiesPage{
			shell: shellOf("Policies", "/policies"), Form: form, Check: checkPolicy(form), Answer: answer,
			Examples: policyExamples(), Actions: []string{"s3:GetObject"},
		})
	}
	fixtures := []fixture{
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
		least := &leastPage{shell: shellOf("The least policy", "/policies"), Form: form.filled()}
		var err error
		least.Least, err = least.Form.write()
		least.Problem = viewProblem(err)
		fixtures = append(fixtures, sampleOf("policies-least-"+name, "policies_least", least))
	}
	for _, e := range policyExamples() {
		text, err := e.document()
		if err != nil {
			panic(err) // as above
		}
		fixtures = append(fixtures, judged("policies-"+e.ID,
			policyForm{Kind: e.Kind, Document: text, Question: e.Question}))
	}
	return fixtures
}
