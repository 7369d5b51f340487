package generate

import "fmt"

// maxExternalIDs is two: the one that is used, and the next one while it is
// being changed.
const maxExternalIDs = 2

// maxExternalIDLength is AWS STS's own limit.
const maxExternalIDLength = 1224

// Trust is who may assume a role, and under which External ID.
type Trust struct {
	Partition    Partition // empty: aws
	PrincipalARN string    // one user, role or account, of the same partition
	// Vending also lets the principal say on whose behalf a session is: it may
	// set a source identity that begins with [VendedIdentity], and session tags
	// whose keys begin with [VendedTag]. Without it, an AssumeRole that sets
	// either is refused.
	Vending bool
	// ExternalIDs is the External ID; two of them while one takes the other's
	// place. Each has 2 to 1,224 letters, digits and +=,.@:/-_.
	ExternalIDs []string
}

// What a trust policy for vending pins, so that nobody who is known under
// another name can be claimed.
const (
	VendedIdentity = "windlass-" // begins every source identity
	VendedTag      = "windlass:" // begins every session tag's key
)

// TrustPolicy is the trust policy that lets the principal assume the role when
// it brings an External ID, and nobody else ever, pretty-printed.
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
			"a trust policy names one External ID, or two while one takes the other's place")
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

// onBehalf lets the principal name whom a session is for. Neither action gives
// anything by itself: each is asked for within an AssumeRole, which the
// External ID guards.
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
