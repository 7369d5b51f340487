package sqsapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// Policy returns a queue's policy with its current principals, or nil.
func Policy(d *directory.Directory, settings *sqsstore.Settings) *iam.Compiled {
	document := settings.Policy
	if len(settings.Principals) > 0 {
		_ = d.View(func(tx *directory.Tx) error { // fn returns no error
			document = tx.Today(document, settings.Principals)
			return nil
		})
	}
	return document.Compiled()
}

// setPolicy sets or removes a queue's policy.
func (c *call) setPolicy(s *sqsstore.Settings, text string) error {
	if text == "" {
		s.Policy, s.Principals = nil, nil
		return nil
	}
	document, err := directory.NewDocument(iam.Resource, text)
	if err != nil {
		return invalidAttribute("Policy")
	}
	var principals directory.Principals
	unknown := ""
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		document, principals, unknown = tx.Named(document)
		return nil
	})
	if unknown != "" {
		return invalidAttribute("Policy")
	}
	s.Policy, s.Principals = document, principals
	return nil
}

type statement struct {
	Sid       string `json:"Sid"`
	Effect    string
	Principal map[string][]string
	Action    []string
	Resource  string
}

type addPermissionInput struct {
	QueueURL      string `json:"QueueUrl"`
	Label         string
	AWSAccountIDs []string `json:"AWSAccountIds"`
	Actions       []string
}

func (c *call) addPermission(in *addPermissionInput) (any, error) {
	q, settings, err := c.find(in.QueueURL, "AddPermission")
	if err != nil {
		return nil, err
	}
	if in.Label == "" || len(in.AWSAccountIDs) == 0 || len(in.Actions) == 0 {
		return nil, missingParameter("The request must contain Label, AWSAccountIds and Actions.")
	}
	next := statement{Sid: in.Label, Effect: "Allow", Principal: map[string][]string{}, Resource: settings.ARN()}
	for _, account := range in.AWSAccountIDs {
		next.Principal["AWS"] = append(next.Principal["AWS"], "arn:aws:iam::"+account+":root")
	}
	for _, action := range in.Actions {
		if action != "*" && !slices.Contains(shared, action) {
			return nil, invalidParameter("Value SQS:" + cut(action) + " for parameter ActionName is invalid.")
		}
		next.Action = append(next.Action, "SQS:"+action)
	}
	return nil, c.editPolicy(q, func(statements []json.RawMessage) ([]json.RawMessage, error) {
		if slices.ContainsFunc(statements, func(s json.RawMessage) bool { return sidOf(s) == in.Label }) {
			return nil, invalidParameter("Value " + cut(in.Label) +
				" for parameter Label is invalid. Reason: Already exists.")
		}
		text, err := json.Marshal(next)
		return append(statements, text), err
	})
}

type removePermissionInput struct {
	QueueURL string `json:"QueueUrl"`
	Label    string
}

func (c *call) removePermission(in *removePermissionInput) (any, error) {
	q, _, err := c.find(in.QueueURL, "RemovePermission")
	if err != nil {
		return nil, err
	}
	return nil, c.editPolicy(q, func(statements []json.RawMessage) ([]json.RawMessage, error) {
		kept := slices.DeleteFunc(slices.Clone(statements),
			func(s json.RawMessage) bool { return sidOf(s) == in.Label })
		if len(kept) == len(statements) {
			return nil, invalidParameter("Value " + cut(in.Label) +
				" for parameter Label is invalid. Reason: can't find label on existing policy.")
		}
		return kept, nil
	})
}

// editPolicy changes the statements of a queue's policy.
func (c *call) editPolicy(
	q *sqsstore.Queue, edit func([]json.RawMessage) ([]json.RawMessage, error),
) error {
	return c.storeError(c.api.config.Store.Change(q, func(s *sqsstore.Settings) error {
		document := map[string]json.RawMessage{"Version": json.RawMessage(`"2012-10-17"`)}
		var statements []json.RawMessage
		if s.Policy != nil {
			if err := json.Unmarshal([]byte(s.Policy.Text), &document); err != nil {
				return err
			}
			if err := json.Unmarshal(document["Statement"], &statements); err != nil {
				statements = []json.RawMessage{document["Statement"]} // a single statement
			}
		}
		statements, err := edit(statements)
		if err != nil {
			return err
		}
		if len(statements) == 0 {
			return c.setPolicy(s, "")
		}
		if document["Statement"], err = json.Marshal(statements); err != nil {
			return err
		}
		text, err := json.Marshal(document)
		if err != nil {
			return err
		}
		s.Modified = c.now
		return c.setPolicy(s, string(text))
	}))
}

func sidOf(text json.RawMessage) string {
	var s struct{ Sid string }
	_ = json.Unmarshal(text, &s) // a statement of a policy that was parsed
	return s.Sid
}

func (c *call) storeError(err error) error {
	if err == sqsstore.ErrNoQueue { //nolint:errorlint // the store returns it as it is
		return noQueue()
	}
	return err
}

func invalidAttribute(name string) error {
	return awserror.New(http.StatusBadRequest, "InvalidAttributeValue", "Invalid value for the parameter %s.", name)
}
