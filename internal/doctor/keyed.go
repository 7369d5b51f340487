package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// oldKey is the age at which a long-term key should be replaced.
const oldKey = 90 * 24 * time.Hour

// keySteps returns the steps for an access key, which don't assume a role.
func (r *run) keySteps() []step {
	steps := []step{
		{CodeAccessKey, nil, r.checkAccessKey},
		{CodeRegion, nil, r.checkRegion},
		{CodeList, []Code{CodeRegion}, r.checkList},
		{CodeListOutside, []Code{CodeRegion}, r.checkListOutside},
		{CodeGet, []Code{CodeRegion}, r.checkGet},
		{CodeGetOutside, []Code{CodeRegion}, r.checkGetOutside},
	}
	if r.i.Access == integration.ReadWrite {
		steps = append(steps,
			step{CodePut, []Code{CodeRegion}, r.checkPut}, step{CodeDelete, []Code{CodeRegion, CodePut}, r.checkDelete})
	} else {
		steps = append(steps, step{CodePutRefused, []Code{CodeRegion}, r.checkPutRefused})
	}
	return append(steps, step{CodeRequesterPays, []Code{CodeRegion}, r.checkRequesterPays})
}

// checkAccessKey warns about a long-term key of AWS, where a role is better.
func (r *run) checkAccessKey(_ context.Context, c *Check) {
	age := r.config.Now().Sub(r.key.CreatedAt)
	if r.key.Endpoint != "" {
		c.Detail = fmt.Sprintf("The key %s signs requests to %s.", r.key.AccessKeyID, r.key.Endpoint)
		return
	}
	detail := fmt.Sprintf("The key %s is a long-term key: it works for anyone who has it, until somebody deletes it.",
		r.key.AccessKeyID)
	if age > oldKey {
		detail = fmt.Sprintf("The key %s is a long-term key that was added %d days ago.", r.key.AccessKeyID,
			int(age.Hours()/24))
	}
	c.worsen(Warn, detail)
	c.blame(CauseLongTermKey,
		"With a role, there is no key to lose: Windlass assumes the role with an External ID, for an hour at a time.",
		&Fix{
			Text:    "Create an integration for these locations, use it in the sources that use this key, and remove the key.",
			Command: r.integrationCommand(),
		})
}

// integrationCommand returns the command that reserves an integration to
// replace the key.
func (r *run) integrationCommand() string {
	var b strings.Builder
	b.WriteString("windlass integration create --name " + shell(r.i.Name))
	for _, l := range r.i.Locations {
		b.WriteString(" --location " + shell(l.String()))
	}
	return b.String()
}

// blameAccessKey sets the cause when the service rejects the access key, or
// the key can't be used, and reports whether that is the cause.
func (r *run) blameAccessKey(c *Check, f *object.Failure) bool {
	var sealed *problem.Error
	switch {
	case r.key == nil, f.Unreached != nil:
		return false
	case f.Status == 0 && errors.As(f.Cause, &sealed): // nothing was sent
		c.blame(CauseSealed, "Windlass can't decrypt the secret of the access key: "+sealed.Message,
			&Fix{Text: cmp.Or(sealed.Hint, "The operator of this Windlass must check its master key.")})
		c.unsure = true
		return true
	case !slices.Contains(keyCodes, f.Code):
		return false
	}
	service := r.service(f)
	fix := &Fix{Text: "Compare the access key ID with the service's list of keys. Then remove this key and add it again."}
	if f.Code == "SignatureDoesNotMatch" {
		c.blame(CauseAccessKey,
			fmt.Sprintf("%s knows the access key ID %s, but the secret access key is wrong.", service,
				r.key.AccessKeyID), fix)
		return true
	}
	c.blame(CauseAccessKey,
		fmt.Sprintf("%s rejects the access key ID %s: it is mistyped, inactive, deleted or from another service.",
			service, r.key.AccessKeyID), fix)
	return true
}

// vocabulary contains the words of findings that differ between a role and an
// access key.
type vocabulary struct {
	holder   string // has the permissions
	policy   string // its permission policy
	boundary string // its permissions boundary
	printed  string // the policy in fixes
	attach   string // instruction to attach that policy
}

func (r *run) words() vocabulary {
	if r.key != nil {
		return vocabulary{
			holder: "the key's user", policy: "the policy of the key's user",
			boundary: "the permissions boundary of the key's user", printed: "this policy",
			attach: "Attach this policy to the key's user",
		}
	}
	return vocabulary{
		holder: "the role", policy: "the role's permission policy", boundary: "the role's permissions boundary",
		printed: "the printed permission policy", attach: "Attach the printed permission policy to the role",
	}
}

// capitalized returns s with a capital first letter.
func capitalized(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// printed returns the documents for fixes. An access key has no trust policy.
func (r *run) printed() (aws.Policies, error) {
	if r.key == nil {
		return r.i.Documents()
	}
	permission, err := generate.PermissionPolicy(r.i.Need())
	return aws.Policies{Permission: permission}, err
}

// attachCommand returns the command that puts a permission policy on the role
// or on the key's user. It is empty for services other than AWS.
func (r *run) attachCommand(document []byte) string {
	to := "put-role-policy --role-name " + shell(r.i.RoleARN.Name())
	switch {
	case r.key != nil && r.key.Endpoint != "":
		return ""
	case r.key != nil:
		to = "put-user-policy --user-name USER"
	}
	return "aws iam " + to + " --policy-name " + inlinePolicy + " --policy-document " + shell(compact(document))
}

// holder identifies the role, or the user of the access key.
func (r *run) holder() string {
	if r.key != nil {
		return "the user of the key " + r.key.AccessKeyID
	}
	return "the role " + string(r.i.RoleARN)
}

// partition returns the partition of the buckets.
func (r *run) partition() string {
	if r.key != nil {
		return strings.SplitN(r.i.PrincipalARN, ":", 3)[1]
	}
	return r.i.RoleARN.Partition()
}

// principalIn returns a principal in the partition of a region.
func principalIn(region string) string {
	partition := generate.AWS
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = generate.China
	case strings.HasPrefix(region, "us-gov-"):
		partition = generate.GovCloud
	}
	return "arn:" + string(partition) + ":iam::000000000000:root"
}
