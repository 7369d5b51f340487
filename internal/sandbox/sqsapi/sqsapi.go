// Package sqsapi serves the API of Amazon SQS for standard queues, in its JSON
// and its query protocol. See
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html.
package sqsapi

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// MaxRequest limits the size of a request in bytes: messages of 1 MiB, escaped.
const MaxRequest = 8 << 20

// Config configures the API. Every field is required.
type Config struct {
	query.Config
	Store *sqsstore.Store
}

// API has the actions of SQS. It is safe for concurrent use.
type API struct {
	config     Config
	operations map[string]operation
}

// New returns the API.
func New(config Config) *API { return &API{config, operations()} }

// JSON returns the API in its JSON protocol.
func (a *API) JSON() query.Service { return jsonService{jsonProtocol{query.JSON{Version: "1.0"}}, a} }

// Query returns the API in its query protocol.
func (a *API) Query() query.Service { return queryService{queryProtocol{}, a} }

// call is one request and its time.
type call struct {
	*query.Call
	api *API
	ctx context.Context //nolint:containedctx // a call lives as long as its request
	now time.Time
}

// operation is one of the actions. A nil result has no document.
type operation func(c *call) (result any, _ error)

// on returns an operation that unmarshals its parameters for run.
func on[T any](run func(c *call, in *T) (any, error)) operation {
	return func(c *call) (any, error) {
		in := new(T)
		if err := query.Unmarshal(c.Call, in); err != nil {
			return nil, err
		}
		return run(c, in)
	}
}

func operations() map[string]operation {
	return map[string]operation{
		"CreateQueue":                on((*call).createQueue),
		"DeleteQueue":                on((*call).deleteQueue),
		"GetQueueUrl":                on((*call).getQueueURL),
		"ListQueues":                 on((*call).listQueues),
		"ListDeadLetterSourceQueues": on((*call).listDeadLetterSourceQueues),
		"PurgeQueue":                 on((*call).purgeQueue),
		"GetQueueAttributes":         on((*call).getQueueAttributes),
		"SetQueueAttributes":         on((*call).setQueueAttributes),
		"AddPermission":              on((*call).addPermission),
		"RemovePermission":           on((*call).removePermission),

		"TagQueue":      on((*call).tagQueue),
		"UntagQueue":    on((*call).untagQueue),
		"ListQueueTags": on((*call).listQueueTags),

		"SendMessage":                  on((*call).sendMessage),
		"SendMessageBatch":             on((*call).sendMessageBatch),
		"ReceiveMessage":               on((*call).receiveMessage),
		"DeleteMessage":                on((*call).deleteMessage),
		"DeleteMessageBatch":           on((*call).deleteMessageBatch),
		"ChangeMessageVisibility":      on((*call).changeVisibility),
		"ChangeMessageVisibilityBatch": on((*call).changeVisibilityBatch),

		"StartMessageMoveTask":  unsupported,
		"CancelMessageMoveTask": unsupported,
		"ListMessageMoveTasks":  unsupported,
	}
}

func unsupported(c *call) (any, error) {
	return nil, unsupportedOperation(c.Action + " is not served by the sandbox.")
}

// AllowsUnsigned reports whether an action can be called without a signature.
// No action can.
func (a *API) AllowsUnsigned(string) bool { return false }

// CheckRegion accepts every region, because SQS is in all of them.
func (a *API) CheckRegion(string, string) error { return nil }

// Has reports whether SQS has an action.
func (a *API) Has(action string) bool {
	_, known := a.operations[action]
	return known
}

// regionPattern limits the regions in the ARNs of queues.
var regionPattern = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func (a *API) serve(ctx context.Context, in *query.Call) (any, error) {
	if !regionPattern.MatchString(in.Region) {
		return nil, invalidParameter("Credential should be scoped to a valid region.")
	}
	return a.operations[in.Action](&call{in, a, ctx, a.config.Now().UTC()})
}

// shared are the actions that a queue policy can grant to other accounts. See
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html.
var shared = []string{
	"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl",
	"ListDeadLetterSourceQueues", "PurgeQueue",
}

// find returns the queue with a URL, and decides an action on it.
func (c *call) find(queueURL, action string) (*sqsstore.Queue, sqsstore.Settings, error) {
	if queueURL == "" && strings.Count(c.Request.URL.Path, "/") == 2 {
		queueURL = c.Request.URL.Path // a form that is sent to the queue's URL
	}
	if queueURL == "" {
		return nil, sqsstore.Settings{}, missingParameter("The request must contain the parameter QueueUrl.")
	}
	parsed, err := url.Parse(queueURL)
	if err != nil {
		return nil, sqsstore.Settings{}, invalidAddress(queueURL)
	}
	parts := strings.Split(strings.Trim(parsed.Path, "/"), "/")
	if len(parts) != 2 {
		return nil, sqsstore.Settings{}, invalidAddress(queueURL)
	}
	return c.named(parts[0], parts[1], action)
}

// named returns a queue by its account and name, and decides an action on it.
func (c *call) named(account, name, action string) (*sqsstore.Queue, sqsstore.Settings, error) {
	q := c.api.config.Store.Queue(sqsstore.ARN(account, c.Region, name))
	if q == nil {
		return nil, sqsstore.Settings{}, noQueue()
	}
	settings := q.Now()
	return q, settings, c.allow(action, &settings)
}

// allow decides an action on a queue, by its policy and the caller's.
func (c *call) allow(action string, settings *sqsstore.Settings) error {
	var keys []authz.Key
	for _, tag := range settings.Tags {
		keys = append(keys, authz.K("aws:ResourceTag/"+tag.Key, tag.Value))
	}
	question := c.Authz("sqs:"+action, settings.ARN(), settings.Account, keys)
	if c.Caller.Account == settings.Account || slices.Contains(shared, action) {
		question.Policy = c.api.policyOf(settings)
	}
	return c.decide(question)
}

func (c *call) decide(question *authz.Call) error {
	if d := c.api.config.Authorizer.Decide(c.ctx, question); !d.Allowed() {
		return authz.Denied(question, d)
	}
	return nil
}

// policyOf returns a queue's policy with its current principals, or nil.
func (a *API) policyOf(settings *sqsstore.Settings) *iam.Compiled {
	return Policy(a.config.Directory, settings)
}
