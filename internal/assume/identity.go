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

// Identity is who the service is to AWS.
type Identity struct {
	ARN       string        // as AWS answers: of a user, or of a role's session
	Principal string        // what trust policies name: of the user, or of the role
	Account   string        // twelve digits
	Partition string        // "aws", "aws-cn", …
	LongTerm  bool          // an access key without an end, not a session
	Root      bool          // the account's root: may do everything
	RequestID string        // AWS's
	Skew      time.Duration // AWS's clock minus ours, to the second
}

// Identity asks AWS who the service is (GetCallerIdentity). It needs no
// permission.
func (c *Caller) Identity(ctx context.Context) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	output, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, failure("GetCallerIdentity", "the service's own principal", err)
	}
	identity := Identity{ARN: aws.ToString(output.Arn), Account: aws.ToString(output.Account)}
	identity.RequestID, _ = awsmiddleware.GetRequestIDMetadata(output.ResultMetadata)
	if skew, ok := awsmiddleware.GetAttemptSkew(output.ResultMetadata); ok {
		identity.Skew = skew.Round(time.Second)
	}
	parts := strings.SplitN(identity.ARN, ":", 6)
	if len(parts) < 6 {
		return Identity{}, fmt.Errorf("reading who we are: %q is not an ARN", identity.ARN)
	}
	identity.Partition, identity.Root = parts[1], parts[5] == "root"
	identity.Principal = c.principal
	if identity.Principal == "" {
		identity.Principal = principalOf(identity.ARN)
	}
	if keys, err := c.credentials.Retrieve(ctx); err == nil {
		identity.LongTerm = keys.SessionToken == ""
	}
	return identity, nil
}

// principalOf gives what a trust policy names for the caller of this ARN: the
// role behind a session, and else the ARN itself. A session does not tell its
// role's path; for such a role Config.Principal is set.
func principalOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	rest, ok := strings.CutPrefix(parts[5], "assumed-role/")
	if !ok {
		return arn
	}
	role, _, _ := strings.Cut(rest, "/")
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", parts[1], parts[4], role)
}

// roleID cuts the session name off an assumed-role ID.
func roleID(assumedRoleID string) string {
	id, _, _ := strings.Cut(assumedRoleID, ":")
	return id
}
