package aws

import "github.com/windlass-io/windlass/iam/generate"

// launchFields are what the launch template is written from.
type launchFields struct {
	Locations                 []int // numbers of the locations, from 1
	Objects                   []launchObjects
	Keys                      []launchKeys
	Identity, Tag, PolicyName string
}

// launchObjects is a statement on the objects of every location.
type launchObjects struct{ Condition, Sid, Actions string }

// launchKeys is a statement on the KMS keys. Each key is of one Region and is
// used through S3 of that Region alone, so the template needn't pair the list
// of keys with the list of services.
type launchKeys struct{ Condition, Sid, Action string }

// LaunchTemplate returns the CloudFormation template that serves every
// integration of one Windlass: what [Render] writes into a template is a
// parameter here. It is published once, in S3, and [Launch] makes links to it.
//
// Each location has a list statement of its own, because a condition on
// s3:prefix holds for every resource of its statement: two buckets in one
// statement would each be open at the other's prefix too.
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
