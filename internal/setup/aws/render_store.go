package aws

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// store writes the permission policy for a user of a store that is not AWS:
// by AWS's own IAM calls where the store answers them (Ceph's gateway does
// since Squid, for an account: https://docs.ceph.com/en/latest/radosgw/iam/), and else by the
// store's own tool.
func (t trees) store(format Format) (string, error) {
	switch format {
	case JSON:
		return t.json(), nil
	case Terraform:
		return t.storeTerraform(), nil
	case CloudFormation:
		return "", invalid("format", string(format), "CloudFormation makes nothing in %s, which is not AWS: take cli, terraform or console", t.endpoint)
	case CLI:
		return t.storeCLI(), nil
	case Console:
		return t.storeConsole(), nil
	}
	return "", unknownFormat(format)
}

const storeScript = `# Run it with the keys of the account's root user, where the store answers AWS's
# IAM calls, as Ceph's gateway does since Squid: sh windlass-setup.sh
# With MinIO, by its mc and an alias:            sh windlass-setup.sh minio ALIAS
# It ends by printing the access key and its secret. Give both to Windlass, with
# the endpoint ENDPOINT, and to nobody else.
set -eu

export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"
name=NAME
policy=POLICY

case ${1:-aws} in
aws)
  aws --endpoint-url ENDPOINT iam create-user --user-name "$name" >&2
  aws --endpoint-url ENDPOINT iam put-user-policy --user-name "$name" --policy-name ATTACHED --policy-document "$policy"
  aws --endpoint-url ENDPOINT iam create-access-key --user-name "$name" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text
  ;;
minio)
  secret=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$policy" | mc admin policy create "$2" "$name" /dev/stdin >&2
  printf '%s\n%s\n' "$name" "$secret" | mc admin user add "$2" >&2
  mc admin policy attach "$2" "$name" --user "$name" >&2
  printf '%s\t%s\n' "$name" "$secret"
  ;;
esac
`

// storeCLI is a script that makes the user, gives it the policy, and prints
// the access key. A secret goes through a pipe, not through an argument.
func (t trees) storeCLI() string {
	return t.comments() + strings.NewReplacer(
		"ENDPOINT", t.endpoint, "NAME", ShellQuote(t.name), "POLICY", ShellQuote(t.permission.json("")), "ATTACHED", ShellQuote(policyName),
	).Replace(storeScript)
}

// storeTerraform speaks AWS's IAM to the store. A store with a provider of its
// own takes the policy there.
func (t trees) storeTerraform() string {
	file := hclwrite.NewEmptyFile()
	body := file.Body()
	body.AppendUnstructuredTokens(commentTokens(t.comments()))
	provider := body.AppendNewBlock("provider", []string{"aws"}).Body()
	provider.SetAttributeValue("alias", cty.StringVal("store"))
	provider.SetAttributeValue("region", cty.StringVal("us-east-1"))
	for _, name := range []string{"skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id"} {
		provider.SetAttributeValue(name, cty.True)
	}
	provider.AppendNewline()
	provider.AppendNewBlock("endpoints", nil).Body().SetAttributeValue("iam", cty.StringVal(t.endpoint))
	body.AppendNewline()
	resource := func(kind string) *hclwrite.Body {
		block := body.AppendNewBlock("resource", []string{kind, "windlass"}).Body()
		block.SetAttributeTraversal("provider", traversal("aws", "store"))
		body.AppendNewline()
		return block
	}
	resource("aws_iam_user").SetAttributeValue("name", cty.StringVal(t.name))
	policy := resource("aws_iam_user_policy")
	policy.SetAttributeValue("name", cty.StringVal(policyName))
	policy.SetAttributeTraversal("user", traversal("aws_iam_user", "windlass", "name"))
	policy.SetAttributeRaw("policy", jsonencode(*t.permission))
	resource("aws_iam_access_key").SetAttributeTraversal("user", traversal("aws_iam_user", "windlass", "name"))
	for i, output := range []string{"access_key_id", "secret_access_key"} {
		block := body.AppendNewBlock("output", []string{output}).Body()
		block.SetAttributeTraversal("value", traversal("aws_iam_access_key", "windlass", []string{"id", "secret"}[i]))
		if i == 0 {
			body.AppendNewline()
			continue
		}
		block.SetAttributeValue("sensitive", cty.True)
	}
	return formatted(file)
}

// storeConsole are the steps in the store's own administration, whose pages
// have other names in each.
func (t trees) storeConsole() string {
	var steps []string
	if len(t.notes) > 0 {
		steps = append(steps, "Before you begin: "+strings.Join(t.notes, " "))
	}
	return numbered(append(steps,
		"Open the administration of "+t.endpoint+" and make a policy named `"+t.name+"` of this document. In MinIO that is `mc admin policy create ALIAS "+t.name+" FILE`; in Ceph’s gateway (since Squid) it is put on the user by `aws --endpoint-url "+t.endpoint+" iam put-user-policy`:\n"+fenced(t.permission),
		"Make a user `"+t.name+"` with this policy and no other (`mc admin user add`, `mc admin policy attach`; `aws --endpoint-url "+t.endpoint+" iam create-user`).",
		"Make an access key for the user, and keep its secret for the next step alone (`aws --endpoint-url "+t.endpoint+" iam create-access-key`; in MinIO the user is the key).",
		"In Windlass go to **Sources > Credentials** and choose **Add access key**. Enter the key, its secret and the endpoint `"+t.endpoint+"`.",
		"Open the key and choose **Verify now**: Windlass proves that it opens the location, and nothing beside it.",
	))
}
