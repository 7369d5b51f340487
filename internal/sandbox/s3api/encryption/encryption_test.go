package encryption_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestObjectsUnderKMS reads and writes objects with a KMS key.
func TestObjectsUnderKMS(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx, admin := t.Context(), server.Customer.Keys
	server.MustBucket(t, admin, "sealed")
	reader, readerARN := server.MustUser(
		t,
		server.Customer,
		"reader",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	key := server.MustKey(t, server.Customer, "")
	_, err := server.S3(admin).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(
			"sealed",
		),
		Key:                  aws.String("a"),
		Body:                 strings.NewReader("x"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms,
		SSEKMSKeyId:          &key,
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func() error {
		return awstest.Err(
			server.S3(reader).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("sealed"), Key: aws.String("a")}),
		)
	}
	put := func() error {
		return awstest.Err(server.S3(reader).PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(
				"sealed",
			),
			Key:                  aws.String("b"),
			Body:                 strings.NewReader("x"),
			ServerSideEncryption: types.ServerSideEncryptionAwsKms,
			SSEKMSKeyId:          &key,
		}))
	}
	decrypts := func(condition string) string {
		return awstest.Fill(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"},
			{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":"kms:Decrypt","Resource":"*",
			"Condition":{"StringEquals":{CONDITION}}}]}`,
			"WHO", readerARN, "CONDITION", condition)
	}
	for _, step := range []struct{ name, policy, get, put string }{
		{"no policy lets the reader use the key", "", "AccessDenied", "AccessDenied"},
		{
			"the key's policy does, by way of S3", decrypts(`"kms:ViaService":"s3.us-east-1.amazonaws.com"`), "",
			"AccessDenied",
		},
		{
			"only by way of another region's S3", decrypts(`"kms:ViaService":"s3.eu-west-1.amazonaws.com"`),
			"AccessDenied", "AccessDenied",
		},
		{"for this object", decrypts(`"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::sealed/a"`), "", "AccessDenied"},
		{"for another object", decrypts(`"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::sealed` +
			`/b"`), "AccessDenied", "AccessDenied"},
		{"for callers of this account", decrypts(`"kms:CallerAccount":"222222222222"`), "", "AccessDenied"},
	} {
		if step.policy != "" {
			if _, err := server.KMS(admin).
				PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: &step.policy}); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if got := awstest.Code(get()); got != step.get {
			t.Errorf("%s: reading is answered %q, want %q", step.name, got, step.get)
		}
		if got := awstest.Code(put()); got != step.put {
			t.Errorf("%s: writing is answered %q, want %q", step.name, got, step.put)
		}
	}
	if _, err := server.KMS(admin).DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key}); err != nil {
		t.Fatal(err)
	}
	if got := awstest.Code(
		awstest.Err(
			server.S3(admin).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("sealed"), Key: aws.String("a")}),
		),
	); got != "KMS.DisabledException" {
		t.Errorf("under a disabled key: %q", got)
	}
}

