package sqsapi

import (
	"crypto/rand"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// Limits of queues.
const (
	purgeInterval = time.Minute
	maxQueues     = 1000 // of a page
	maxTags       = 50
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

type urlInput struct {
	QueueURL string `json:"QueueUrl"`
}

type urlResult struct {
	QueueURL string `json:"QueueUrl"`
}

// urlOf returns the URL of a queue at the host that was called.
func (c *call) urlOf(s *sqsstore.Settings) string {
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host + "/" + s.Account + "/" + s.Name
}

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"`
}

func (c *call) createQueue(in *createQueueInput) (any, error) {
	if strings.HasSuffix(in.QueueName, ".fifo") {
		return nil, unsupportedOperation("FIFO queues are not served by the sandbox.")
	}
	if !namePattern.MatchString(in.QueueName) {
		return nil, invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	s := sqsstore.Settings{
		Account: c.Caller.Account, Region: c.Region, Name: in.QueueName, Attributes: map[string]string{},
		Secret: []byte(rand.Text()), Created: c.now, Modified: c.now,
	}
	var keys []authz.Key
	for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
		s.Tags = append(s.Tags, directory.Tag{Key: name, Value: in.Tags[name]})
		keys = append(keys, authz.K("aws:RequestTag/"+name, in.Tags[name]))
	}
	if len(in.Tags) > 0 {
		keys = append(keys, authz.K("aws:TagKeys", slices.Sorted(maps.Keys(in.Tags))...))
	}
	if err := c.decide(c.Authz("sqs:CreateQueue", s.ARN(), s.Account, keys)); err != nil {
		return nil, err
	}
	if err := c.setAttributes(&s, in.Attributes); err != nil {
		return nil, err
	}
	q, created, err := c.api.config.Store.Create(s)
	if err != nil {
		return nil, err
	}
	now := q.Now()
	if !created && !sameAttributes(q, &now, in.Attributes) {
		return nil, bad("QueueAlreadyExists",
			"A queue already exists with the same name and a different value for an attribute.")
	}
	return urlResult{c.urlOf(&now)}, nil
}

func (c *call) deleteQueue(in *urlInput) (any, error) {
	q, _, err := c.find(in.QueueURL, "DeleteQueue")
	if err != nil {
		return nil, err
	}
	return nil, c.api.config.Store.Delete(q)
}

type getURLInput struct {
	QueueName string
	Owner     string `json:"QueueOwnerAWSAccountId"`
}

func (c *call) getQueueURL(in *getURLInput) (any, error) {
	account := in.Owner
	if account == "" {
		account = c.Caller.Account
	}
	_, settings, err := c.named(account, in.QueueName, "GetQueueUrl")
	if err != nil {
		return nil, err
	}
	return urlResult{c.urlOf(&settings)}, nil
}

type listInput struct {
	QueueURL   string `json:"QueueUrl"`
	Prefix     string `json:"QueueNamePrefix"`
	NextToken  string
	MaxResults int
}

type listResult struct {
	QueueURLs []string `json:"QueueUrls,omitempty"`
	NextToken string   `json:",omitempty"`
}

func (c *call) listQueues(in *listInput) (any, error) {
	if err := c.decide(c.Authz("sqs:ListQueues", "*", c.Caller.Account, nil)); err != nil {
		return nil, err
	}
	urls, next, err := c.page(in, c.api.config.Store.Queues(c.Caller.Account, c.Region, in.Prefix))
	return listResult{urls, next}, err
}

type sourcesResult struct {
	QueueURLs []string `json:"queueUrls"`
	NextToken string   `json:",omitempty"`
}

func (c *call) listDeadLetterSourceQueues(in *listInput) (any, error) {
	_, settings, err := c.find(in.QueueURL, "ListDeadLetterSourceQueues")
	if err != nil {
		return nil, err
	}
	var sources []*sqsstore.Queue
	for _, q := range c.api.config.Store.Queues(settings.Account, settings.Region, "") {
		s := q.Now()
		if policy, err := c.redrive(&s, s.Attributes["RedrivePolicy"]); err == nil && policy.target == settings.ARN() {
			sources = append(sources, q)
		}
	}
	urls, next, err := c.page(in, sources)
	if urls == nil {
		urls = []string{}
	}
	return sourcesResult{urls, next}, err
}

// page returns the URLs of a page of queues. The token is the last name.
func (c *call) page(in *listInput, queues []*sqsstore.Queue) (urls []string, next string, _ error) {
	if in.MaxResults < 0 || in.MaxResults > maxQueues || in.NextToken != "" && in.MaxResults == 0 {
		return nil, "", invalidParameter("Value for parameter MaxResults is invalid. Reason: must be between 1 and 1000.")
	}
	limit := in.MaxResults
	if limit == 0 {
		limit = maxQueues
	}
	last := ""
	for _, q := range queues {
		s := q.Now()
		if s.Name <= in.NextToken {
			continue
		}
		if len(urls) == limit {
			if in.MaxResults > 0 {
				next = last
			}
			break
		}
		urls, last = append(urls, c.urlOf(&s)), s.Name
	}
	return urls, next, nil
}

type tagInput struct {
	QueueURL string `json:"QueueUrl"`
	Tags     map[string]string
	TagKeys  []string
}

func (c *call) tagQueue(in *tagInput) (any, error) {
	q, _, err := c.find(in.QueueURL, "TagQueue")
	if err != nil {
		return nil, err
	}
	return nil, c.storeError(c.api.config.Store.Change(q, func(s *sqsstore.Settings) error {
		for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
			s.Tags = directory.SetTags(s.Tags, []directory.Tag{{Key: name, Value: in.Tags[name]}},
				func(a, b string) bool { return a == b })
		}
		if len(s.Tags) > maxTags {
			return invalidParameter("A queue can have at most 50 tags.")
		}
		return nil
	}))
}

func (c *call) untagQueue(in *tagInput) (any, error) {
	q, _, err := c.find(in.QueueURL, "UntagQueue")
	if err != nil {
		return nil, err
	}
	return nil, c.storeError(c.api.config.Store.Change(q, func(s *sqsstore.Settings) error {
		s.Tags = slices.DeleteFunc(s.Tags, func(t directory.Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
		return nil
	}))
}

type tagsResult struct {
	Tags map[string]string `json:",omitempty"`
}

func (c *call) listQueueTags(in *urlInput) (any, error) {
	_, settings, err := c.find(in.QueueURL, "ListQueueTags")
	if err != nil {
		return nil, err
	}
	result := tagsResult{map[string]string{}}
	for _, tag := range settings.Tags {
		result.Tags[tag.Key] = tag.Value
	}
	return result, nil
}
