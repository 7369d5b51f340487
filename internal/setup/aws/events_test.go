package aws_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

const (
	eventsQueue = "arn:aws:sqs:eu-central-1:222222222222:acme-windlass"
	eventsKey   = "arn:aws:kms:eu-central-1:222222222222:key/12345678-1234-1234-1234-123456789012"
)

func events(t *testing.T, route aws.EventRoute, changes ...func(*aws.Events)) aws.Events {
	t.Helper()
	permission, err := generate.PermissionPolicy(generate.Need{
		Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "in/"}},
		Queues: []generate.Queue{{ARN: eventsQueue}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := aws.Events{
		ID: "windlass-src_1", Route: route, QueueARN: eventsQueue, Bucket: "acme-data", BucketRegion: "eu-central-1",
		Account: "222222222222", Prefix: "in/it's `a`/", Suffix: ".csv", RoleARN: "arn:aws:iam::222222222222:role/windlass-acme",
		RoleName: "windlass-acme", Permission: permission, Partition: generate.AWS,
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func renderEvents(t *testing.T, format aws.Format, e aws.Events) string {
	t.Helper()
	text, err := aws.RenderEvents(format, e)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRenderEvents(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		for _, route := range []aws.EventRoute{aws.DirectEvents, aws.TopicEvents, aws.RuleEvents} {
			name := "events-" + string(format) + "-" + string(route)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e := events(t, route)
				if route == aws.TopicEvents {
					e.KMSKeyARN, e.Deletes, e.RoleARN = eventsKey, true, "arn:aws:iam::333333333333:role/windlass-acme"
				}
				text := renderEvents(t, format, e)
				golden(t, name, text)
				switch format {
				case aws.Terraform:
					if _, diagnostics := hclsyntax.ParseConfig([]byte(text), "main.tf", hclStart); diagnostics.HasErrors() {
						t.Error(diagnostics)
					}
				case aws.CloudFormation:
					var template yaml.Node
					if err := yaml.Unmarshal([]byte(text), &template); err != nil {
						t.Error(err)
					}
				case aws.JSON:
					value(t, []byte(text))
				case aws.CLI, aws.Console:
				}
			})
		}
	}
}

// A wildcard of an EventBridge pattern covers both the beginning and the end
// of a key.
func TestEventPatterns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ prefix, suffix, want string }{
		"all keys": {"", "", ""},
		"prefix":   {"in/", "", `[{"prefix":"in/"}]`},
		"suffix":   {"", ".csv", `[{"suffix":".csv"}]`},
		"both":     {`in/a*b\/`, ".csv", `[{"wildcard":"in/a\\*b\\\\/*.csv"}]`},
	} {
		text := renderEvents(t, aws.JSON, events(t, aws.RuleEvents, func(e *aws.Events) {
			e.Prefix, e.Suffix = tt.prefix, tt.suffix
		}))
		document := value(t, []byte(text)).(map[string]any)["event_pattern"].(map[string]any)
		detail := document["detail"].(map[string]any)
		if tt.want == "" {
			if detail["object"] != nil {
				t.Errorf("%s: %v", name, detail)
			}
			continue
		}
		got := detail["object"].(map[string]any)["key"]
		if diff := cmp.Diff(value(t, []byte(tt.want)), got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestEventRoutesThatCannotWork(t *testing.T) {
	t.Parallel()
	elsewhere := func(e *aws.Events) { e.BucketRegion = "us-east-1" }
	stranger := func(e *aws.Events) { e.Account = "333333333333" }
	for name, tt := range map[string]struct {
		events aws.Events
		want   string
	}{
		"direct, other region":     {events(t, aws.DirectEvents, elsewhere), "use the route sns"},
		"rule, other region":       {events(t, aws.RuleEvents, elsewhere), "the bucket's region"},
		"rule, other account":      {events(t, aws.RuleEvents, stranger), "account 333333333333"},
		"topic, other region":      {events(t, aws.TopicEvents, elsewhere), ""},
		"direct, other account":    {events(t, aws.DirectEvents, stranger), ""},
		"a route that there isn't": {events(t, "smtp"), "direct, sns and eventbridge"},
	} {
		_, err := aws.RenderEvents(aws.CLI, tt.events)
		var input *generate.InputError
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (!errors.As(err, &input) || !strings.Contains(input.Reason, tt.want)):
			t.Errorf("%s: got %v", name, err)
		}
	}
}
