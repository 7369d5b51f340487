package generate

import "fmt"

// maxExternalIDs is two, because a rotation needs the current and the next
// External ID.
const maxExternalIDs = 2

// maxExternalIDLength is the limit of AWS STS.
const maxExternalIDLength = 1224

// Trust describes who may assume a role, and with which External ID.
type Trust struct {
	Partition    Partition // empty: aws
	PrincipalARN string    // one user, role or account in the same partition
	// Vending lets the principal name the user or job that a session is for:
	// it may set a source identity that begins with [VendedIdentity], and
	// session tags whose keys begin with [VendedTag]. Without Vending, an
	// AssumeRole that sets either is denied.
	Vending bool
	// ExternalIDs has the External ID, or two during a rotation. Each has 2 to
	// 1,224 letters, digits and +=,.@:/-_.
	ExternalIDs []string
}

// Prefixes that a trust policy for vending requires, so that a session can't
// claim another user's name.
const (
	VendedIdentity = "windlass-" // of every source identity
	VendedTag      = "windlass:" // of every session tag key
)

// TrustPolicy returns the trust policy that only allows the principal to
// assume the role, and only with an External ID, indented.
func TrustPolicy(trust Trust) ([]byte, error) {
	partition, err := trust.Partition.Normalize()
	if err != nil {
		return nil, err
	}
	if err := checkPrincipal("principal_arn", trust.PrincipalARN, partition); err != nil {
		return nil, err
	}
	if n := len(trust.ExternalIDs); n == 0 || n > maxExternalIDs {
		return nil, invalid("external_ids", fmt.Sprint(n),
			"a trust policy needs one External ID, or two during a rotation")
	}
	for i, id := range trust.ExternalIDs {
		if len(id) < 2 || len(id) > maxExternalIDLength || !externalID.MatchString(id) {
			return nil, invalid(fmt.Sprintf("external_ids[%d]", i), id,
				"an External ID has 2 to 1,224 letters, digits and +=,.@:/-_")
		}
	}
	statements := []statement{{
		Effect:    "Allow",
		Principal: &principals{AWS: trust.PrincipalARN},
		Action:    values{"sts:AssumeRole"},
		Condition: conditions{"StringEquals": {"sts:ExternalId": trust.ExternalIDs}},
	}}
	if trust.Vending {
		statements = append(statements, onBehalf(trust.PrincipalARN)...)
	}
	return newDocument(statements...).pretty()
}

// onBehalf allows the principal to name the user or job of a session. Neither
// action grants anything by itself: both are authorized as part of an
// AssumeRole, which requires the External ID.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
func onBehalf(principal string) []statement {
	return []statement{
		{
			Effect:    "Allow",
			Principal: &principals{AWS: principal},
			Action:    values{"sts:SetSourceIdentity"},
			Condition: conditions{"StringLike": {"sts:SourceIdentity": {VendedIdentity + "*"}}},
		},
		{
			Effect:    "Allow",
			Principal: &principals{AWS: principal},
			Action:    values{"sts:TagSession"},
			Condition: conditions{
				"ForAllValues:StringLike": {"aws:TagKeys": {VendedTag + "*"}},
				"Null":                    {"aws:TagKeys": {"false"}},
			},
		},
	}
}
