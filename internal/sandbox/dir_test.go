package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestFolderOfOthers opens a sandbox in a folder with a content folder of
// another program, which must stay unchanged.
func TestFolderOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	orphan := strings.Repeat("ab", 16)
	files := map[string]bool{
		"content/posts/hello.md": true,
		"content/ab/notes":       true,
		"content/cd/" + orphan:   true,
		"content/ab/" + orphan:   false,
	}
	for name := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(
			os.MkdirAll(filepath.Dir(path), 0o700),
			os.WriteFile(path, []byte("mine"), 0o600),
		); err != nil {
			t.Fatal(err)
		}
	}
	sandboxtest.Start(t, sandboxtest.WithDir(dir)).Stop(t)
	for name, kept := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != kept {
			t.Errorf("%s: %v; kept should be %v", name, err, kept)
		}
	}
}

// TestFolderThatCannotBe checks that an unusable folder is rejected with a
// hint and stays unchanged.
func TestFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	sandboxtest.Start(t, sandboxtest.WithDir(used))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	journal := func(text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for name, test := range map[string]struct{ dir, message, hint string }{
		"in use":       {used, "in use by another sandbox", "choose another folder"},
		"a file":       {file, "creating the sandbox's folder", "Windlass can write to"},
		"below a file": {filepath.Join(file, "dir"), "creating the sandbox's folder", "Windlass can write to"},
		"a newer journal": {
			journal("windlass sandbox journal 2\nxyz"), "the format of another version",
			"the version that wrote it",
		},
		"a garbled journal": {
			journal("dear diary, today was quite a day"), "not a sandbox journal",
			"move the file away",
		},
		"a short journal": {journal("dear diary"), "not a sandbox journal", "move the file away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, _ := os.ReadFile(filepath.Join(test.dir, "journal"))
			_, err := sandbox.Open(t.Context(), sandbox.Config{Dir: test.dir})
			if got := problem.From(
				err,
			); !strings.Contains(got.Message, test.message) ||
				!strings.Contains(got.Hint, test.hint) {
				t.Errorf("%q, %q", got.Message, got.Hint)
			}
			if after, _ := os.ReadFile(
				filepath.Join(test.dir, "journal"),
			); name != "in use" &&
				!bytes.Equal(before, after) {
				t.Errorf("the journal was changed: %q", after)
			}
		})
	}
}

func TestFolderKeepsEverything(t *testing.T) {
	t.Parallel()
	for name, sync := range map[string]bool{"the process": false, "the machine": true} {
		t.Run("outlives "+name, func(t *testing.T) {
			t.Parallel()
			keepsEverything(t, func(c *sandbox.Config) { c.Sync = sync })
		})
	}
}

func keepsEverything(t *testing.T, sync sandboxtest.Option) {
	t.Helper()
	dir := t.TempDir()
	ctx := t.Context()
	large := bytes.Repeat([]byte("0123456789abcdef"), 40_000)

	first := sandboxtest.Start(t, sandboxtest.WithDir(dir), sync)
	first.MustBucket(t, first.Customer.Keys, "kept")
	first.MustPut(t, first.Customer.Keys, "kept", "x", "small")
	first.MustPut(t, first.Customer.Keys, "kept", "x/y", string(large))
	first.MustPut(t, first.Customer.Keys, "kept", "gone", "gone")
	client := first.S3(first.Customer.Keys)
	if _, err := client.DeleteObject(
		ctx,
		&s3.DeleteObjectInput{Bucket: aws.String("kept"), Key: aws.String("gone")},
	); err != nil {
		t.Fatal(err)
	}
	user, userARN := first.MustUser(
		t,
		first.Service,
		"loader",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`,
	)
	role := first.MustRole(
		t,
		first.Customer,
		"reader",
		awstest.Fill(awstest.TrustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",`+
			`"Resource":"arn:aws:s3:::kept/*"}]}`,
	)
	session := first.MustAssume(t, user, role, "abc")
	first.Stop(t)

	second := sandboxtest.Start(t, sandboxtest.WithDir(dir), sync)
	if second.Customer.Keys != first.Customer.Keys {
		t.Error("the customer's root has another key after a restart")
	}
	for key, want := range map[string]string{"x": "small", "x/y": string(large)} {
		out, err := second.S3(session).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("kept"), Key: &key})
		if err != nil {
			t.Fatalf("reading %s with the session of before: %v", key, err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || sha256.Sum256(body) != sha256.Sum256([]byte(want)) {
			t.Errorf("%s has %d bytes, want %d (%v)", key, len(body), len(want), err)
		}
	}
	if _, err := second.STS(user).
		AssumeRole(ctx,
			&sts.AssumeRoleInput{
				RoleArn: &role, RoleSessionName: aws.String("again"),
				ExternalId: aws.String("abc"),
			}); err != nil {
		t.Errorf("assuming the role after a restart: %v", err)
	}
	list, err := second.S3(second.Customer.Keys).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("kept")})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, object := range list.Contents {
		keys = append(keys, *object.Key)
	}
	if got := strings.Join(keys, " "); got != "x x/y" {
		t.Errorf("the bucket has %q, want %q", got, "x x/y")
	}
}

