package assume

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Principal is the AWS principal that Windlass acts as.
type Principal struct {
	ARN       string        // the ARN for trust policies: of a user or a role
	CallerARN string        // as GetCallerIdentity returns it: a user, or a role's session
	Account   string        // twelve digits
	Partition string        // "aws", "aws-cn", …
	LongTerm  bool          // the credentials are an access key that doesn't expire
	Root      bool          // the root user of the account
	RequestID string        // of GetCallerIdentity
	Skew      time.Duration // AWS's clock minus ours, to the second
}

// Principal calls GetCallerIdentity, which needs no permission.
func (c *Caller) Principal(ctx context.Context) (Principal, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	output, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Principal{}, failure("GetCallerIdentity", "the service's own principal", err)
	}
	p := Principal{CallerARN: aws.ToString(output.Arn), Account: aws.ToString(output.Account)}
	p.RequestID, _ = awsmiddleware.GetRequestIDMetadata(output.ResultMetadata)
	if skew, ok := awsmiddleware.GetAttemptSkew(output.ResultMetadata); ok {
		p.Skew = skew.Round(time.Second)
	}
	parts := strings.SplitN(p.CallerARN, ":", 6)
	if len(parts) < 6 {
		return Principal{}, fmt.Errorf("reading the response of GetCallerIdentity: %q is not an ARN", p.CallerARN)
	}
	p.Partition, p.Root = parts[1], parts[5] == "root"
	p.ARN = c.principal
	if p.ARN == "" {
		p.ARN = principalARN(p.CallerARN)
	}
	if keys, err := c.credentials.Retrieve(ctx); err == nil {
		p.LongTerm = keys.SessionToken == ""
	}
	return p, nil
}

// principalARN returns the ARN that a trust policy must name for a caller: the
// role of a session, otherwise the caller itself. The ARN of a session doesn't
// contain the path of its role; set Config.Principal for a role with a path.
func principalARN(caller string) string {
	parts := strings.SplitN(caller, ":", 6)
	rest, ok := strings.CutPrefix(parts[5], "assumed-role/")
	if !ok {
		return caller
	}
	role, _, _ := strings.Cut(rest, "/")
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", parts[1], parts[4], role)
}

// roleID removes the session name from an assumed-role ID.
func roleID(assumedRoleID string) string {
	id, _, _ := strings.Cut(assumedRoleID, ":")
	return id
}
