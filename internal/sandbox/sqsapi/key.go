package sqsapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// ownKey is the key that AWS manages for an account's queues.
const ownKey = "alias/aws/sqs"

// useKey decides actions on the queue's key for the caller.
func (c *call) useKey(s *sqsstore.Settings, actions ...string) error {
	for _, action := range actions {
		request, err := KeyRequest(c.api.config.Directory, s, "kms:"+action,
			c.Authz("kms:"+action, "", s.Account, nil))
		if err != nil {
			return err
		}
		if request == nil {
			continue
		}
		d := c.api.config.Authorizer.Decide(c.ctx, request)
		if d.Allowed() && c.Hit != nil && c.Hit(fault.KMSDenied) != nil {
			d = iam.Decision{Kind: iam.Resource, Reason: iam.ResourceSilent}
		}
		if !d.Allowed() {
			return bad("KMS.AccessDeniedException", "%s", authz.Denied(request, d).Message)
		}
	}
	return nil
}

// KeyRequest completes a request to use a queue's key. It is nil if the queue
// needs no key that could be denied.
func KeyRequest(
	d *directory.Directory, s *sqsstore.Settings, action string, request *authz.Call,
) (*authz.Call, error) {
	name := s.Attributes["KmsMasterKeyId"]
	if name == "" {
		return nil, nil //nolint:nilnil // documented
	}
	if strings.HasSuffix(name, ownKey) {
		if request.Caller.Type == iam.Service || request.Caller.Account != s.Account {
			return nil, bad("KMS.AccessDeniedException",
				"The key %s can only be used by the account %s.", ownKey, s.Account)
		}
		return nil, nil //nolint:nilnil // documented
	}
	var key *directory.MasterKey
	_ = d.View(func(tx *directory.Tx) error { // fn returns no error
		if key = tx.MasterKey(s.Account, s.Region, name); key != nil {
			request.Policy = tx.Today(key.Policy, key.Principals).Compiled()
		}
		return nil
	})
	switch {
	case key == nil || key.Region != s.Region:
		return nil, bad("KMS.NotFoundException", "Key '%s' does not exist", cut(name))
	case !key.Deletion.IsZero():
		return nil, bad("KMS.InvalidStateException", "%s is pending deletion.", key.ARN())
	case key.Disabled:
		return nil, bad("KMS.DisabledException", "%s is disabled.", key.ARN())
	}
	request.Action, request.Resource, request.ResourceAccount = action, key.ARN(), key.Account
	request.Keys = append(request.Keys,
		authz.K("aws:ViaAWSService", "true"), authz.K("kms:ViaService", "sqs."+s.Region+".amazonaws.com"),
		authz.K("kms:CallerAccount", request.Caller.Account),
		authz.K("kms:EncryptionContext:aws:sqs:arn", s.ARN()),
		authz.K("kms:EncryptionContextKeys", "aws:sqs:arn"))
	return request, nil
}
