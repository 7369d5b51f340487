package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// EventRoute is the way of a bucket's events to a queue.
type EventRoute string

// The routes.
const (
	DirectEvents EventRoute = "direct"
	TopicEvents  EventRoute = "sns"
	RuleEvents   EventRoute = "eventbridge"
)

// Events are a queue that receives a bucket's events, and the role that reads it.
type Events struct {
	ID           string // of the rule in the bucket's configuration
	Route        EventRoute
	QueueARN     string
	KMSKeyARN    string // of the queue's key; may be empty
	SenderARN    string // of the topic or the rule; empty: named like the queue
	Bucket       string
	BucketRegion string // empty: the queue's
	Account      string // of the bucket
	Prefix       string // of the keys; may be empty
	Suffix       string
	Deletes      bool // deletions are sent, too
	RoleARN      string
	RoleName     string
	Permission   []byte // the role's permission policy, with the queue
	Partition    generate.Partition
}

// eventsPage is the data of the documents of a queue.
type eventsPage struct {
	Events
	Region, QueueAccount, QueueName string
	Sender                          string // ARN
	SenderName                      string
	QueuePolicy                     *tree
	TopicPolicy                     *tree // nil without a topic
	Pattern                         *tree // nil without a rule
	Access                          *tree // the role's permission policy
	Read                            *tree // only what concerns the queue
	Rule                            *tree // the member of the notification's configuration
	Names                           []string
	Notes                           []string
	steps                           int
}

// The settings of the queues.
const (
	deadSuffix     = "-dead"
	keepSeconds    = "1209600" // 14 days, the longest
	hideSeconds    = "60"
	waitSeconds    = "20"
	receives       = "10" // until a message goes to the dead-letter queue
	queuePolicyTag = "windlass-queue"
)

const (
	accountNote = "The policies name %s as the account that owns the bucket. Change aws:SourceAccount if it is another one."
	retryNote   = "S3 refuses the notification until the policies have propagated. If it does, repeat the last step " +
		"after a minute."
	queueKeyNote = "The key %s must allow %s to call kms:GenerateDataKey and kms:Decrypt, and the role to call kms:Decrypt, " +
		"in its key policy."
	crossNote = "The queue is in another account than the topic: confirm the subscription with the command that windlass " +
		"source events show prints."
)

// RenderEvents returns what a customer pastes or runs to set up a queue, in a
// format. The text ends with a newline. The error for a setup that can't work is a
// [*generate.InputError].
func RenderEvents(format Format, events Events) (string, error) {
	p, err := events.page()
	if err != nil {
		return "", err
	}
	switch format {
	case JSON:
		return p.json(), nil
	case Terraform:
		text, err := execute("events.tf", p)
		return formattedText(text), err
	case CloudFormation:
		return execute("events.yaml", p)
	case CLI:
		return execute("events.sh", p)
	case Console:
		return execute("events.md", p)
	}
	return "", invalid("format", string(format), "the formats are json, terraform, cloudformation, cli and console")
}

// page derives the documents.
func (e Events) page() (*eventsPage, error) {
	queue := strings.Split(e.QueueARN, ":")
	if len(queue) != 6 {
		return nil, invalid("queue", e.QueueARN, "use the ARN of a queue: arn:aws:sqs:REGION:ACCOUNT:NAME")
	}
	p := &eventsPage{Events: e, Region: queue[3], QueueAccount: queue[4], QueueName: queue[5]}
	p.BucketRegion, p.Account = cmp.Or(e.BucketRegion, p.Region), cmp.Or(e.Account, p.QueueAccount)
	if err := p.checkRoute(); err != nil {
		return nil, err
	}
	p.Sender = p.sender()
	p.SenderName = p.Sender[strings.LastIndexAny(p.Sender, ":/")+1:]
	p.Names = []string{"s3:ObjectCreated:*", "s3:ObjectRestore:Completed"}
	if e.Deletes {
		p.Names = append(p.Names, "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*")
	}
	p.Notes = p.notes()
	return p, p.derive()
}

