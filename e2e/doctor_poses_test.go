package e2e

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

const exactly = "It opens exactly what it should"

// poses has the states, in the order of docs/doctor.md.
var poses = []pose{
	{
		name: "integration-reserved",
		strike: func(s *studio) string {
			made, err := s.api.CreateIntegration(s.t.Context(), client.IntegrationSpec{
				Name:      "Sales exports",
				Locations: []client.Location{{Bucket: "harbour-exports", Prefix: "sales/"}},
			})
			if err != nil {
				s.t.Fatal(err)
			}
			return pathOf(made)
		},
		says:   []string{"Reserved", "Not verified yet", "Add the role ARN", "External ID"},
		silent: []string{"Verify now"}, frame: "main",
	},
	{
		name: "integration-unverified",
		strike: func(s *studio) string {
			now := time.Now()
			s.clock.stop(now)
			made := s.make("sales/")
			s.clock.stop(now.Add(-time.Second)) // the verification that follows an edit does not fall due
			return pathOf(made)
		},
		says: []string{"Unverified", "Verify now"}, silent: []string{"Add the role ARN"},
	},
	{
		name: "integration-running",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			held := make(chan struct{}, 100)
			s.gate.hold(func(r *http.Request) bool {
				reads := r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv")
				if reads {
					held <- struct{}{}
				}
				return reads
			})
			if _, err := s.api.Verify(s.t.Context(), made.ID, false); err != nil {
				s.t.Fatal(err)
			}
			<-held
			return pathOf(made)
		},
		says: []string{
			"Checking, 8 of 13 done", "Each check makes a real call to AWS", "An object in it can be read",
			"Verifying…",
		}, silent: []string{"Download report", "Verify again"},
	},
	{
		name: "integration-verified",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.verify(made, "verified")
			return pathOf(made)
		},
		says:   []string{exactly, "nobody gets in without the External ID", "Download report"},
		silent: []string{"What to change."},
	},
	{
		name: "integration-warning",
		strike: func(s *studio) string {
			made := s.connect("salse/")
			s.verify(made, "verified")
			return pathOf(made)
		},
		says: []string{"Verified, with warnings", "s3://harbour-exports/salse/", "Likely cause."},
	},
	{
		name: "integration-failing",
		strike: func(s *studio) string {
			made := s.make("sales/")
			s.clock.passSpreading()
			s.verify(made, "failing")
			return pathOf(made)
		},
		says: []string{
			"Not working yet: 1 check fails", "Likely cause.", "What to change.", "403 AccessDenied",
			"Waits for",
		}, silent: []string{exactly},
	},
	{
		name: "integration-failing-key",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.encrypt("sales/2026-01.csv", "sales/2026-02.csv")
			s.clock.passSpreading()
			s.verify(made, "failing")
			return pathOf(made)
		},
		says: []string{
			"Not working yet", "are encrypted with the KMS key arn:aws:kms:",
			"Declare the key in the integration", "Permission policy: changes",
		},
	},
	{
		name: "integration-unproven",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.clock.passSpreading()
			s.fault(fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "sts"}})
			s.verify(made, "failing")
			return pathOf(made)
		},
		says: []string{
			"Not verified: Windlass couldn’t make the calls", "throttles requests",
			"Wait a minute, then verify again.",
		},
		silent: []string{"Not working yet"},
	},
	{
		name: "integration-insecure",
		strike: func(s *studio) string {
			made := s.make("sales/")
			s.Customer.EditTrust("windlass-reader",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+made.PrincipalARN+
					`"},"Action":"sts:AssumeRole"}]}`)
			s.verify(made, "insecure")
			return pathOf(made)
		},
		says: []string{
			"Insecure", "This role lets in more than Windlass", "Windlass loads nothing through it",
			"What to change.",
		},
	},
	{
		name: "integration-propagating",
		strike: func(s *studio) string {
			made := s.make("sales/")
			s.verify(made, "propagating")
			return pathOf(made)
		},
		says:   []string{"IAM is still spreading the change", "AWS takes up to two minutes to apply an edit"},
		silent: []string{"Not working yet"},
	},
	{
		name: "integration-turned",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.clock.passSpreading()
			s.verify(made, "verified")
			s.Customer.PutPolicy("windlass-reader", strings.Replace(string(made.Setup.PermissionPolicy), "s3:GetObject",
				"s3:GetObjectTagging", 1))
			s.verify(made, "failing")
			return pathOf(made)
		},
		onPage: func(s *studio) { s.page.Click("#runs summary") },
		says: []string{
			"Last verifications", "What changed", "No longer working: 1 check fails",
			"An object in it can be read: Failed, was Passed",
		}, frame: "main",
	},
	{
		name: "integration-rotating",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.clock.passSpreading()
			s.verify(made, "verified")
			if _, err := s.api.StartRotation(s.t.Context(), made.ID); err != nil {
				s.t.Fatal(err)
			}
			s.verify(made, "verified")
			return pathOf(made)
		},
		says: []string{"Next External ID", "The trust policy below contains both.", "Use the new one", "Abandon " +
			"rotation"},
		frame: "main",
	},
	{
		name: "integration-disabled",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.verify(made, "verified")
			return pathOf(made)
		},
		onPage: func(s *studio) {
			s.page.Click(`a[href$="/disable"]`)
			s.page.Click(`form[action$="/disable"] button`)
		},
		says:   []string{"Disabled", "This integration is disabled", "Enable", "It opened exactly what it should"},
		silent: []string{"Verify again", exactly}, frame: "main",
	},
	{
		name: "integration-removed",
		strike: func(s *studio) string {
			made := s.connect("sales/")
			s.verify(made, "verified")
			if err := s.api.RemoveIntegration(s.t.Context(), made.ID, ""); err != nil {
				s.t.Fatal(err)
			}
			return pathOf(made)
		},
		says:   []string{"Removed", "Restore", "It opened exactly what it should"},
		silent: []string{"Verify again", "Verify now", "Disable the"}, frame: "main",
	},
	{
		name: "integration-check-insecure",
		strike: func(s *studio) string {
			return pathOf(s.make("sales/")) + "/check"
		},
		onPage: func(s *studio) {
			s.page.Fill("#trust", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/windlass"},"Action":"sts:AssumeRole"}]}`)
			s.page.Fill("#permission", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::harbour-exports","arn:aws:s3:::harbour-exports/*"]}]}`)
			s.page.Click("form.panel .actions button")
		},
		says: []string{"They let in callers that must be refused", "without an External ID", "Too much"}, frame: "main",
	},
	{
		name: "credential-verified",
		strike: func(s *studio) string {
			key := s.customerKey("legacy", `{"Version":"2012-10-17","Statement":[`+
				`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::harbour-exports","Condition":{"StringLike":{"s3:prefix":"sales/*"}}},`+
				`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::harbour-exports/sales/*"}]}`)
			_, err := s.api.VerifyCredential(s.t.Context(), key.ID,
				client.KeyOrder{Locations: []client.Location{{Bucket: "harbour-exports", Prefix: "sales/"}}})
			if err != nil {
				s.t.Fatal(err)
			}
			return "/sources/credentials/" + key.ID
		},
		says: []string{
			"Verified, with warnings", "The access key is necessary",
			"windlass integration create",
		}, frame: "main",
	},
	{
		name: "identity-warned",
		strike: func(s *studio) string {
			_, err := s.Operator.iam.PutUserPolicy(s.t.Context(), &iam.PutUserPolicyInput{
				UserName: aws.String("windlass"), PolicyName: aws.String("more"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`),
			})
			if err != nil {
				s.t.Fatal(err)
			}
			return "/identity"
		},
		says:  []string{"Windlass has permissions that it doesn't need", "s3:ListAllMyBuckets", "long-term access key"},
		frame: "main",
	},
}

// encrypt puts objects again, encrypted with a key of the customer that the
// role may not use.
func (s *studio) encrypt(keys ...string) {
	s.t.Helper()
	made, err := kms.NewFromConfig(s.Customer.config).CreateKey(s.t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, key := range keys {
		_, err := s.Customer.s3.PutObject(s.t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("harbour-exports"), Key: &key, Body: strings.NewReader("region,day,units\n"),
			ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: made.KeyMetadata.Arn,
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// customerKey creates a user in the customer's account, and adds its access
// key to Windlass.
func (s *studio) customerKey(name, policy string) client.Credential {
	s.t.Helper()
	user := aws.String("windlass-" + name)
	if _, err := s.Customer.iam.CreateUser(s.t.Context(), &iam.CreateUserInput{UserName: user}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Customer.iam.PutUserPolicy(s.t.Context(),
		&iam.PutUserPolicyInput{
			UserName: user, PolicyName: aws.String("access"),
			PolicyDocument: &policy,
		}); err != nil {
		s.t.Fatal(err)
	}
	key, err := s.Customer.iam.CreateAccessKey(s.t.Context(), &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		s.t.Fatal(err)
	}
	added, err := s.api.AddCredential(s.t.Context(),
		client.CredentialSpec{
			Name: name, AccessKeyID: *key.AccessKey.AccessKeyId,
			SecretAccessKey: *key.AccessKey.SecretAccessKey,
		})
	if err != nil {
		s.t.Fatal(err)
	}
	return added
}
