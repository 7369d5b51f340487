package aws

import "github.com/windlass-io/windlass/iam/generate"

// launchFields are the data of the launch template.
type launchFields struct {
	Locations                 []int // numbers of the locations, from 1
	Objects                   []launchObjects
	Keys                      []launchKeys
	Identity, Tag, PolicyName string
}

// launchObjects is a statement on the objects of every location.
type launchObjects struct{ Condition, Sid, Actions string }

// launchKeys is a statement on the KMS keys. Each key belongs to one Region
// and is only used through S3 in that Region, so the template doesn't need to
// pair keys with services.
type launchKeys struct{ Condition, Sid, Action string }

// LaunchTemplate returns the CloudFormation template for every integration of
// one Windlass: what [Render] writes into a template is a parameter here.
// Publish it once in S3; [Launch] returns links to it.
//
// Each location has its own list statement, because a condition on s3:prefix
// applies to every resource of its statement: two buckets in one statement
// would each be open at the other's prefix too.
func LaunchTemplate() (string, error) {
	fields := launchFields{
		Objects: []launchObjects{
			{"Location1", "ReadObjects", `["s3:GetObject"]`},
			{"Writes", "WriteObjects", `["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]`},
		},
		Keys: []launchKeys{
			{"HasKeys", "UseKeys", "kms:Decrypt"},
			{"Encrypts", "EncryptWithKeys", "kms:GenerateDataKey"},
		},
		Identity: generate.VendedIdentity, Tag: generate.VendedTag, PolicyName: policyName,
	}
	for n := range MaxLaunchLocations {
		fields.Locations = append(fields.Locations, n+1)
	}
	return execute("launch.yaml", fields)
}