// checkRoute rejects routes on which no event can arrive.
func (p *eventsPage) checkRoute() error {
	switch {
	case p.Route == DirectEvents && p.BucketRegion != p.Region:
		return invalid("route", string(p.Route), "the bucket is in %s and the queue in %s, and S3 sends only to queues of "+
			"the bucket's region: use the route sns", p.BucketRegion, p.Region)
	case p.Route == RuleEvents && p.Account != p.QueueAccount:
		return invalid("route", string(p.Route), "the queue is in another account than the bucket, so the rule needs a role "+
			"of its own: use the route direct or sns, or a queue of account %s", p.Account)
	case p.Route == RuleEvents && p.BucketRegion != p.Region:
		return invalid("route", string(p.Route), "the bucket is in %s and the queue in %s: use a queue of the bucket's "+
			"region, or the route sns", p.BucketRegion, p.Region)
	case p.Route != DirectEvents && p.Route != TopicEvents && p.Route != RuleEvents:
		return invalid("route", string(p.Route), "the routes are direct, sns and eventbridge")
	}
	return nil
}

// sender returns the ARN of the sender to the queue.
func (p *eventsPage) sender() string {
	partition := strings.Split(p.QueueARN, ":")[1]
	switch {
	case p.Route == DirectEvents:
		return p.BucketARN()
	case p.SenderARN != "":
		return p.SenderARN
	case p.Route == TopicEvents:
		return "arn:" + partition + ":sns:" + p.BucketRegion + ":" + p.Account + ":" + p.QueueName
	default:
		return "arn:" + partition + ":events:" + p.BucketRegion + ":" + p.Account + ":rule/" + p.QueueName
	}
}

// BucketARN returns the ARN of the bucket.
func (p *eventsPage) BucketARN() string {
	return "arn:" + strings.Split(p.QueueARN, ":")[1] + ":s3:::" + p.Bucket
}

// service returns the name of the service that sends to the queue.
func (p *eventsPage) service() string {
	switch p.Route {
	case TopicEvents:
		return "sns.amazonaws.com"
	case RuleEvents:
		return "events.amazonaws.com"
	case DirectEvents:
	}
	return "s3.amazonaws.com"
}

func (p *eventsPage) notes() []string {
	notes := []string{fmt.Sprintf(accountNote, p.Account), retryNote}
	if p.KMSKeyARN != "" {
		notes = append(notes, fmt.Sprintf(queueKeyNote, p.KMSKeyARN, p.service()))
	}
	if p.Route == TopicEvents && strings.Split(p.Sender, ":")[4] != p.QueueAccount {
		notes = append(notes, crossNote)
	}
	return notes
}

type eventPolicy struct {
	Version   string
	Statement []eventStatement
}

type eventStatement struct {
	Sid       string
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    any
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// derive derives the policies and the rule.
func (p *eventsPage) derive() error {
	fromBucket := map[string]map[string]string{
		"ArnEquals": {"aws:SourceArn": p.BucketARN()}, "StringEquals": {"aws:SourceAccount": p.Account},
	}
	send := eventStatement{
		Sid: "BucketEvents", Effect: "Allow", Principal: map[string]string{"Service": p.service()},
		Action: "sqs:SendMessage", Resource: p.QueueARN, Condition: fromBucket,
	}
	if p.Route != DirectEvents {
		send.Condition = map[string]map[string]string{"ArnEquals": {"aws:SourceArn": p.Sender}}
	}
	policy := eventPolicy{Version: "2012-10-17", Statement: []eventStatement{send}}
	if parts := strings.Split(p.RoleARN, ":"); len(parts) == 6 && parts[4] != p.QueueAccount {
		policy.Statement = append(policy.Statement, eventStatement{
			Sid: "WindlassReads", Effect: "Allow", Principal: map[string]string{"AWS": p.RoleARN},
			Action: generate.QueueActions(), Resource: p.QueueARN,
		})
	}
	read, err := generate.QueueSessionPolicy(p.Partition, generate.Queue{ARN: p.QueueARN, KMSKeyARN: p.KMSKeyARN})
	if err != nil {
		return err
	}
	for to, from := range map[**tree]any{
		&p.QueuePolicy: policy, &p.Rule: p.rule(), &p.Access: json.RawMessage(p.Permission),
		&p.Read: json.RawMessage(read),
	} {
		if *to, err = treeOf(from); err != nil {
			return err
		}
	}
	switch p.Route {
	case TopicEvents:
		p.TopicPolicy, err = treeOf(eventPolicy{Version: "2012-10-17", Statement: []eventStatement{{
			Sid: "BucketEvents", Effect: "Allow", Principal: map[string]string{"Service": "s3.amazonaws.com"},
			Action: "sns:Publish", Resource: p.Sender, Condition: fromBucket,
		}}})
	case RuleEvents:
		p.Pattern, err = treeOf(p.pattern())
	case DirectEvents:
	}
	return err
}

func treeOf(value any) (*tree, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing a document: %w", err)
	}
	parsed, err := parseTree(text)
	return &parsed, err
}

