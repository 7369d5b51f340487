package aws

import (
	"fmt"
	"strings"
)

// console writes the steps that a person does in the AWS console, with the
// documents to paste.
func (t trees) console() string {
	var steps []string
	if len(t.notes) > 0 {
		steps = append(steps, "Before you begin: "+strings.Join(t.notes, " "))
	}
	if t.trust != nil && t.exists {
		return numbered(append(steps, t.edits()...))
	}
	steps = append(steps,
		"Open the IAM service in the AWS console, https://"+consoleHost(t.partition)+"/iam/, and go to **Policies**. Choose **Create policy**, then **JSON**.",
		"Replace what stands in the editor with this policy, and choose **Next**:\n"+fenced(t.permission),
		"Enter the policy name `"+t.attached()+"` and choose **Create policy**.",
	)
	if t.trust != nil {
		steps = append(steps,
			"Go to **Roles** and choose **Create role**. As the trusted entity type choose **Custom trust policy**.",
			"Replace what stands in the editor with this trust policy, and choose **Next**:\n"+fenced(t.trust),
			"Under **Permissions policies** select `"+t.attached()+"`, and choose **Next**.",
			"Enter the role name `"+t.name+"` and choose **Create role**.",
			"Open the role and copy its **ARN**.",
		)
	}
	return numbered(steps)
}

// edits are the steps for a role that exists.
func (t trees) edits() []string {
	return []string{
		"Open the IAM service in the AWS console, https://" + consoleHost(t.partition) + "/iam/, go to **Roles** and choose `" + t.name + "`.",
		"Under **Trust relationships** choose **Edit trust policy**. Replace what stands in the editor with this trust policy, and choose **Update policy**:\n" + fenced(t.trust),
		"Under **Permissions** open the policy that was made for Windlass and choose **Edit**; when there is none, choose **Add permissions**, **Create inline policy** and **JSON**.",
		"Replace what stands in the editor with this policy, choose **Next**, and save. A new policy is named `" + policyName + "`:\n" + fenced(t.permission),
	}
}

func numbered(steps []string) string {
	var out strings.Builder
	for i, step := range steps {
		fmt.Fprintf(&out, "%d. %s\n", i+1, step)
	}
	return out.String()
}

// attached is the managed policy's name: the role's own, when there is one.
func (t trees) attached() string {
	if t.trust == nil {
		return t.name
	}
	return t.name + "-access"
}

func fenced(policy *tree) string {
	return "\n   ```json\n   " + policy.json("   ") + "\n   ```\n"
}
