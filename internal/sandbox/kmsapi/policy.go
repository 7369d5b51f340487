package kmsapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
)

// maxPolicy is the largest key policy, in bytes.
const maxPolicy = 32 << 10

// defaultPolicy returns the key policy that delegates to the account's
// policies. See
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html.
func defaultPolicy(account string) string {
	return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::` + account + `:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

// readPolicy parses a key policy. Its principals must exist.
func (c *call) readPolicy(text string) (*directory.Document, directory.Principals, error) {
	if len(text) > maxPolicy {
		return nil, nil, invalid("LimitExceededException", "The policy is larger than %d bytes.", maxPolicy)
	}
	document, err := iamapi.ReadDocument(iam.Resource, text)
	if err != nil {
		return nil, nil, malformedPolicy(awserror.From(err).Message)
	}
	var principals directory.Principals
	unknown := ""
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		document, principals, unknown = tx.Named(document)
		return nil
	})
	if unknown != "" {
		return nil, nil, malformedPolicy("Policy contains a statement with one or more invalid principals.")
	}
	return document, principals, nil
}

func malformedPolicy(message string) error {
	return invalid("MalformedPolicyDocumentException", "%s", message)
}

// checkLockout rejects a policy that would prevent the caller from changing it
// again, unless bypass is set.
func (c *call) checkLockout(key *directory.MasterKey, bypass bool) error {
	if bypass {
		return nil
	}
	call := c.question("PutKeyPolicy", key.ARN(), key.Account, key.Policy.Compiled(), keyKeys(key))
	if !c.api.config.Authorizer.Would(call).Allowed() {
		return malformedPolicy("The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

type policyInput struct {
	KeyID                          string `json:"KeyId"`
	PolicyName                     string
	Policy                         string
	BypassPolicyLockoutSafetyCheck bool
}

func (in *policyInput) check() error {
	if in.PolicyName != "" && in.PolicyName != "default" {
		return notFound("No such policy exists")
	}
	return nil
}

type policyResult struct{ Policy, PolicyName string }

func (c *call) getKeyPolicy(in *policyInput) (any, error) {
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var document *directory.Document
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		document = tx.Today(key.Policy, key.Principals)
		return nil
	})
	return policyResult{document.Text, "default"}, nil
}

func (c *call) putKeyPolicy(in *policyInput) (any, error) {
	key, keys, err := c.find(in.KeyID, false)
	if err != nil {
		return nil, err
	}
	keys = append(keys, authz.K("kms:BypassPolicyLockoutSafetyCheck", text(in.BypassPolicyLockoutSafetyCheck)))
	if err := c.allow("PutKeyPolicy", key, keys...); err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Policy) == "" {
		return nil, missing("policy")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	document, principals, err := c.readPolicy(in.Policy)
	if err != nil {
		return nil, err
	}
	changed := *key
	changed.Policy = document
	if err := c.checkLockout(&changed, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Policy, k.Principals = document, principals
		return notPending(k)
	})
}

func (c *call) listKeyPolicies(in *keyInput) (any, error) {
	if _, err := c.own(in.KeyID); err != nil {
		return nil, err
	}
	return struct {
		PolicyNames []string
		page
	}{[]string{"default"}, page{}}, nil
}
