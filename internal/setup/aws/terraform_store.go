package aws

import (
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// storeTerraform uses the store's AWS IAM API. For a store with its own
// Terraform provider, the policy must be written for that.
func (p *page) storeTerraform() string {
	file := hclwrite.NewEmptyFile()
	body := file.Body()
	body.AppendUnstructuredTokens(commentTokens(p.Comments()))
	provider := body.AppendNewBlock("provider", []string{"aws"}).Body()
	provider.SetAttributeValue("alias", cty.StringVal("store"))
	provider.SetAttributeValue("region", cty.StringVal("us-east-1"))
	for _, name := range []string{
		"skip_credentials_validation", "skip_metadata_api_check",
		"skip_requesting_account_id",
	} {
		provider.SetAttributeValue(name, cty.True)
	}
	provider.AppendNewline()
	provider.AppendNewBlock("endpoints", nil).Body().SetAttributeValue("iam", cty.StringVal(p.Endpoint))
	body.AppendNewline()
	resource := func(kind string) *hclwrite.Body {
		block := body.AppendNewBlock("resource", []string{kind, "windlass"}).Body()
		block.SetAttributeTraversal("provider", traversal("aws", "store"))
		body.AppendNewline()
		return block
	}
	resource("aws_iam_user").SetAttributeValue("name", cty.StringVal(p.Name))
	policy := resource("aws_iam_user_policy")
	policy.SetAttributeValue("name", cty.StringVal(policyName))
	policy.SetAttributeTraversal("user", traversal("aws_iam_user", "windlass", "name"))
	policy.SetAttributeRaw("policy", jsonencode(*p.Permission))
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