// TestFolderKeepsIdentities checks that every kind of IAM and KMS resource is
// kept.
func TestFolderKeepsIdentities(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	ctx, admin := t.Context(), first.IAM(first.Customer.Keys)
	ada, _ := first.MustUser(t, first.Customer, "ada")
	document := aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","sts:GetSessionToken"],` +
			`"Resource":"*"}]}`,
	)
	policy, err := admin.CreatePolicy(
		ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("edge"), PolicyDocument: document},
	)
	if err != nil {
		t.Fatal(err)
	}
	key, alias := first.MustKey(t, first.Customer, ""), aws.String("alias/kept")
	user, group, profile := aws.String("ada"), aws.String("staff"), aws.String("host")
	for name, err := range map[string]error{
		"version": awstest.Err(admin.CreatePolicyVersion(ctx,
			&iam.CreatePolicyVersionInput{PolicyArn: policy.Policy.Arn, PolicyDocument: document, SetAsDefault: true})),
		"boundary": awstest.Err(admin.PutUserPermissionsBoundary(ctx,
			&iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: policy.Policy.Arn})),
		"group": awstest.Err(admin.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: group})),
		"tag": awstest.Err(admin.TagUser(ctx,
			&iam.TagUserInput{
				UserName: user,
				Tags:     []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("data")}},
			})),
		"profile": awstest.Err(admin.CreateInstanceProfile(ctx,
			&iam.CreateInstanceProfileInput{InstanceProfileName: profile})),
		"provider": awstest.Err(admin.CreateOpenIDConnectProvider(ctx,
			&iam.CreateOpenIDConnectProviderInput{
				Url:          aws.String("https://example.com"),
				ClientIDList: []string{"windlass"},
			})),
		"alias": awstest.Err(first.KMS(first.Customer.Keys).CreateAlias(ctx,
			&kms.CreateAliasInput{AliasName: alias, TargetKeyId: &key})),
	} {
		if err != nil {
			t.Fatalf("making the %s: %v", name, err)
		}
	}
	if _, err := admin.AttachGroupPolicy(
		ctx,
		&iam.AttachGroupPolicyInput{GroupName: group, PolicyArn: policy.Policy.Arn},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: group, UserName: user}); err != nil {
		t.Fatal(err)
	}
	first.Stop(t)

	again := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	admin = again.IAM(again.Customer.Keys)
	kept, err := again.IAM(ada).
		GetUser(ctx, &iam.GetUserInput{})
		// with her own key, through the group, within the boundary
	if err != nil || len(kept.User.Tags) != 1 ||
		*kept.User.PermissionsBoundary.PermissionsBoundaryArn != *policy.Policy.Arn {
		t.Errorf("the user is %+v, %v", kept, err)
	}
	if got, err := admin.GetPolicy(
		ctx,
		&iam.GetPolicyInput{PolicyArn: policy.Policy.Arn},
	); err != nil ||
		*got.Policy.DefaultVersionId != "v2" {
		t.Errorf("the policy is %+v, %v", got, err)
	}
	if got, err := admin.ListOpenIDConnectProviders(
		ctx,
		&iam.ListOpenIDConnectProvidersInput{},
	); err != nil ||
		len(got.OpenIDConnectProviderList) != 1 {
		t.Errorf("the providers are %+v, %v", got, err)
	}
	if _, err := admin.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: profile}); err != nil {
		t.Errorf("the instance profile: %v", err)
	}
	if got, err := again.KMS(again.Customer.Keys).
		DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: alias}); err != nil ||
		*got.KeyMetadata.Arn != key {
		t.Errorf("the key's alias: %+v, %v", got, err)
	}
}
