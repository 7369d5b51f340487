// Package permissions reads and changes the permissions of a bucket and its
// objects: bucket policies, access control lists, ownership controls and Block
// Public Access.
package permissions

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxBucketPolicy is the largest bucket policy, in bytes.
const maxBucketPolicy = 20 << 10

// allowPolicy authorizes an action on the bucket's policy. Callers outside the
// bucket's account never have it, whatever the policy allows. The account's
// root always has it, whatever the policy denies. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
func allowPolicy(c *front.Call, action string) error {
	request := c.AuthzCall(action, c.BucketARN(), c.Bucket)
	if c.Caller.Type == iam.Root && c.Caller.Account == c.Bucket.Account {
		request.Policy = nil
	}
	if decision := c.Config.Authorizer.Decide(c.Context, request); !decision.Allowed() {
		return c.Denial(request, decision)
	}
	if c.Caller.Account != c.Bucket.Account {
		return s3error.MethodNotAllowed(c.Request.Method, "BUCKETPOLICY")
	}
	return nil
}

// GetBucketPolicy serves the operation GetBucketPolicy.
func GetBucketPolicy(c *front.Call) error {
	if err := allowPolicy(c, "GetBucketPolicy"); err != nil {
		return err
	}
	policy := c.PolicyOf(c.Bucket)
	if policy == nil {
		return noBucketPolicy(c.BucketName)
	}
	c.Writer.Header().Set("Content-Type", "application/json")
	c.Writer.WriteHeader(http.StatusOK)
	_, _ = c.Writer.Write([]byte(policy.Text)) // the client may have disconnected
	return nil
}

// PutBucketPolicy serves the operation PutBucketPolicy.
func PutBucketPolicy(c *front.Call) error {
	if err := allowPolicy(c, "PutBucketPolicy"); err != nil {
		return err
	}
	text, err := c.ReadDocument()
	if err != nil {
		return err
	}
	document, principals, err := readPolicy(c, string(text))
	if err != nil {
		return err
	}
	if block := c.Bucket.Settings().PublicBlock; block != nil && block.BlockPublicPolicy &&
		grants.IsPublic(document.Policy()) {
		return s3error.AccessDenied(
			"User: %s is not authorized to perform: s3:PutBucketPolicy on resource: %q because public policies are "+
				"prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
			c.Caller.ARN,
			c.BucketARN(),
		)
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.SetPolicy(document, principals)
		return nil
	})
}

// DeleteBucketPolicy serves the operation DeleteBucketPolicy.
func DeleteBucketPolicy(c *front.Call) error {
	if err := allowPolicy(c, "DeleteBucketPolicy"); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.SetPolicy(nil, nil)
		return nil
	})
}

func noBucketPolicy(bucket string) error {
	return awserror.New(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist.").
		With("BucketName", bucket)
}

func malformedPolicy(format string, args ...any) *awserror.Error {
	return awserror.New(http.StatusBadRequest, "MalformedPolicy", format, args...)
}

// readPolicy parses and validates a bucket policy.
func readPolicy(c *front.Call, text string) (*directory.Document, directory.Principals, error) {
	if len(text) > maxBucketPolicy {
		return nil, nil, malformedPolicy("Policy exceeds the maximum allowed document size.")
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil, nil, malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
	}
	plain, bad, later := findInvalidPrincipal(text)
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
		if err := checkStatement(c, statement); err != nil {
			return nil, nil, err
		}
	}
	if later {
		return nil, nil, invalidPrincipal()
	}
	var principals directory.Principals
	var unknown string
	_ = c.Config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		document, principals, unknown = tx.Named(document)
		return nil
	})
	if unknown != "" {
		return nil, nil, invalidPrincipal().With("Detail", `"AWS" : "`+unknown+`"`)
	}
	return document, principals, nil
}
