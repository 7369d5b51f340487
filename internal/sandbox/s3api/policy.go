package s3api

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxBucketPolicy is the largest bucket policy, in bytes.
const maxBucketPolicy = 20 << 10

// allowPolicy decides an action on the bucket's policy. Nobody outside the
// bucket's account has it, whatever the policy allows; the account's root has
// it, whatever the policy denies. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
func (c *call) allowPolicy(action string) error {
	request := c.question(action, c.bucketARN(), c.bucket)
	if c.Caller.Type == iam.Root && c.Caller.Account == c.bucket.Account {
		request.Policy = nil
	}
	if decision := c.api.config.Authorizer.Decide(c.ctx, request); !decision.Allowed() {
		return c.denied(request, decision)
	}
	if c.Caller.Account != c.bucket.Account {
		return methodNotAllowed(c.Request.Method, "BUCKETPOLICY")
	}
	return nil
}

func (c *call) getBucketPolicy() error {
	if err := c.allowPolicy("GetBucketPolicy"); err != nil {
		return err
	}
	policy := c.policyOf(c.bucket)
	if policy == nil {
		return noBucketPolicy(c.Bucket)
	}
	c.Writer.Header().Set("Content-Type", "application/json")
	c.Writer.WriteHeader(http.StatusOK)
	_, _ = c.Writer.Write([]byte(policy.Text)) // the caller is gone: there is nobody to tell
	return nil
}

// policyOf gives a bucket's policy as it reads now, nil when it has none.
func (c *call) policyOf(bucket *s3store.Bucket) *directory.Document {
	settings := bucket.Settings()
	document := settings.Document()
	if len(settings.Principals) == 0 {
		return document
	}
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		document = tx.Today(document, settings.Principals)
		return nil
	})
	return document
}

func (c *call) putBucketPolicy() error {
	if err := c.allowPolicy("PutBucketPolicy"); err != nil {
		return err
	}
	text, err := c.document()
	if err != nil {
		return err
	}
	document, principals, err := c.readPolicy(string(text))
	if err != nil {
		return err
	}
	if block := c.bucket.Settings().PublicBlock; block != nil && block.BlockPublicPolicy && isPublic(document.Policy()) {
		return accessDenied("User: %s is not authorized to perform: s3:PutBucketPolicy on resource: %q because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", c.Caller.ARN, c.bucketARN())
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.SetPolicy(document, principals)
		return nil
	})
}

func (c *call) deleteBucketPolicy() error {
	if err := c.allowPolicy("DeleteBucketPolicy"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.SetPolicy(nil, nil)
		return nil
	})
}

func noBucketPolicy(bucket string) error {
	return awserror.New(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist.").With("BucketName", bucket)
}

func malformedPolicy(format string, args ...any) *awserror.Error {
	return awserror.New(http.StatusBadRequest, "MalformedPolicy", format, args...)
}

// readPolicy reads a bucket policy and holds it to what S3 demands of one.
func (c *call) readPolicy(text string) (*directory.Document, directory.Principals, error) {
	if len(text) > maxBucketPolicy {
		return nil, nil, malformedPolicy("Policy exceeds the maximum allowed document size.")
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil, nil, malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
	}
	plain, bad, later := badPrincipal(text)
	if bad {
		return nil, nil, invalidPrincipal()
	}
	if later {
		text = plain
	}
	document, err := directory.NewDocument(iam.Resource, text)
	if err != nil {
		return nil, nil, malformedPolicy("%s", policyFault(err))
	}
	for _, statement := range document.Policy().Statements {
		if err := c.checkStatement(statement); err != nil {
			return nil, nil, err
		}
	}
	if later {
		return nil, nil, invalidPrincipal()
	}
	var principals directory.Principals
	var unknown string
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		document, principals, unknown = tx.Named(document)
		return nil
	})
	if unknown != "" {
		return nil, nil, invalidPrincipal().With("Detail", `"AWS" : "`+unknown+`"`)
	}
	return document, principals, nil
}
