package aws

import "strings"

// cli writes AWS CLI commands for a POSIX shell, which make the role, or replace
// its documents when it exists.
func (t trees) cli() string {
	if t.trust == nil {
		return t.comments() + "aws iam create-policy \\\n  --policy-name " + ShellQuote(t.name) +
			" \\\n  --policy-document " + ShellQuote(t.permission.json("")) + "\n"
	}
	trust := "aws iam create-role \\\n  --role-name " + ShellQuote(t.name) + " \\\n  --assume-role-policy-document "
	if t.exists {
		trust = "aws iam update-assume-role-policy \\\n  --role-name " + ShellQuote(t.name) + " \\\n  --policy-document "
	}
	return t.comments() + trust + ShellQuote(t.trust.json("")) + "\n\n" +
		"aws iam put-role-policy \\\n  --role-name " + ShellQuote(t.name) +
		" \\\n  --policy-name " + ShellQuote(policyName) +
		" \\\n  --policy-document " + ShellQuote(t.permission.json("")) + "\n\n" +
		"aws iam get-role \\\n  --role-name " + ShellQuote(t.name) + " \\\n  --query Role.Arn --output text\n"
}

// ShellQuote quotes text as one word of a POSIX shell.
func ShellQuote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
