// Package rolepolicy implements [vending.Revoker]: it puts an inline policy on
// a role, with the credentials of a session of that role.
package rolepolicy

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/object"
)

const timeout = 20 * time.Second

// Config configures a [Writer].
type Config struct {
	Region   string // for signatures; IAM is global
	Endpoint string // of IAM; empty for AWS
}

// Writer writes policies. It is safe for concurrent use.
type Writer struct{ config Config }

// New returns a writer.
func New(config Config) *Writer { return &Writer{config} }

// PutRolePolicy calls iam:PutRolePolicy. When AWS returns an error, the error
// is an [*object.Failure].
func (w *Writer) PutRolePolicy(ctx context.Context, keys object.Keys, role, name, policy string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	config := aws.Config{
		Region: w.config.Region,
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID, keys.SecretAccessKey.Reveal(), keys.SessionToken.Reveal()),
	}
	if w.config.Endpoint != "" {
		config.BaseEndpoint = &w.config.Endpoint
	}
	_, err := iam.NewFromConfig(config).PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: &name, PolicyDocument: &policy,
	})
	var denied smithy.APIError
	if errors.As(err, &denied) {
		return &object.Failure{
			Operation: "PutRolePolicy", Resource: role, Code: denied.ErrorCode(), Message: denied.ErrorMessage(),
		}
	}
	return err
}
