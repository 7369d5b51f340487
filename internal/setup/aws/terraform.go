package aws

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// importComment explains what to do with a role that another configuration
// created.
const importComment = `# The role exists. If it was created elsewhere, change its policies there, or import it before the first apply
# and review the plan: terraform import aws_iam_role.windlass %s

`

// terraform returns a role with its inline policy, or only a managed policy.
// The policies are HCL objects in jsonencode, so that reviewers can read them
// and terraform plan shows each changed member.
func (p *page) terraform() string {
	if p.Endpoint != "" {
		return p.storeTerraform()
	}
	file := hclwrite.NewEmptyFile()
	body := file.Body()
	comments := p.Comments()
	if p.Exists && p.Trust != nil {
		comments += fmt.Sprintf(importComment, p.Name)
	}
	body.AppendUnstructuredTokens(commentTokens(comments))
	if p.Trust == nil {
		block := body.AppendNewBlock("resource", []string{"aws_iam_policy", "windlass"}).Body()
		block.SetAttributeValue("name", cty.StringVal(p.Name))
		block.SetAttributeRaw("policy", jsonencode(*p.Permission))
		return formatted(file)
	}
	role := body.AppendNewBlock("resource", []string{"aws_iam_role", "windlass"}).Body()
	role.SetAttributeValue("name", cty.StringVal(p.Name))
	role.SetAttributeRaw("assume_role_policy", jsonencode(*p.Trust))
	body.AppendNewline()
	policy := body.AppendNewBlock("resource", []string{"aws_iam_role_policy", "windlass"}).Body()
	policy.SetAttributeValue("name", cty.StringVal(policyName))
	policy.SetAttributeTraversal("role", traversal("aws_iam_role", "windlass", "id"))
	policy.SetAttributeRaw("policy", jsonencode(*p.Permission))
	body.AppendNewline()
	output := body.AppendNewBlock("output", []string{"role_arn"}).Body()
	output.SetAttributeTraversal("value", traversal("aws_iam_role", "windlass", "arn"))
	return formatted(file)
}

// formatted returns the file as terraform fmt formats it.
func formatted(file *hclwrite.File) string { return string(hclwrite.Format(file.Bytes())) }

func commentTokens(comments string) hclwrite.Tokens {
	return hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte(comments)}}
}

func jsonencode(value tree) hclwrite.Tokens {
	return hclwrite.TokensForFunctionCall("jsonencode", value.hcl())
}

// hcl returns the tree as an HCL expression; hclwrite escapes "${" and "%{".
func (t tree) hcl() hclwrite.Tokens {
	switch t.kind {
	case objectTree:
		attributes := make([]hclwrite.ObjectAttrTokens, len(t.members))
		for i, m := range t.members {
			attributes[i] = hclwrite.ObjectAttrTokens{Name: hclName(m.name), Value: m.value.hcl()}
		}
		return hclwrite.TokensForObject(attributes)
	case arrayTree:
		items := make([]hclwrite.Tokens, len(t.items))
		for i, item := range t.items {
			items[i] = item.hcl()
		}
		if len(t.items) > 0 && t.items[0].kind == objectTree {
			return onLines(items)
		}
		return hclwrite.TokensForTuple(items)
	case literalTree:
		return hclwrite.Tokens{{Type: hclsyntax.TokenIdent, Bytes: []byte(t.text)}}
	default:
		return hclwrite.TokensForValue(cty.StringVal(t.text))
	}
}

// onLines returns a tuple with one item per line.
func onLines(items []hclwrite.Tokens) hclwrite.Tokens {
	newline := &hclwrite.Token{Type: hclsyntax.TokenNewline, Bytes: []byte("\n")}
	out := hclwrite.Tokens{{Type: hclsyntax.TokenOBrack, Bytes: []byte("[")}, newline}
	for _, item := range items {
		out = append(append(out, item...), &hclwrite.Token{Type: hclsyntax.TokenComma, Bytes: []byte(",")}, newline)
	}
	return append(out, &hclwrite.Token{Type: hclsyntax.TokenCBrack, Bytes: []byte("]")})
}

func hclName(name string) hclwrite.Tokens {
	if hclsyntax.ValidIdentifier(name) {
		return hclwrite.TokensForIdentifier(name)
	}
	return hclwrite.TokensForValue(cty.StringVal(name))
}

func traversal(root string, names ...string) hcl.Traversal {
	out := hcl.Traversal{hcl.TraverseRoot{Name: root}}
	for _, name := range names {
		out = append(out, hcl.TraverseAttr{Name: name})
	}
	return out
}