// With a bucket key, the encryption context is the bucket's ARN. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html.
func TestBucketKeyContext(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx, admin := t.Context(), server.Customer.Keys
	server.MustBucket(t, admin, "sealed")
	key := server.MustKey(t, server.Customer, "")
	_, err := server.S3(admin).PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: aws.String("sealed"),
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{
				BucketKeyEnabled: aws.Bool(true),
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
					SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &key,
				},
			}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, change func(*s3.PutObjectInput)) {
		in := &s3.PutObjectInput{Bucket: aws.String("sealed"), Key: &name, Body: strings.NewReader("x")}
		change(in)
		if _, err := server.S3(admin).PutObject(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	put("default", func(*s3.PutObjectInput) {})
	put("asked", func(in *s3.PutObjectInput) { in.ServerSideEncryption = types.ServerSideEncryptionAwsKms })
	put("without", func(in *s3.PutObjectInput) {
		in.ServerSideEncryption, in.BucketKeyEnabled = types.ServerSideEncryptionAwsKms, aws.Bool(false)
		in.SSEKMSKeyId = &key
	})
	for name, c := range map[string]struct{ arn, object, want string }{
		"the object's ARN, with a bucket key":    {"arn:aws:s3:::sealed/*", "default", "AccessDenied"},
		"the bucket's ARN, with a bucket key":    {"arn:aws:s3:::sealed", "default", ""},
		"the bucket's ARN, by the default":       {"arn:aws:s3:::sealed", "asked", ""},
		"the object's ARN, without a bucket key": {"arn:aws:s3:::sealed/*", "without", ""},
		"the bucket's ARN, without a bucket key": {"arn:aws:s3:::sealed", "without", "AccessDenied"},
	} {
		user := "reader-" + c.object + strings.ReplaceAll(strings.TrimPrefix(c.arn, "arn:aws:s3:::sealed"), "/*",
			"-objects")
		reader, _ := server.MustUser(t, server.Customer, user, awstest.Fill(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Allow",
			"Action":"kms:Decrypt","Resource":"*",
			"Condition":{"StringLike":{"kms:EncryptionContext:aws:s3:arn":"WHAT"}}}]}`,
			"WHAT", c.arn))
		err := awstest.Err(server.S3(reader).GetObject(ctx,
			&s3.GetObjectInput{Bucket: aws.String("sealed"), Key: aws.String(c.object)}))
		if got := awstest.Code(err); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestMultipartUnderKMS checks the key permission that AWS documents for each
// call of a multipart upload: GenerateDataKey to create it, and Decrypt
// afterwards, because S3 reads the parts again. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions.
func TestMultipartUnderKMS(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx, admin := t.Context(), server.Customer.Keys
	server.MustBucket(t, admin, "sealed")
	server.MustPut(t, admin, "sealed", "source", "text")
	writer, writerARN := server.MustUser(
		t,
		server.Customer,
		"writer",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	client, key := server.S3(writer), server.MustKey(t, server.Customer, "")
	let := func(actions ...string) {
		t.Helper()
		policy := awstest.KeyPolicy(server.Customer.ID, writerARN, actions...)
		if _, err := server.KMS(admin).
			PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: &policy}); err != nil {
			t.Fatal(err)
		}
	}
	bucket, name := aws.String("sealed"), aws.String("k")
	begin := func() (string, error) {
		out, err := client.CreateMultipartUpload(
			ctx,
			&s3.CreateMultipartUploadInput{
				Bucket:               bucket,
				Key:                  name,
				ServerSideEncryption: types.ServerSideEncryptionAwsKms,
				SSEKMSKeyId:          &key,
			},
		)
		if err != nil {
			return "", err
		}
		return *out.UploadId, nil
	}
	let("kms:Decrypt")
	if got := awstest.Code(awstest.Err(begin())); got != "AccessDenied" {
		t.Errorf("beginning without data keys is answered %q, want AccessDenied", got)
	}
	let("kms:GenerateDataKey")
	id, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	part := func() (*s3.UploadPartOutput, error) {
		return client.UploadPart(
			ctx,
			&s3.UploadPartInput{
				Bucket:     bucket,
				Key:        name,
				UploadId:   &id,
				PartNumber: aws.Int32(1),
				Body:       strings.NewReader("x"),
			},
		)
	}
	copied := func() error {
		return awstest.Err(
			client.UploadPartCopy(
				ctx,
				&s3.UploadPartCopyInput{
					Bucket:     bucket,
					Key:        name,
					UploadId:   &id,
					PartNumber: aws.Int32(2),
					CopySource: aws.String("sealed/source"),
				},
			),
		)
	}
	if got := awstest.Code(awstest.Err(part())); got != "AccessDenied" {
		t.Errorf("a part without decryption is answered %q, want AccessDenied", got)
	}
	if got := awstest.Code(copied()); got != "AccessDenied" {
		t.Errorf("a copied part without decryption is answered %q, want AccessDenied", got)
	}
	let("kms:Decrypt")
	made, err := part()
	if err != nil {
		t.Fatal(err)
	}
	if err := copied(); err != nil {
		t.Error(err)
	}
	complete := func() error {
		return awstest.Err(client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket:   bucket,
			Key:      name,
			UploadId: &id,
			MultipartUpload: &types.CompletedMultipartUpload{
				Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: made.ETag}},
			},
		}))
	}
	let("kms:GenerateDataKey")
	if got := awstest.Code(complete()); got != "AccessDenied" {
		t.Errorf("completing without decryption is answered %q, want AccessDenied", got)
	}
	let("kms:Decrypt")
	if err := complete(); err != nil {
		t.Error(err)
	}
}
