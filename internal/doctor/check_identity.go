package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxSkew is how wrong our clock may be before it is worth a word. AWS refuses
// at five minutes for STS, at fifteen for S3.
const maxSkew = time.Minute

// checkIdentity asks AWS who Windlass is, and holds the answer to the
// principal that the trust policy was printed for.
func (r *run) checkIdentity(ctx context.Context, c *Check) {
	failure := r.call(c, "sts:GetCallerIdentity", "Windlass's own principal", func() (string, error) {
		var err error
		r.principal, err = r.config.Roles.Principal(ctx)
		return r.principal.RequestID, err
	})
	if failure != nil {
		c.worsen(Fail, "AWS did not say who Windlass is: "+told(failure))
		r.blameOurs(c, failure)
		return
	}
	c.Detail = fmt.Sprintf("AWS knows Windlass as %s.", r.principal.CallerARN)
	switch {
	case r.principal.Root:
		c.worsen(Fail, fmt.Sprintf("Windlass acts as %s.", r.principal.CallerARN))
		c.blame(CauseOwnRoot, "Windlass was given the keys of an account's root user, and AWS lets a root user assume no role.",
			&Fix{Text: "Whoever runs this Windlass must give it a user or role that may do sts:AssumeRole and nothing else."})
	case r.principal.ARN != r.i.PrincipalARN:
		c.worsen(Fail, fmt.Sprintf("Windlass is %s now, and the trust policy was printed for %s.", r.principal.ARN, r.i.PrincipalARN))
		c.blame(CausePrincipal, "Windlass's own AWS identity was changed since the trust policy was printed.",
			&Fix{Text: "Whoever runs this Windlass must give it back its identity; or remove the integration and create it anew, for another trust policy."})
	case r.principal.Skew.Abs() > maxSkew:
		c.worsen(Warn, fmt.Sprintf("Windlass's clock is %s away from AWS's.", r.principal.Skew.Abs()))
		c.blame(CauseClockSkew, "The clock of the machine that Windlass runs on is wrong; AWS refuses requests whose time is off by minutes.", clockFix())
	case r.principal.LongTerm:
		c.Detail += " It signs with a long-term access key."
	}
}

// checkRoleARN reads the role ARN.
func (r *run) checkRoleARN(_ context.Context, c *Check) {
	role, err := assume.ParseRoleARN(string(r.i.RoleARN))
	if err != nil {
		c.worsen(Fail, problem.From(err).Message)
		c.blame(CauseRoleARN, "The role ARN that was given is not one of a role.", &Fix{Text: problem.From(err).Hint, Where: OurSetting})
		return
	}
	c.Detail = fmt.Sprintf("The role %s in the account %s of the partition %s.", role.Name(), role.Account(), role.Partition())
	if r.principal.Partition != "" && role.Partition() != r.principal.Partition {
		c.worsen(Fail, fmt.Sprintf("The role is in the partition %s, and Windlass in %s.", role.Partition(), r.principal.Partition))
		c.blame(CauseRoleARN, "No role can be assumed across partitions.",
			&Fix{Text: fmt.Sprintf("Make the role in an account of the partition %s, and give its ARN.", r.principal.Partition), Where: OurSetting})
	}
}
