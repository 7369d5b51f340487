package notify

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

type ruleCase struct {
	Events         []string
	Prefix, Suffix string
}

func (c ruleCase) rule() Rule {
	return Rule{Events: c.Events, Filter: &Filter{[]FilterRule{{"Prefix", c.Prefix}, {"suffix", c.Suffix}}}}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/filters.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Configurations []struct {
			Name, Want string
			Rules      []ruleCase
		}
		Deliveries []struct {
			Name, Event, Key string
			Rule             ruleCase
			Delivered        bool
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases.Configurations {
		var configuration Configuration
		for _, rule := range c.Rules {
			configuration.Queues = append(configuration.Queues, rule.rule())
		}
		if err := configuration.Check(); (err == nil) != (c.Want == "ok") {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Want)
		}
	}
	for _, c := range cases.Deliveries {
		configuration := Configuration{Queues: []Rule{c.Rule.rule()}}
		if err := configuration.Check(); err != nil {
			t.Fatal(err)
		}
		if got := configuration.Queues[0].matches(strings.TrimPrefix(c.Event, "s3:"), c.Key); got != c.Delivered {
			t.Errorf("%s: delivered is %v", c.Name, got)
		}
	}
}

func TestConfigurationFaults(t *testing.T) {
	t.Parallel()
	created := []string{"s3:ObjectCreated:*"}
	for name, c := range map[string]Configuration{
		"unknown event": {Queues: []Rule{{Events: []string{"s3:ObjectEaten:*"}}}},
		"no event":      {Queues: []Rule{{}}},
		"filter name":   {Queues: []Rule{{Events: created, Filter: &Filter{[]FilterRule{{"infix", "a"}}}}}},
		"two prefixes": {Queues: []Rule{{Events: created, Filter: &Filter{
			[]FilterRule{{"prefix", "a"}, {"Prefix", "b"}},
		}}}},
		"long value": {Queues: []Rule{{Events: created, Filter: &Filter{
			[]FilterRule{{"prefix", strings.Repeat("a", 1025)}},
		}}}},
		"same ID": {Queues: []Rule{
			{ID: "a", Events: created},
			{ID: "a", Events: []string{"s3:ObjectRemoved:*"}},
		}},
		"many rules": {Queues: make([]Rule, 101)},
		"a function": {Functions: make([]Rule, 1)},
	} {
		if err := c.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
