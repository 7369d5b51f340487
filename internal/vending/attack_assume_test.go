package vending_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// watched records the requests to AssumeRole.
type watched struct {
	vending.Roles
	mu   sync.Mutex
	seen map[string]assume.Request // by the returned access key
	then func()
}

func (w *watched) Assume(ctx context.Context, request assume.Request) (assume.Session, error) {
	session, err := w.Roles.Assume(ctx, request)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[session.Keys.AccessKeyID] = request
	if w.then != nil {
		w.then()
	}
	return session, err
}

// of returns the request for the session that has these credentials.
func (w *watched) of(v vending.Vended) assume.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[v.Keys.AccessKeyID]
}

func watch(w *watched) vendingtest.Option {
	return func(c *vending.Config) { w.Roles, w.seen, c.Roles = c.Roles, map[string]assume.Request{}, w }
}

// TestAttackNames tries to choose the names that are sent to AWS with a token's
// claims.
func TestAttackNames(t *testing.T) {
	t.Parallel()
	roles := &watched{}
	s := stageOf(t, "GitLab", func(d *grant.Draft) {
		d.Tags = []string{
			"ref", "user_email", "project_path",
			"deployment_tier",
		}
	}, watch(roles))
	base := roles.of(s.works(t))
	if base.ExternalID != s.Integration.ExternalID || base.Policy == "" || !base.Fresh || base.Duration != time.Hour ||
		base.SessionName != s.grant.ID+"-302" || !strings.HasPrefix(base.SourceIdentity, "windlass-u-1-") {
		t.Fatalf("the baseline asks for %+v", base)
	}
	for name, c := range map[string]struct {
		changes vendingtest.Claims
		want    func(assume.Request) bool
	}{
		"a job that ends the name": {
			vendingtest.Claims{"job_id": "1/../root"},
			func(r assume.Request) bool { return strings.HasPrefix(r.SessionName, s.grant.ID+"-.") },
		},
		"a job longer than a name": {
			vendingtest.Claims{"job_id": strings.Repeat("9", 500)},
			func(r assume.Request) bool {
				return len(r.SessionName) <= 64 && strings.HasPrefix(r.SessionName, s.grant.ID+"-.")
			},
		},
		"another grant's name": {
			vendingtest.Claims{"job_id": "grt_00000000000000000000000000-1"},
			func(r assume.Request) bool { return strings.HasPrefix(r.SessionName, s.grant.ID+"-") },
		},
		"no job": {
			vendingtest.Claims{"job_id": nil, "pipeline_id": nil},
			func(r assume.Request) bool { return len(r.SessionName) > len(s.grant.ID)+10 },
		},
		"a user with a comma": {vendingtest.Claims{"user_id": "1 2"}, func(r assume.Request) bool {
			return strings.HasPrefix(r.SourceIdentity, "windlass-u-.") && len(r.SourceIdentity) <= 64
		}},
		"a user longer than a name": {
			vendingtest.Claims{"user_id": strings.Repeat("7", 100)},
			func(r assume.Request) bool {
				return strings.HasPrefix(r.SourceIdentity, "windlass-u-.") && len(r.SourceIdentity) <= 64
			},
		},
		"a user who is a member": {
			vendingtest.Claims{"user_id": "mem_1"},
			func(r assume.Request) bool { return strings.HasPrefix(r.SourceIdentity, "windlass-u-mem_1-") },
		},
		"an unknown user": {
			vendingtest.Claims{"user_id": nil},
			func(r assume.Request) bool { return strings.HasPrefix(r.SourceIdentity, "windlass-p-20-") },
		},
		"a tag with a wildcard": {
			vendingtest.Claims{"ref": "a*b"},
			func(r assume.Request) bool { _, ok := r.Tags["windlass:claim/ref"]; return !ok && len(r.Tags) == 6 },
		},
		"a tag with a variable": {
			vendingtest.Claims{"ref": "${aws:username}"},
			func(r assume.Request) bool { _, ok := r.Tags["windlass:claim/ref"]; return !ok },
		},
		"a tag that is too long": {
			vendingtest.Claims{"ref": strings.Repeat("x", 300)},
			func(r assume.Request) bool { _, ok := r.Tags["windlass:claim/ref"]; return !ok },
		},
		"a tag of another kind": {
			vendingtest.Claims{"ref": []string{"main"}},
			func(r assume.Request) bool { _, ok := r.Tags["windlass:claim/ref"]; return !ok },
		},
		"a tag that would be Windlass's own": {
			vendingtest.Claims{"windlass:grant": "grt_1", "ref": "main"},
			func(r assume.Request) bool { return r.Tags["windlass:grant"] == s.grant.ID },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := roles.of(s.vends(t, s.token(t, c.changes), vending.Request{}))
			if !c.want(got) {
				t.Errorf("asked for %s, %s, %v", got.SessionName, got.SourceIdentity, got.Tags)
			}
			if got.ExternalID != base.ExternalID || got.Policy != base.Policy || got.RoleARN != base.RoleARN ||
				got.Duration != base.Duration {
				t.Errorf("the rest is different too: %+v", got)
			}
			for key := range got.Tags {
				if !strings.HasPrefix(key, "windlass:") {
					t.Errorf("a tag %q", key)
				}
			}
		})
	}
}

