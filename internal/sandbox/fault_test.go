package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/sandboxtest"
)

// broken is a sandbox with an object, a key and a session that may read the
// object, and clients of the session that don't retry.
type broken struct {
	*sandboxtest.Server
	s3  *s3.Client
	sts *sts.Client
	iam *iam.Client
	kms *kms.Client
	key string
}

func newBroken(t *testing.T, options ...sandboxtest.Option) *broken {
	t.Helper()
	server := sandboxtest.Start(t, options...)
	server.MustBucket(t, server.Customer.Keys, "acme")
	server.MustPut(t, server.Customer.Keys, "acme", "a/b.csv", strings.Repeat("0123456789", 1000))
	user, userARN := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`,
	)
	role := server.MustRole(
		t,
		server.Customer,
		"reader",
		awstest.Fill(awstest.TrustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	)
	session := server.MustAssume(t, user, role, "abc")
	config := server.Config(session)
	config.RetryMaxAttempts = 1
	return &broken{
		server,
		s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		sts.NewFromConfig(config),
		iam.NewFromConfig(config),
		kms.NewFromConfig(config),
		server.MustKey(t, server.Customer, ""),
	}
}

func (b *broken) read(t *testing.T) error {
	out, err := b.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: aws.String("a/b.csv")})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	_, err = io.Copy(io.Discard, out.Body)
	return err
}

func (b *broken) list(t *testing.T) error {
	return awstest.Err(b.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("acme")}))
}

func (b *broken) whoami(t *testing.T) error {
	return awstest.Err(b.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
}

func (b *broken) users(t *testing.T) error {
	return awstest.Err(b.iam.ListUsers(t.Context(), &iam.ListUsersInput{}))
}

func (b *broken) encrypt(t *testing.T) error {
	return awstest.Err(b.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &b.key, Plaintext: []byte("x")}))
}

func (b *broken) copyOut(t *testing.T) error {
	return awstest.Err(
		b.s3.CopyObject(
			t.Context(),
			&s3.CopyObjectInput{
				Bucket:     aws.String("acme"),
				Key:        aws.String("copy"),
				CopySource: aws.String("acme/a/b.csv"),
			},
		),
	)
}

func (b *broken) copyPart(t *testing.T) error {
	upload, err := b.s3.CreateMultipartUpload(
		t.Context(),
		&s3.CreateMultipartUploadInput{Bucket: aws.String("acme"), Key: aws.String("copy")},
	)
	if err != nil {
		return err
	}
	return awstest.Err(b.s3.UploadPartCopy(t.Context(), &s3.UploadPartCopyInput{
		Bucket: aws.String(
			"acme",
		),
		Key:        aws.String("copy"),
		UploadId:   upload.UploadId,
		PartNumber: aws.Int32(1),
		CopySource: aws.String("acme/a/b.csv"),
	}))
}

// TestFaults adds each kind of fault for each service, and removes it again.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  fault.Fault
		call   func(*broken, *testing.T) error
		code   string
		status int
	}{
		"S3 throttles": {
			fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "s3"}},
			(*broken).read, "SlowDown", 503,
		},
		"STS throttles": {fault.Fault{Kind: fault.Throttle}, (*broken).whoami, "Throttling", 400},
		"IAM throttles": {fault.Fault{Kind: fault.Throttle}, (*broken).users, "Throttling", 400},
		"KMS throttles": {
			fault.Fault{Kind: fault.Throttle},
			(*broken).encrypt, "ThrottlingException",
			400,
		},
		"S3 fails":  {fault.Fault{Kind: fault.Internal}, (*broken).read, "InternalError", 500},
		"STS fails": {fault.Fault{Kind: fault.Internal}, (*broken).whoami, "InternalFailure", 500},
		"IAM fails": {fault.Fault{Kind: fault.Internal}, (*broken).users, "ServiceFailure", 500},
		"KMS fails": {
			fault.Fault{Kind: fault.Internal},
			(*broken).encrypt, "KMSInternalException",
			500,
		},
		"S3 is out of order": {
			fault.Fault{Kind: fault.Unavailable},
			(*broken).list, "ServiceUnavailable",
			503,
		},
		"STS is out of order": {
			fault.Fault{Kind: fault.Unavailable},
			(*broken).whoami, "ServiceUnavailable",
			503,
		},
		"the session has expired, S3": {fault.Fault{Kind: fault.ExpiredSession}, (*broken).list, "ExpiredToken", 400},
		"the session has expired":     {fault.Fault{Kind: fault.ExpiredSession}, (*broken).whoami, "ExpiredToken", 403},
		"the session has expired, KMS": {
			fault.Fault{Kind: fault.ExpiredSession, Match: fault.Match{Principal: "*:role/reader"}},
			(*broken).encrypt,
			"ExpiredTokenException", 400,
		},
		"STS is off in the region": {
			fault.Fault{Kind: fault.RegionDisabled, Match: fault.Match{Region: "us-east-*"}},
			(*broken).whoami, "RegionDisabledException", 403,
		},
		"the clocks differ, S3": {
			fault.Fault{Kind: fault.Skew, Delay: 16 * time.Minute},
			(*broken).list,
			"RequestTimeTooSkewed", 403,
		},
		"the clocks differ, STS": {
			fault.Fault{Kind: fault.Skew, Delay: -16 * time.Minute},
			(*broken).whoami, "SignatureDoesNotMatch",
			403,
		},
		"the key refuses": {fault.Fault{Kind: fault.KMSDenied}, (*broken).encrypt, "AccessDeniedException", 400},
		"the object is archived": {
			fault.Fault{Kind: fault.Archived, Match: fault.Match{Key: "a/*"}},
			(*broken).read,
			"InvalidObjectState", 403,
		},
		"a copy's source is archived": {
			fault.Fault{Kind: fault.Archived, Match: fault.Match{Key: "a/*"}},
			(*broken).copyOut, "InvalidObjectState",
			403,
		},
		"a part's source is archived": {
			fault.Fault{Kind: fault.Archived, Match: fault.Match{Bucket: "acme", Key: "a/b.csv"}},
			(*broken).copyPart,
			"InvalidObjectState", 403,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBroken(t)
			mend := b.MustFault(t, test.fault)
			err := test.call(b, t)
			if awstest.Code(err) != test.code || awstest.Status(err) != test.status {
				t.Errorf(
					"got %q with status %d, want %q with %d (%v)",
					awstest.Code(err),
					awstest.Status(err),
					test.code,
					test.status,
					err,
				)
			}
			if got := b.Hits(test.fault.Kind); got != 1 {
				t.Errorf("%d calls were struck, want 1", got)
			}
			if mend(); test.fault.Kind == fault.Skew {
				return // the SDK now corrects its clock by the last response
			}
			if err := test.call(b, t); err != nil {
				t.Errorf("after the fault was removed: %v", err)
			}
		})
	}
}

func TestFaultsOfBodies(t *testing.T) {
	t.Parallel()
	b := newBroken(t)
	b.MustFault(t, fault.Fault{Kind: fault.Cut, Match: fault.Match{Action: "GetObject"}, Bytes: 1234, Count: 1})
	out, err := b.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: aws.String("a/b.csv")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(text) != 1234 || *out.ContentLength != 10_000 {
		t.Errorf("a body cut at 1234 bytes of %d has %d bytes, then %v", *out.ContentLength, len(text), err)
	}
	if err := b.read(t); err != nil {
		t.Errorf("once it has struck: %v", err)
	}
	b.MustFault(
		t,
		fault.Fault{Kind: fault.Slow, Match: fault.Match{Action: "GetObject"}, Bytes: 5000, Delay: time.Millisecond},
	)
	if err := b.read(t); err != nil {
		t.Errorf("reading slowly: %v", err)
	}
	if got := b.Hits(fault.Slow); got != 1 {
		t.Errorf("%d slow calls, want 1", got)
	}
}

// TestKMSDeniedByFault denies the use of an object's key.
func TestKMSDeniedByFault(t *testing.T) {
	t.Parallel()
	b := newBroken(t)
	_, err := b.s3.PutObject(
		t.Context(),
		&s3.PutObjectInput{
			Bucket:               aws.String("acme"),
			Key:                  aws.String("a/b.csv"),
			Body:                 strings.NewReader("x"),
			ServerSideEncryption: "aws:kms",
			SSEKMSKeyId:          &b.key,
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	b.MustFault(t, fault.Fault{Kind: fault.KMSDenied, Match: fault.Match{Bucket: "acme"}})
	if err := b.read(t); awstest.Code(err) != "AccessDenied" || !strings.Contains(err.Error(), "kms:Decrypt") {
		t.Errorf("got %v", err)
	}
}

// TestPropagation checks that decisions see a change in IAM late, while IAM
// itself sees it at once.
func TestPropagation(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var passed atomic.Int64
	b := newBroken(t, sandboxtest.WithClock(func() time.Time { return began.Add(time.Duration(passed.Load())) }))
	keys, arn := b.MustUser(t, b.Customer, "grace")
	b.MustFault(t, fault.Fault{Kind: fault.Propagation, Delay: 8 * time.Second})
	admin, user := b.IAM(b.Customer.Keys), aws.String("grace")
	get := func() string {
		return awstest.Code(
			awstest.Err(
				b.S3(keys).
					GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: aws.String("a/b.csv")}),
			),
		)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	if _, err := admin.PutUserPolicy(
		t.Context(),
		&iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String("read"), PolicyDocument: &policy},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.GetUserPolicy(
		t.Context(),
		&iam.GetUserPolicyInput{UserName: user, PolicyName: aws.String("read")},
	); err != nil {
		t.Errorf("IAM itself does not see its change: %v", err)
	}
	late := b.MustRole(t, b.Customer, "late", awstest.Fill(awstest.TrustPolicy, "USER", arn, "EXTERNAL_ID", "abc"))
	fresh, _ := b.MustUser(t, b.Customer, "fresh")
	who := func() string {
		return awstest.Code(awstest.Err(b.STS(fresh).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})))
	}
	assume := func() string {
		return awstest.Code(
			awstest.Err(
				b.STS(keys).
					AssumeRole(t.Context(),
						&sts.AssumeRoleInput{
							RoleArn: &late, RoleSessionName: aws.String("test"),
							ExternalId: aws.String("abc"),
						}),
			),
		)
	}
	for _, step := range []struct {
		after                time.Duration
		get, new, role, name string
	}{
		{0, "AccessDenied", "InvalidClientTokenId", "AccessDenied", "at once"},
		{7 * time.Second, "AccessDenied", "InvalidClientTokenId", "AccessDenied", "soon"},
		{time.Second, "", "", "", "in time"},
	} {
		passed.Add(int64(step.after))
		if got := get(); got != step.get {
			t.Errorf("%s, a new permission: %q, want %q", step.name, got, step.get)
		}
		if got := who(); got != step.new {
			t.Errorf("%s, a new key: %q, want %q", step.name, got, step.new)
		}
		if got := assume(); got != step.role {
			t.Errorf("%s, a new role: %q, want %q", step.name, got, step.role)
		}
	}
	if _, err := admin.DeleteUserPolicy(
		t.Context(),
		&iam.DeleteUserPolicyInput{UserName: user, PolicyName: aws.String("read")},
	); err != nil {
		t.Fatal(err)
	}
	if got := get(); got != "" {
		t.Errorf("at once after a permission is taken away: %q, want none", got)
	}
	passed.Add(int64(8 * time.Second))
	if got := get(); got != "AccessDenied" {
		t.Errorf("in time after a permission is taken away: %q, want AccessDenied", got)
	}
}

// TestFaultsOverHTTP adds, lists and removes faults like a script.
func TestFaultsOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBroken(t)
	do := func(method, path, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	status, text := do("POST", "/_sandbox/faults", `{"kind":"throttle","service":"s3","count":2}`)
	var made struct {
		ID    string
		Count int
	}
	if err := json.Unmarshal([]byte(text), &made); err != nil || status != http.StatusCreated || made.Count != 2 {
		t.Fatalf("adding: %d %s", status, text)
	}
	if err := b.list(t); awstest.Code(err) != "SlowDown" {
		t.Errorf("got %v, want SlowDown", err)
	}
	if status, text := do("GET", "/_sandbox/faults", ""); status != 200 || !strings.Contains(text, `"hits":1`) {
		t.Errorf("listing: %d %s", status, text)
	}
	if status, _ := do("DELETE", "/_sandbox/faults/"+made.ID, ""); status != http.StatusNoContent {
		t.Errorf("removing: %d", status)
	}
	if status, _ := do("DELETE", "/_sandbox/faults/"+made.ID, ""); status != http.StatusNotFound {
		t.Errorf("removing again: %d", status)
	}
	for _, body := range []string{"", "{", `{"kind":"nonsense"}`, `{"kind":"throttle",` +
		`"colour":"red"}`, `{"kind":"cut","delay":"soon"}`} {
		if status, text := do(
			"POST",
			"/_sandbox/faults",
			body,
		); status != http.StatusBadRequest ||
			!strings.Contains(text, `"hint"`) {
			t.Errorf("%s is answered %d %s", body, status, text)
		}
	}
	do("POST", "/_sandbox/faults", `{"kind":"internal"}`)
	if status, _ := do("DELETE", "/_sandbox/faults", ""); status != http.StatusNoContent {
		t.Errorf("removing all: %d", status)
	}
	if err := b.list(t); err != nil {
		t.Errorf("without faults: %v", err)
	}
}

// TestArchivedIsRestored checks that an object archived by a fault can be
// restored and read.
func TestArchivedIsRestored(t *testing.T) {
	t.Parallel()
	b := newBroken(t)
	b.Break(t, "archived,key=a/*")
	if err := b.read(t); err == nil {
		t.Error("it can be read")
	}
	restore := &s3.RestoreObjectInput{
		Bucket:         aws.String("acme"),
		Key:            aws.String("a/b.csv"),
		RestoreRequest: &s3types.RestoreRequest{Days: aws.Int32(1)},
	}
	if _, err := b.s3.RestoreObject(t.Context(), restore); err != nil {
		t.Errorf("restoring it: %v", err)
	}
	if err := b.read(t); err != nil {
		t.Errorf("reading it when it is restored: %v", err)
	}
}
