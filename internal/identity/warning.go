package identity

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/object"
)

// Warning is what should be better about the service's identity.
type Warning struct {
	Code    string // stable: "none", "no-answer", "root", "too-much", "long-term-key", "person", "clock-skew"
	Message string // what it is: one sentence
	Fix     string // what to do
}

// maxSkew is how wrong our clock may be before it is worth a word.
const maxSkew = time.Minute

// warnings judges what was found, the worst first.
func (r *Report) warnings() []Warning {
	out := []Warning{}
	if r.Root {
		out = append(out, Warning{
			Code: "root", Message: fmt.Sprintf("Windlass acts as the root user of the account %s, which may do everything there, and may assume no role.", r.Account),
			Fix: "Make a role or a user that may do sts:AssumeRole and nothing else, give Windlass its credentials, and delete the root user's access key.",
		})
	}
	if open := r.tooMuch(); len(open) > 0 {
		out = append(out, Warning{
			Code: "too-much", Message: fmt.Sprintf("Windlass may do more than it needs: %s.", strings.Join(open, ", ")),
			Fix: "Take every policy from its principal but one that allows sts:AssumeRole, and for vending sts:TagSession and sts:SetSourceIdentity.",
		})
	}
	if r.LongTerm && !r.Root && r.Source.Kind != Given {
		out = append(out, Warning{
			Code: "long-term-key", Message: "Windlass signs with a long-term access key: whoever copies it is Windlass until somebody takes it away.",
			Fix: "Run Windlass where it has a role: an EC2 instance's, an ECS task's, an EKS pod's, or IAM Roles Anywhere. Trust policies then name the role, so plan for the change of principal.",
		})
	}
	if r.Source.Kind == SSO {
		out = append(out, Warning{
			Code: "person", Message: "Windlass acts with a person's sign-in, which ends within hours.",
			Fix: "Give it a role or a user of its own.",
		})
	}
	if r.Skew.Abs() > maxSkew {
		out = append(out, Warning{
			Code: "clock-skew", Message: fmt.Sprintf("The clock of this machine is %s away from AWS's; AWS refuses requests whose time is off by five minutes.", r.Skew.Abs()),
			Fix: "Set the machine's clock, and keep it set with NTP.",
		})
	}
	return out
}

// tooMuch gives the actions that are allowed and that Windlass does not need.
// That it may ask AWS about its own policies harms nobody.
func (r *Report) tooMuch() []string {
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
		Code: "none", Message: fmt.Sprintf("Windlass has no AWS credentials (%s), so no integration can be made or used.", bottom(err)),
		Fix: "Give the process a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, and start it again.",
	}
}

func noAnswer(err error) Warning {
	w := Warning{
		Code: "no-answer", Message: fmt.Sprintf("AWS did not say who Windlass is: %s.", bottom(err)),
		Fix: "Look at the way out of this machine and at the configured addresses.",
	}
	var f *object.Failure
	if errors.As(err, &f) && f.Status != 0 {
		w.Message = fmt.Sprintf("AWS did not say who Windlass is: it answered %d %s.", f.Status, f.Code)
		w.Fix = "The credentials are wrong, expired or switched off: give Windlass working ones."
	}
	return w
}

// bottom is the error at the bottom: the SDK wraps one several times.
func bottom(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = next
	}
}
