package cli

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// awsIdentity returns the credentials of the environment: the AWS identity of the
// service.
func awsIdentity(ctx context.Context, region string) (aws.CredentialsProvider, error) {
	found, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("finding the service's AWS identity: %w", err)
	}
	return aws.NewCredentialsCache(found.Credentials), nil
}
