package aws

import "strings"

// cloudFormation writes a template with the role and its inline policy, or
// with a managed policy alone. Every string is double-quoted, which YAML reads
// as JSON does: nothing in a policy is taken for a date, a number or a tag.
func (t trees) cloudFormation() string {
	var out strings.Builder
	out.WriteString(t.comments() + t.taken(
		"The role exists. Update the stack that made it with this template; a role that no stack made is not taken",
		"over by a new one: use the AWS CLI or the console.") + "AWSTemplateFormatVersion: \"2010-09-09\"\n")
	if t.trust == nil {
		out.WriteString("Resources:\n  Policy:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n")
		out.WriteString("      ManagedPolicyName: " + quote(t.name) + "\n      PolicyDocument:\n")
		t.permission.yaml(&out, "        ")
		return out.String()
	}
	out.WriteString("Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n")
	out.WriteString("      RoleName: " + quote(t.name) + "\n      AssumeRolePolicyDocument:\n")
	t.trust.yaml(&out, "        ")
	out.WriteString("      Policies:\n        - PolicyName: " + quote(policyName) + "\n          PolicyDocument:\n")
	t.permission.yaml(&out, "            ")
	out.WriteString("Outputs:\n  RoleArn:\n    Value: !GetAtt Role.Arn\n")
	return out.String()
}

// yaml writes an object's members or an array's items, one a line, in YAML's
// block style.
func (t tree) yaml(out *strings.Builder, indent string) {
	for _, m := range t.members {
		out.WriteString(indent + yamlName(m.name) + ":")
		m.value.yamlValue(out, indent+"  ")
	}
	for _, item := range t.items {
		if item.kind == objectTree && len(item.members) > 0 {
			var inner strings.Builder
			item.yaml(&inner, indent+"  ")
			out.WriteString(indent + "- " + strings.TrimPrefix(inner.String(), indent+"  "))
			continue
		}
		out.WriteString(indent + "-")
		item.yamlValue(out, indent+"  ")
	}
}

func (t tree) yamlValue(out *strings.Builder, indent string) {
	switch {
	case len(t.members)+len(t.items) > 0:
		out.WriteString("\n")
		t.yaml(out, indent)
	case t.kind == objectTree:
		out.WriteString(" {}\n")
	case t.kind == arrayTree:
		out.WriteString(" []\n")
	default:
		out.WriteString(" " + t.scalar() + "\n")
	}
}

// yamlName leaves a plain word bare and quotes the rest: a condition key has a
// colon in it.
func yamlName(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && name != "" {
		return name
	}
	return quote(name)
}
