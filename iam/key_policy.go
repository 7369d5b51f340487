package iam

import "fmt"

// DefaultKeyPolicy returns the policy that AWS gives to a KMS key that is
// created without one: it delegates to the identity policies of the key's
// account. See
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html.
func DefaultKeyPolicy(partition, account string) []byte {
	return fmt.Appendf(nil, `{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions",`+
		`"Effect":"Allow","Principal":{"AWS":"arn:%s:iam::%s:root"},"Action":"kms:*","Resource":"*"}]}`, partition, account)
}