// rule returns the member of the bucket's configuration.
func (p *eventsPage) rule() any {
	type filterRule struct{ Name, Value string }
	type filterRules struct {
		FilterRules []filterRule
	}
	type filter struct {
		Key filterRules
	}
	rule := struct {
		ID       string `json:"Id"`
		QueueArn string `json:",omitempty"` //nolint:tagliatelle // AWS's name
		TopicArn string `json:",omitempty"` //nolint:tagliatelle // AWS's name
		Events   []string
		Filter   *filter `json:",omitempty"`
	}{ID: p.ID, Events: p.Names}
	var rules []filterRule
	if p.Prefix != "" {
		rules = append(rules, filterRule{"prefix", p.Prefix})
	}
	if p.Suffix != "" {
		rules = append(rules, filterRule{"suffix", p.Suffix})
	}
	if rules != nil {
		rule.Filter = &filter{filterRules{rules}}
	}
	switch p.Route {
	case RuleEvents:
		return struct{}{}
	case TopicEvents:
		rule.TopicArn = p.Sender
	case DirectEvents:
		rule.QueueArn = p.QueueARN
	}
	return rule
}

// pattern returns the event pattern of a rule of EventBridge. Its keys aren't
// encoded.
func (p *eventsPage) pattern() any {
	types := []string{"Object Created", "Object Restore Completed"}
	if p.Deletes {
		types = append(types, "Object Deleted")
	}
	type names struct {
		Name []string `json:"name"`
	}
	type keys struct {
		Key []map[string]string `json:"key"`
	}
	var pattern struct {
		Source []string `json:"source"`
		Types  []string `json:"detail-type"` //nolint:tagliatelle // EventBridge's name
		Detail struct {
			Bucket names `json:"bucket"`
			Object *keys `json:"object,omitempty"`
		} `json:"detail"`
	}
	pattern.Source, pattern.Types, pattern.Detail.Bucket.Name = []string{"aws.s3"}, types, []string{p.Bucket}
	escape := strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace
	switch {
	case p.Prefix != "" && p.Suffix != "":
		pattern.Detail.Object = &keys{[]map[string]string{{"wildcard": escape(p.Prefix) + "*" + escape(p.Suffix)}}}
	case p.Prefix != "":
		pattern.Detail.Object = &keys{[]map[string]string{{"prefix": p.Prefix}}}
	case p.Suffix != "":
		pattern.Detail.Object = &keys{[]map[string]string{{"suffix": p.Suffix}}}
	}
	return pattern
}

// json returns all documents by name.
func (p *eventsPage) json() string {
	all := tree{kind: objectTree}
	add := func(name string, value *tree) {
		if value != nil {
			all.members = append(all.members, member{name, *value})
		}
	}
	add("queue_policy", p.QueuePolicy)
	add("topic_policy", p.TopicPolicy)
	add("event_pattern", p.Pattern)
	add("permission_policy", p.Access)
	add("notification", p.configuration())
	notes := tree{kind: arrayTree}
	for _, note := range p.Notes {
		notes.items = append(notes.items, tree{text: note})
	}
	add("notes", &notes)
	return all.JSON("") + "\n"
}

// List returns the name of the list in the bucket's configuration that has the rule.
func (p *eventsPage) List() string {
	if p.Route == TopicEvents {
		return "TopicConfigurations"
	}
	return "QueueConfigurations"
}

// configuration returns a bucket's configuration that has only the rule.
func (p *eventsPage) configuration() *tree {
	name, value := p.List(), tree{kind: arrayTree, items: []tree{*p.Rule}}
	if p.Route == RuleEvents {
		name, value = "EventBridgeConfiguration", *p.Rule
	}
	return &tree{kind: objectTree, members: []member{{name, value}}}
}

// Merge returns a query of the aws command that adds the rule to a bucket's
// configuration, in place of an earlier one.
func (p *eventsPage) Merge() string {
	literal := "`" + strings.ReplaceAll(p.Rule.compact(), "`", "\\`") + "`"
	if p.Route == RuleEvents {
		return "merge(@, {EventBridgeConfiguration: " + literal + "})"
	}
	return fmt.Sprintf("merge(@, {%[1]s: [(%[1]s || `[]`)[?Id != '%s'], [%s]][]})", p.List(), p.ID, literal)
}
