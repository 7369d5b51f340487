package ci

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// RotateDays is the age in days at which an access key is to be replaced.
const RotateDays = int(credential.RotateAfter / (24 * time.Hour))

// user is the oldest way, in the words in which teams have it written down.
func (o *Order) user(guide *Guide) error {
	guide.Title, guide.Rank = titleOf(o.CI)+": an IAM user's access key", 3
	guide.Verdict = "The weakest. The key works from anywhere, for whoever has it, until somebody deletes it; every job and every person with access to the CI's settings is the same user. " +
		"Use it where neither other way can be had, and replace the key every " + strconv.Itoa(RotateDays) + " days."
	permission, err := o.permission()
	if err != nil {
		return refused(err)
	}
	policy := Document{"policy.json", "json", ended(string(permission))}
	guide.add("Login to your AWS Account", "Then the same by hand in the console, or with these commands.", Document{"user.sh", "sh", o.userCommands(string(permission))})
	guide.add("Search For IAM on the search bar", "Open Users.")
	guide.add("Create New User name", "Add user detail: the name "+o.Name+". Leave \"Provide user access to the AWS Management Console\" off: a job needs no password.")
	guide.add("Attach New Policy To The Created User",
		"Create policy, JSON. This one opens "+o.location().String()+" and nothing else. The policy that is often pasted, s3:* on the whole bucket, also lets a job delete what others "+
			"keep there and make the bucket's objects public, and lacks the right to list.\n\nTo access the ARN name for your policy, go to your S3 bucket, click on your bucket name, click on the Properties tab.", policy)
	guide.add("Make an access key and give it to "+titleOf(o.CI), "Security credentials › Create access key. The secret is shown once. "+o.keyText(), o.userConfig())
	guide.add("Replace the key every "+strconv.Itoa(RotateDays)+" days",
		"A user may have two keys: make the second, give it to the CI, see a job pass, then end the first. \"windlass credential list\" tells the age of the keys that Windlass keeps, and which are due.",
		Document{"rotate.sh", "sh", o.rotateCommands()})
	return nil
}

func (o *Order) userCommands(policy string) string {
	return fmt.Sprintf(`aws iam create-user --user-name %[1]s
aws iam put-user-policy \
  --user-name %[1]s \
  --policy-name bucket \
  --policy-document %[2]s
aws iam create-access-key --user-name %[1]s
`, aws.ShellQuote(o.Name), aws.ShellQuote(strings.TrimSpace(policy)))
}

func (o *Order) rotateCommands() string {
	return fmt.Sprintf(`aws iam list-access-keys --user-name %[1]s --query 'AccessKeyMetadata[].[AccessKeyId,Status,CreateDate]' --output table
aws iam create-access-key --user-name %[1]s
# Give the new key to the CI and see a job pass. Then, with the old key's ID:
aws iam update-access-key --user-name %[1]s --access-key-id "$OLD_KEY_ID" --status Inactive
# A day later, when nothing has failed:
aws iam delete-access-key --user-name %[1]s --access-key-id "$OLD_KEY_ID"
`, aws.ShellQuote(o.Name))
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

func (o *Order) userConfig() Document {
	switch o.CI {
	case provider.CircleCI:
		return Document{".circleci/config.yml", "yaml", fmt.Sprintf(`version: 2.1
jobs:
  build:
    docker:
      - image: cimg/aws:2025.01
    environment:
      AWS_REGION: %s
      AWS_DEFAULT_REGION: %s
    steps:
      - checkout
      - run: %s
workflows:
  build:
    jobs:
      - build:
          context: aws
`, o.Region, o.Region, yaml(o.sample()))}
	case provider.GitHub:
		return Document{".github/workflows/build.yml", "yaml", fmt.Sprintf(`name: build
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    environment: aws
    env:
      AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}
      AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
      AWS_REGION: %s
    steps:
      - uses: actions/checkout@v4
      - run: %s
`, o.Region, yaml(o.sample()))}
	case provider.GitLab:
		return Document{".gitlab-ci.yml", "yaml", fmt.Sprintf(`build:
  image:
    name: amazon/aws-cli:2.17.0
    entrypoint: [""]
  rules:
    - if: $CI_COMMIT_REF_PROTECTED == "true"
  variables:
    AWS_DEFAULT_REGION: %s
  script:
    - %s
`, o.Region, yaml(o.sample()))}
	case provider.Buildkite:
		return Document{".buildkite/pipeline.yml", "yaml", fmt.Sprintf(`steps:
  - label: build
    secrets: [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]
    env:
      AWS_DEFAULT_REGION: %s
    command: %s
`, o.Region, yaml(o.sample()))}
	default:
		return Document{"provider.tf", "hcl", fmt.Sprintf("provider \"aws\" {\n  region = %q\n}\n", o.Region)}
	}
}
