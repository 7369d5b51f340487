package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxSkew is the largest clock skew without a warning. STS rejects requests at
// 5 minutes, S3 at 15.
const maxSkew = time.Minute

// checkIdentity compares Windlass's principal with the one in the printed
// trust policy.
func (r *run) checkIdentity(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:GetCallerIdentity", "Windlass's own principal", func() (string, error) {
		var err error
		r.principal, err = r.config.Roles.Principal(ctx)
		return r.principal.RequestID, err
	})
	if failure != nil {
		c.worsen(Fail, "GetCallerIdentity failed: "+describe(failure))
		r.blameOurs(c, failure)
		return
	}
	c.Detail = fmt.Sprintf("Windlass's principal is %s.", r.principal.CallerARN)
	switch {
	case r.principal.Root:
		c.worsen(Fail, fmt.Sprintf("Windlass uses %s.", r.principal.CallerARN))
		c.blame(CauseOwnRoot, "Windlass uses the credentials of an account's root user, which can't assume roles.",
			&Fix{Text: "The operator of this Windlass must give it a user or role that may only call sts:AssumeRole."})
	case r.principal.ARN != r.i.PrincipalARN:
		c.worsen(Fail, fmt.Sprintf("Windlass's principal is %s, but the trust policy was printed for %s.",
			r.principal.ARN, r.i.PrincipalARN))
		c.blame(CausePrincipal, "Windlass's AWS principal has changed since the trust policy was printed.",
			&Fix{Text: "The operator of this Windlass must restore its principal. " +
				"Or remove the integration and create it again, with another trust policy."})
	case r.principal.Skew.Abs() > maxSkew:
		c.worsen(Warn, fmt.Sprintf("Windlass's clock differs from AWS's by %s.", r.principal.Skew.Abs()))
		c.blame(CauseClockSkew,
			"The clock of Windlass's machine is wrong. AWS rejects requests that are off by minutes.", clockFix())
	case r.principal.LongTerm:
		c.Detail += " It uses a long-term access key."
	}
}

// checkRoleARN validates the role ARN.
func (r *run) checkRoleARN(_ context.Context, c *Check) {
	role, err := assume.ParseRoleARN(string(r.i.RoleARN))
	if err != nil {
		c.worsen(Fail, problem.From(err).Message)
		c.blame(CauseRoleARN, "The role ARN isn't the ARN of a role.",
			&Fix{Text: problem.From(err).Hint, Where: OurSetting})
		return
	}
	c.Detail = fmt.Sprintf("The role is %s in account %s, partition %s.", role.Name(), role.Account(), role.Partition())
	if r.principal.Partition != "" && role.Partition() != r.principal.Partition {
		c.worsen(Fail, fmt.Sprintf("The role is in partition %s, but Windlass is in %s.", role.Partition(),
			r.principal.Partition))
		c.blame(CauseRoleARN, "Roles can't be assumed across partitions.", &Fix{
			Text: fmt.Sprintf("Create the role in an account of partition %s, and set its ARN.",
				r.principal.Partition),
			Where: OurSetting,
		})
	}
}
