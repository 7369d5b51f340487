package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// headers are condition keys that a request sets by a header. A Deny on one of
// them protects data, so the request should change and not the Deny.
var headers = map[string]string{
	"s3:x-amz-server-side-encryption":                "x-amz-server-side-encryption",
	"s3:x-amz-server-side-encryption-aws-kms-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
	"s3:x-amz-acl":                     "x-amz-acl",
	"s3:x-amz-storage-class":           "x-amz-storage-class",
	"s3:x-amz-content-sha256":          "x-amz-content-sha256",
	"s3:object-lock-mode":              "x-amz-object-lock-mode",
	"s3:object-lock-retain-until-date": "x-amz-object-lock-retain-until-date",
}

// protection returns how a request satisfies a Deny that protects data: one of
// plain HTTP, of old TLS, or of uploads without a header. It returns "" for
// other conditions.
func protection(c *iam.Condition, where string) string {
	key := strings.ToLower(c.Key.Value)
	switch key {
	case "aws:securetransport":
		return fmt.Sprintf("Make the request over HTTPS, which %s requires.", where)
	case "s3:tlsversion":
		return fmt.Sprintf("Use a newer version of TLS, which %s requires (%s %s).", where, c.Operator.Value,
			quoted(texts(&c.Values)))
	case "s3:signatureversion", "s3:authtype":
		return fmt.Sprintf("Sign the request as %s requires: %s denies %s.", where, c.Key.Value, quoted(texts(&c.Values)))
	}
	header, ok := headers[key]
	if !ok {
		return ""
	}
	values := quoted(texts(&c.Values))
	switch operator := strings.ToLower(c.Operator.Value); {
	case strings.HasPrefix(operator, "null"):
		return fmt.Sprintf("Send the header %s, which %s requires.", header, where)
	case strings.Contains(operator, "not"):
		return fmt.Sprintf("Send the header %s with %s, which %s requires.", header, values, where)
	default:
		return fmt.Sprintf("Send the header %s with a value other than %s, which %s denies.", header, values, where)
	}
}

// provide returns how a condition key gets its value, for keys that a caller
// can't send. It returns "" for others.
func provide(key string) string {
	key = strings.ToLower(key)
	for _, of := range [...]struct{ prefix, how string }{
		{"aws:principaltag/", "Tag the caller (a user, a role or its session), or call as a principal with the tag:"},
		{"aws:principalorg", "Call as a principal of the right organization:"},
		{"aws:principalaccount", "Call as a principal of the right account:"},
		{"aws:principalarn", "Call as the right principal:"},
		{"aws:userid", "Call as the right principal:"},
		{"aws:resourcetag/", "Tag the resource:"},
		{"s3:existingobjecttag/", "Tag the object:"},
		{"s3:resourceaccount", "Use a resource of the right account:"},
		{"aws:resourceaccount", "Use a resource of the right account:"},
		{"aws:resourceorg", "Use a resource of the right organization:"},
		{"aws:sourcevpc", "Make the request through the right VPC endpoint:"},
		{"aws:vpc", "Make the request through a VPC endpoint:"},
		{"aws:sourceip", "Make the request from an allowed address:"},
		{"aws:currenttime", "Make the request at an allowed time:"},
		{"aws:epochtime", "Make the request at an allowed time:"},
		{"aws:calledvia", "Make the request through the right AWS service:"},
		{"aws:viaawsservice", "Make the request through an AWS service:"},
		{"aws:source", "Let the right AWS resource make the request:"},
		{"kms:viaservice", "Use the key through the right AWS service:"},
	} {
		if strings.HasPrefix(key, of.prefix) {
			return of.how
		}
	}
	return ""
}

// fixNotPrincipal returns what a Deny with NotPrincipal leaves out. It exempts
// a caller only if it names the caller, its role and its account.
func (t *narrator) fixNotPrincipal(where string, element *iam.PrincipalElement) string {
	p := &t.request.Principal
	named := map[string]bool{}
	for i := range element.Entries {
		for _, v := range element.Entries[i].Values.Values {
			named[v.Value] = true
		}
	}
	var missing []string
	if partition, ok := partitionOf(p.ARN); ok {
		root := "arn:" + partition + ":iam::" + p.Account + ":root"
		if !named[root] && !named[p.Account] {
			missing = append(missing, root)
		}
		if p.Type == iam.RoleSession && p.RoleARN != "" && !named[p.RoleARN] {
			missing = append(missing, p.RoleARN)
		}
		if p.Type != iam.Root && !named[p.ARN] {
			missing = append(missing, p.ARN)
		}
	}
	if len(missing) == 0 {
		return fmt.Sprintf("Replace NotPrincipal of %s by Principal \"*\" with an ArnNotEquals condition on "+
			"aws:PrincipalArn. No Allow overrides it.", lowerFirst(where))
	}
	return fmt.Sprintf("NotPrincipal of %s leaves out %s, so the Deny applies. Add %s, or use Principal \"*\" with an "+
		"ArnNotEquals condition on aws:PrincipalArn instead.", lowerFirst(where), strings.Join(missing, " and "),
		map[bool]string{true: "it", false: "them"}[len(missing) == 1])
}

func partitionOf(arn string) (string, bool) {
	fields := strings.SplitN(arn, ":", 3)
	if len(fields) < 3 || fields[0] != "arn" {
		return "", false
	}
	return fields[1], true
}
