package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// oldKey is an age at which a long-term key should have been replaced.
const oldKey = 90 * 24 * time.Hour

// keySteps are the steps of an access key: no role is assumed.
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
		steps = append(steps, step{CodePut, []Code{CodeRegion}, r.checkPut}, step{CodeDelete, []Code{CodeRegion, CodePut}, r.checkDelete})
	} else {
		steps = append(steps, step{CodePutRefused, []Code{CodeRegion}, r.checkPutRefused})
	}
	return append(steps, step{CodeRequesterPays, []Code{CodeRegion}, r.checkRequesterPays})
}

// checkAccessKey says what kind of key it is. For AWS there is a better way.
func (r *run) checkAccessKey(_ context.Context, c *Check) {
	age := r.config.Now().Sub(r.key.CreatedAt)
	if r.key.Endpoint != "" {
		c.Detail = fmt.Sprintf("The key %s signs requests to %s.", r.key.AccessKeyID, r.key.Endpoint)
		return
	}
	detail := fmt.Sprintf("The key %s is a long-term key: whoever has it gets in until somebody takes it away.", r.key.AccessKeyID)
	if age > oldKey {
		detail = fmt.Sprintf("The key %s is a long-term key, and has been here for %d days.", r.key.AccessKeyID, int(age.Hours()/24))
	}
	c.worsen(Warn, detail)
	c.blame(CauseLongTermKey, "A role leaves no key to be lost: Windlass assumes it with an External ID, for an hour at a time.",
		&Fix{Text: "Make an integration for these locations, give it to the sources that use this key, and remove the key.", Command: r.integrationCommand()})
}

// integrationCommand reserves the integration that would take the key's place.
func (r *run) integrationCommand() string {
	var b strings.Builder
	b.WriteString("windlass integration create --name " + shell(r.i.Name))
	for _, l := range r.i.Locations {
		b.WriteString(" --location " + shell(l.String()))
	}
	return b.String()
}

// blameAccessKey tells why a service does not take the key, and says whether
// that was it.
func (r *run) blameAccessKey(c *Check, f *object.Failure) bool {
	var sealed *problem.Error
	switch {
	case r.key == nil, f.Unreached != nil:
		return false
	case f.Status == 0 && errors.As(f.Cause, &sealed): // nothing was sent
		c.blame(CauseSealed, "Windlass cannot open the secret of the access key, which is sealed: "+sealed.Message, &Fix{Text: cmp.Or(sealed.Hint, "Whoever runs this Windlass must look at its master key.")})
		c.unsure = true
		return true
	case !oneOf(f.Code, keyCodes):
		return false
	}
	service := r.service(f)
	fix := &Fix{Text: "Compare the access key ID with the service's list of keys; then remove this one here, and add it anew."}
	if f.Code == "SignatureDoesNotMatch" {
		c.blame(CauseAccessKey, fmt.Sprintf("%s knows the access key ID %s, and the secret access key is not its own.", service, r.key.AccessKeyID), fix)
		return true
	}
	c.blame(CauseAccessKey, fmt.Sprintf("%s does not take the access key ID %s: it is mistyped, switched off or deleted, or is another service's.", service, r.key.AccessKeyID), fix)
	return true
}

// keyed puts what was found in the words of an access key: the checks are
// written for a role.
func keyed(c *Check) {
	c.Detail, c.Cause = keyedWords.Replace(c.Detail), keyedWords.Replace(c.Cause)
	if c.Fix != nil {
		c.Fix.Text = keyedWords.Replace(c.Fix.Text)
	}
}

var keyedWords = strings.NewReplacer(
	"The role's permission policy", "The policy of the key's user", "the role's own policies", "the policies of the key's user",
	"The role's permissions boundary", "The permissions boundary of the key's user", "Make the role in the bucket's own account", "Use a key of the bucket's own account",
	"keep the role's permission policy", "keep the policy of the key's user", "No policy of the role allows", "No policy of the key's user allows", "no policy of the role allows", "no policy of the key's user allows",
	"Give the role the printed permission policy", "Give the key's user this policy", "as in the printed permission policy", "as in this policy",
	"when bucket and role are in one account", "when bucket and user are in one account", "must let the role in too", "must let the user in too",
	"The role may write", "The key may write", "than the role, and its bucket policy does not let the role in", "than the key's user, and its bucket policy does not let the user in",
	"does not let the role use it", "does not let the key's user use it", "denies to the role", "denies to the key's user", "Attach the permission policy to the role", "Attach the policy to the key's user",
	"Compare the permissions there with the printed permission policy", "Compare the permissions there with this policy, which is AWS's form of the least that is needed",
)

// printed are the documents that fixes are made of: an access key has no trust
// policy.
func (r *run) printed() (aws.Policies, error) {
	if r.key == nil {
		return r.i.Documents()
	}
	permission, err := generate.PermissionPolicy(r.i.Need())
	return aws.Policies{Permission: permission}, err
}

// attachCommand puts a permission policy on the role, or on the key's user;
// empty where there is no AWS to run it.
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

// holder is who is let in.
func (r *run) holder() string {
	if r.key != nil {
		return "the user of the key " + r.key.AccessKeyID
	}
	return "the role " + string(r.i.RoleARN)
}

// partition is where the buckets are.
func (r *run) partition() string {
	if r.key != nil {
		return strings.SplitN(r.i.PrincipalARN, ":", 3)[1]
	}
	return r.i.RoleARN.Partition()
}

// principalIn gives a principal of the partition that a region is in.
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
