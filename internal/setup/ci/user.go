package ci

import (
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// RotateDays is the age in days at which an access key should be replaced.
const RotateDays = int(credential.RotateAfter / (24 * time.Hour))

// user writes the guide for access keys, in the words of the instructions
// that teams use.
func (o *Order) user(guide *Guide) error {
	guide.Title, guide.Rank = productName(o.CI)+": an IAM user's access key", 3
	guide.Verdict = "The weakest way. The key works from anywhere, for anyone who has it, until someone deletes it. " +
		"Every job and every person with access to the CI's settings is the same user. " +
		"Use it only if neither other way is available, and replace the key " +
		"every " + strconv.Itoa(RotateDays) + " days."
	permission, err := o.permission()
	if err != nil {
		return refused(err)
	}
	f := o.fields()
	f.Policy = strings.TrimSpace(string(permission))
	create, err := f.document("user.sh", "sh", "user.sh")
	if err != nil {
		return err
	}
	config, err := f.config()
	if err != nil {
		return err
	}
	rotate, err := f.document("rotate.sh", "sh", "rotate.sh")
	if err != nil {
		return err
	}
	policy := Document{"policy.json", "json", withNewline(string(permission))}
	guide.add("Login to your AWS Account", "Then follow the steps in the console, or run these commands.", create)
	guide.add("Search For IAM on the search bar", "Open Users.")
	guide.add("Create New User name", "Add user detail: the name "+o.Name+
		". Leave \"Provide user access to the AWS Management Console\" off: a job needs no password.")
	guide.add("Attach New Policy To The Created User",
		"Create policy, JSON. This policy allows "+o.location().String()+" and nothing else. The common alternative, "+
			"s3:* on the whole bucket, also lets a job delete other people's objects and make them public, but "+
			"doesn't allow listing.\n\n"+
			"To access the ARN name for your policy, go to your S3 bucket, click on your bucket name, click on the "+
			"Properties tab.", policy)
	guide.add("Create an access key and give it to "+productName(o.CI),
		"Security credentials › Create access key. The secret is shown once. "+o.keyText(), config)
	guide.add(
		"Replace the key every "+strconv.Itoa(RotateDays)+" days",
		"A user can have two keys: create the second, give it to the CI, wait for a job to pass, then delete the "+
			"first. "+
			"\"windlass credential list\" shows the age of the keys that Windlass stores, and which to replace.",
		rotate,
	)
	return nil
}

func (o *Order) keyText() string {
	switch o.CI {
	case provider.CircleCI:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in a context that is restricted to a security " +
			"group, not in the project's variables."
	case provider.GitHub:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as secrets of a protected environment."
	case provider.GitLab:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as CI/CD variables that are protected, masked and " +
			"hidden."
	case provider.Buildkite:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as secrets of the cluster, for this pipeline alone."
	case provider.Terraform:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as sensitive environment variables of the workspace."
	case provider.Custom:
	}
	return ""
}
