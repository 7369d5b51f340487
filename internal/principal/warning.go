package principal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/object"
)

// Warning is a weakness of the service's principal.
type Warning struct {
	Code    string // stable: "none", "no-answer", "root", "too-much", "long-term-key", "person", "clock-skew"
	Message string // one sentence
	Fix     string // what to do
}

// maxSkew is the largest clock skew without a warning.
const maxSkew = time.Minute

// warnings returns the weaknesses of the principal, most severe first.
func (r *Report) warnings() []Warning {
	out := []Warning{}
	warn := func(code, fix, format string, args ...any) {
		out = append(out, Warning{Code: code, Message: fmt.Sprintf(format, args...), Fix: fix})
	}
	if r.Root {
		warn("root", "Create a role or a user that may only call sts:AssumeRole, give Windlass its credentials, "+
			"and delete the root user's access key.",
			"Windlass acts as the root user of account %s. The root user can do everything there, but can't assume a role.",
			r.Account)
	}
	if actions := r.unneeded(); len(actions) > 0 {
		warn("too-much", "Remove all policies from its principal except one that allows sts:AssumeRole and, for vending, "+
			"sts:TagSession and sts:SetSourceIdentity.",
			"Windlass has permissions that it doesn't need: %s.", strings.Join(actions, ", "))
	}
	if r.LongTerm && !r.Root && r.Source.Kind != Given {
		warn("long-term-key", "Run Windlass with a role: of an EC2 instance, an ECS task or an EKS pod, or with IAM Roles "+
			"Anywhere. Trust policies must then name the role instead, so plan the change.",
			"Windlass uses a long-term access key. Anyone who copies the key can act as Windlass until the key is deleted.")
	}
	if r.Source.Kind == SSO {
		warn("person", "Give Windlass a role or a user of its own.",
			"Windlass uses a person's sign-in, which expires within hours.")
	}
	if r.Skew.Abs() > maxSkew {
		warn("clock-skew", "Synchronize the clock with NTP.",
			"The clock of this machine differs from AWS's by %s. AWS rejects requests that are off by five minutes.",
			r.Skew.Abs())
	}
	return out
}

// unneeded returns the allowed actions that Windlass doesn't need, except
// iam:SimulatePrincipalPolicy, which is harmless.
func (r *Report) unneeded() []string {
	var out []string
	for _, right := range r.Rights {
		if right.Answer == Allowed && !right.Wanted && right.Action != "iam:SimulatePrincipalPolicy" {
			out = append(out, right.Action)
		}
	}
	return out
}

func noCredentials(err error) Warning {
	return Warning{
		Code: "none",
		Message: fmt.Sprintf("Windlass has no AWS credentials (%s), so it can't create or use integrations.",
			innermost(err)),
		Fix: "Give the process a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, " +
			"and restart it.",
	}
}

func noResponse(err error) Warning {
	w := Warning{
		Code: "no-answer", Message: fmt.Sprintf("GetCallerIdentity failed: %s.", innermost(err)),
		Fix: "Check the network connection of this machine and the configured addresses.",
	}
	var f *object.Failure
	if errors.As(err, &f) && f.Status != 0 {
		w.Message = fmt.Sprintf("GetCallerIdentity failed: AWS returned %d %s.", f.Status, f.Code)
		w.Fix = "The credentials are wrong, expired or inactive. Give Windlass valid credentials."
	}
	return w
}

// innermost returns the message of the innermost error. The SDK wraps errors
// several times.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = next
	}
}
