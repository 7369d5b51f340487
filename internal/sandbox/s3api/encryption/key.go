package encryption

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// resolveKey returns the ARN of a KMS key.
func resolveKey(c *front.Call, e *s3store.Encryption) error {
	if !strings.HasPrefix(e.Algorithm, "aws:kms") {
		return nil
	}
	if e.KeyID == "" {
		e.KeyID = "alias/aws/s3"
	}
	if strings.HasPrefix(e.KeyID, "alias/aws/s3") {
		return nil // the account's own key; see allowKey
	}
	account := c.Caller.Account
	if account == "" {
		account = c.Bucket.Account
	}
	return c.Config.Directory.View(func(tx *directory.Tx) error {
		key := tx.MasterKey(account, c.Bucket.Region, e.KeyID)
		if key == nil {
			return kmsError("KMS.NotFoundException", "Key '%s' does not exist", s3error.Cut(e.KeyID))
		}
		if key.Region != c.Bucket.Region {
			return kmsError("KMS.NotFoundException", "Invalid arn %s", key.Region)
		}
		e.KeyID = key.ARN()
		return nil
	})
}

func kmsError(code, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, code, format, args...)
}

// AllowGenerate decides whether the caller may encrypt an object with the key.
func AllowGenerate(c *front.Call, v *s3store.Version) error {
	return allowKey(c, "kms:GenerateDataKey", v)
}

// AllowDecrypt decides whether the caller may decrypt an object.
func AllowDecrypt(c *front.Call, v *s3store.Version) error { return allowKey(c, "kms:Decrypt", v) }

// encryptedARN returns the encryption context of a version: the ARN of its
// object, or of its bucket if a bucket key encrypts it. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html.
func encryptedARN(c *front.Call, v *s3store.Version) string {
	arn := c.ObjectARN()
	if v.Encryption.BucketKey {
		arn, _, _ = strings.Cut(arn, "/")
	}
	return arn
}

func allowKey(c *front.Call, action string, v *s3store.Version) error {
	if !strings.HasPrefix(v.Encryption.Algorithm, "aws:kms") {
		return nil
	}
	if c.Caller.Type == iam.Anonymous {
		return s3error.AccessDenied("Access Denied")
	}
	if v.Encryption.KeyID == "alias/aws/s3" {
		// Only principals of the bucket's account can use AWS's own key.
		if c.Caller.Account != c.Bucket.Account {
			return s3error.AccessDenied(
				"The ciphertext refers to a customer master key that does not exist, does not exist in this region, " +
					"or you are not allowed to access.",
			)
		}
		return nil
	}
	var key *directory.MasterKey
	var policy *iam.Compiled
	_ = c.Config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		if key = tx.MasterKey(c.Caller.Account, c.Bucket.Region, v.Encryption.KeyID); key != nil {
			policy = tx.Today(key.Policy, key.Principals).Compiled()
		}
		return nil
	})
	if key == nil {
		return kmsError("KMS.NotFoundException", "Key '%s' does not exist", v.Encryption.KeyID)
	}
	request := &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
		Action: action, Resource: key.ARN(), ResourceAccount: key.Account, Policy: policy,
		Keys: []authz.Key{
			authz.K(
				"aws:ViaAWSService",
				"true",
			),
			authz.K("kms:ViaService", "s3."+c.Bucket.Region+".amazonaws.com"),
			authz.K("kms:CallerAccount", c.Caller.Account),
			authz.K("kms:EncryptionContext:aws:s3:arn", encryptedARN(c, v)),
			authz.K("kms:EncryptionContextKeys", "aws:s3:arn"),
		},
	}
	if d := c.Config.Authorizer.Decide(c.Context, request); !d.Allowed() {
		return s3error.AccessDenied(
			"User: %s is not authorized to perform: %s on resource: %s%s",
			c.Caller.ARN,
			action,
			key.ARN(),
			authz.Because(request, d),
		)
	}
	if c.HasFault(fault.KMSDenied) {
		return s3error.AccessDenied(
			"User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the "+
				"%s action",
			c.Caller.ARN,
			action,
			key.ARN(),
			action,
		)
	}
	switch {
	case !key.Deletion.IsZero():
		return kmsError("KMS.KMSInvalidStateException", "%s is pending deletion.", key.ARN())
	case key.Disabled:
		return kmsError("KMS.DisabledException", "%s is disabled.", key.ARN())
	}
	return nil
}