// Two users whose IDs have the same beginning never share a source identity.
func TestUserIdentityTellsUsersApart(t *testing.T) {
	t.Parallel()
	const one, two = "prv_06h04dd9bvpgp4b558hzh2v328", "prv_06h04dd9bvpgp4b558hzh2v329"
	seen := map[string]string{}
	for _, providerID := range []string{one, two, provider.Members} {
		for _, user := range []string{
			"1", "12", "1-2", "mem_1", strings.Repeat("a", 50), strings.Repeat("a", 51),
			strings.Repeat("a", 60), "a b", "a+b",
		} {
			got := vending.SourceIdentity(providerID, user)
			if other, taken := seen[got]; taken || len(got) > 64 || !strings.HasPrefix(got, "windlass-") {
				t.Errorf("%s of %s is %s, as is %s", user, providerID, got, other)
			}
			seen[got] = user + " of " + providerID
		}
	}
}

// TestAttackRole uses vended credentials for more than they allow.
func TestAttackRole(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", func(d *grant.Draft) { d.Actions = grant.Actions() })
	vended := s.works(t)
	keys := aws.Credentials{
		AccessKeyID: vended.Keys.AccessKeyID, SecretAccessKey: vended.Keys.SecretAccessKey.Reveal(),
		SessionToken: vended.Keys.SessionToken.Reveal(),
	}
	role := string(s.Integration.RoleARN)
	bucket := aws.String(vendingtest.Bucket)
	once := func(o *s3.Options) { o.RetryMaxAttempts = 1 }
	for name, attack := range map[string]func(*testing.T) error{
		"the role again": func(t *testing.T) error {
			_, err := s.AWS.STS(keys).AssumeRole(t.Context(),
				&sts.AssumeRoleInput{
					RoleArn: &role, RoleSessionName: aws.String("more"),
					ExternalId: aws.String(string(s.Integration.ExternalID)),
				})
			return err
		},
		"the role by the service's keys, without the External ID": func(t *testing.T) error {
			_, err := s.AWS.STS(s.Keys).AssumeRole(t.Context(),
				&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("more")})
			return err
		},
		"a policy on the role": func(t *testing.T) error {
			_, err := s.AWS.IAM(keys).PutRolePolicy(t.Context(),
				&iam.PutRolePolicyInput{
					RoleName: aws.String(doctortest.RoleName), PolicyName: aws.String("more"),
					PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`),
				})
			return err
		},
		"a policy on the bucket": func(t *testing.T) error {
			_, err := s.AWS.S3(keys, once).PutBucketPolicy(t.Context(),
				&s3.PutBucketPolicyInput{
					Bucket: bucket,
					Policy: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`),
				})
			return err
		},
		"an open object": func(t *testing.T) error {
			_, err := s.AWS.S3(keys, once).PutObjectAcl(t.Context(),
				&s3.PutObjectAclInput{Bucket: bucket, Key: aws.String("ci/app/a.txt"), ACL: "public-read"})
			return err
		},
		"a copy from outside": func(t *testing.T) error {
			_, err := s.AWS.S3(keys, once).CopyObject(t.Context(),
				&s3.CopyObjectInput{
					Bucket: bucket, Key: aws.String("ci/app/copy"),
					CopySource: aws.String(vendingtest.Bucket + "/private/salaries.csv"),
				})
			return err
		},
		"the list of buckets": func(t *testing.T) error {
			_, err := s.AWS.S3(keys, once).ListBuckets(t.Context(), &s3.ListBucketsInput{})
			return err
		},
		"all versions": func(t *testing.T) error {
			_, err := s.AWS.S3(keys, once).ListObjectVersions(t.Context(),
				&s3.ListObjectVersionsInput{Bucket: bucket, Prefix: aws.String("ci/app/")})
			return err
		},
		"without the session token": func(t *testing.T) error {
			_, err := s.AWS.S3(aws.Credentials{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey},
				once).GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("ci/app/a.txt")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := attack(t); err == nil {
				t.Error("the attack succeeds")
			}
		})
	}
}

// TestAttackTrust changes the role without Windlass, and checks that AWS's
// refusals all result in the same response, and that the audit log has AWS's
// own.
func TestAttackTrust(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", nil)
	s.works(t)
	documents, err := s.Integration.Documents()
	if err != nil {
		t.Fatal(err)
	}
	trust := string(documents.Trust)
	for name, changed := range map[string]string{
		"another External ID": strings.Replace(trust, string(s.Integration.ExternalID),
			"00000000000000000000000000000000", 1),
		"no source identity": strings.Replace(trust, "sts:SetSourceIdentity", "sts:TagSession", 1),
		"no tags":            strings.Replace(trust, "sts:TagSession", "sts:SetSourceIdentity", 1),
		"another principal":  strings.ReplaceAll(trust, s.Principal, "arn:aws:iam::"+s.AWS.Customer.ID+":root"),
		"nobody any more":    `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}`,
	} {
		s.AWS.MustTrust(t, s.AWS.Customer, doctortest.RoleName, changed)
		_, request, err := s.exchange(t, s.token(t, nil), vending.Request{})
		if !problem.Is(err, problem.Forbidden) || problem.From(err).Message != vending.Refused().Message {
			t.Errorf("%s: got %v", name, err)
		}
		if e := s.entry(t, request); e.Outcome != audit.Done || !strings.Contains(e.Reason,
			"AWS denied the session: AccessDenied") || strings.Contains(e.Reason, string(s.Integration.ExternalID)) {
			t.Errorf("%s: the audit says %s", name, e.Reason)
		}
	}
	s.AWS.MustTrust(t, s.AWS.Customer, doctortest.RoleName, trust)
	s.works(t)
}
