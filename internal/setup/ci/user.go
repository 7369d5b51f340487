package ci

import (
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// RotateDays is the age in days at which an access key is to be replaced.
const RotateDays = int(credential.RotateAfter / (24 * time.Hour))

// user is the oldest way, in the words in which teams have it written down.
func (o *Order) user(guide *Guide) error {
	guide.Title, guide.Rank = productName(o.CI)+": an IAM user's access key", 3
	guide.Verdict = "The weakest. The key works from anywhere, for whoever has it, until somebody deletes it; every job and every person with access to the CI's settings is the same user. " +
		"Use it where neither other way can be had, and replace the key every " + strconv.Itoa(RotateDays) + " days."
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
	policy := Document{"policy.json", "json", ended(string(permission))}
	guide.add("Login to your AWS Account", "Then the same by hand in the console, or with these commands.", create)
	guide.add("Search For IAM on the search bar", "Open Users.")
	guide.add("Create New User name", "Add user detail: the name "+o.Name+". Leave \"Provide user access to the AWS Management Console\" off: a job needs no password.")
	guide.add("Attach New Policy To The Created User",
		"Create policy, JSON. This one opens "+o.location().String()+" and nothing else. The policy that is often pasted, s3:* on the whole bucket, also lets a job delete what others "+
			"keep there and make the bucket's objects public, and lacks the right to list.\n\nTo access the ARN name for your policy, go to your S3 bucket, click on your bucket name, click on the Properties tab.", policy)
	guide.add("Make an access key and give it to "+productName(o.CI), "Security credentials › Create access key. The secret is shown once. "+o.keyText(), config)
	guide.add("Replace the key every "+strconv.Itoa(RotateDays)+" days",
		"A user may have two keys: make the second, give it to the CI, see a job pass, then end the first. \"windlass credential list\" tells the age of the keys that Windlass keeps, and which are due.",
		rotate)
	return nil
}

func (o *Order) keyText() string {
	switch o.CI {
	case provider.CircleCI:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in a context that is restricted to a security group, not in the project's variables."
	case provider.GitHub:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as secrets of a protected environment."
	case provider.GitLab:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as CI/CD variables that are protected, masked and hidden."
	case provider.Buildkite:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as secrets of the cluster, for this pipeline alone."
	case provider.Terraform:
		return "Keep AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as sensitive environment variables of the workspace."
	case provider.Custom:
	}
	return ""
}
