package sandbox_test

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/sandboxtest"
)

// status gives the HTTP status that AWS answered an error with.
func status(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// keyPolicy opens a key to one principal for these actions, and leaves the
// rest to the root.
func keyPolicy(account, principal string, actions ...string) string {
	return fill(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::ACCOUNT:root"},"Action":"kms:*","Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":["ACTIONS"],"Resource":"*"}]}`,
		"ACCOUNT", account, "WHO", principal, "ACTIONS", strings.Join(actions, `","`))
}

func TestKMSEncrypts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	key, ctx := server.MustKey(t, server.Service, ""), t.Context()
	client := server.KMS(server.Service.Keys)
	if _, err := client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/master"), TargetKeyId: &key}); err != nil {
		t.Fatal(err)
	}
	context := map[string]string{"tenant": "acme"}
	sealed, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String("alias/master"), Plaintext: []byte("a secret"), EncryptionContext: context})
	if err != nil || *sealed.KeyId != key || bytes.Contains(sealed.CiphertextBlob, []byte("a secret")) {
		t.Fatalf("encrypting: %+v, %v", sealed, err)
	}
	data, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &key, KeySpec: kmstypes.DataKeySpecAes256})
	if err != nil || len(data.Plaintext) != 32 {
		t.Fatalf("a data key: %+v, %v", data, err)
	}
	again, err := client.ReEncrypt(ctx, &kms.ReEncryptInput{CiphertextBlob: sealed.CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: &key})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop(t)

	server = sandboxtest.Start(t, sandboxtest.WithDir(dir))
	client = server.KMS(server.Service.Keys)
	for name, test := range map[string]struct {
		blob    []byte
		context map[string]string
		want    []byte
	}{
		"what was encrypted":    {sealed.CiphertextBlob, context, []byte("a secret")},
		"what was re-encrypted": {again.CiphertextBlob, nil, []byte("a secret")},
		"a data key":            {data.CiphertextBlob, nil, data.Plaintext},
	} {
		out, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: test.blob, EncryptionContext: test.context})
		if err != nil || !bytes.Equal(out.Plaintext, test.want) || *out.KeyId != key {
			t.Errorf("%s, after a restart: %+v, %v", name, out, err)
		}
	}
}

func TestKMSRefusals(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx := t.Context()
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`
	named, namedARN := server.MustUser(t, server.Customer, "named")
	trusting, _ := server.MustUser(t, server.Customer, "trusting", all)
	stranger, _ := server.MustUser(t, server.Customer, "stranger")
	foreign, _ := server.MustUser(t, server.Service, "foreign", all)
	key := server.MustKey(t, server.Customer, keyPolicy(server.Customer.ID, namedARN, "kms:Encrypt"))
	closed := server.MustKey(t, server.Customer, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+namedARN+`"},"Action":"kms:Encrypt","Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":["kms:PutKeyPolicy","kms:DisableKey"],"Resource":"*"}]}`)
	bound := server.MustKey(t, server.Customer, fill(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":["kms:PutKeyPolicy","kms:DisableKey","kms:Encrypt"],"Resource":"*"},
		{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*","Condition":{"StringNotEquals":{"kms:EncryptionContext:tenant":"acme"}}}]}`))
	disabled := server.MustKey(t, server.Customer, "")
	root := server.KMS(server.Customer.Keys)
	sealed, err := root.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &disabled}); err != nil {
		t.Fatal(err)
	}
	encrypt := func(keys aws.Credentials, key string, context map[string]string) error {
		return second(server.KMS(keys).Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x"), EncryptionContext: context}))
	}
	decrypt := func(keys aws.Credentials, blob []byte, change func(*kms.DecryptInput)) error {
		in := &kms.DecryptInput{CiphertextBlob: blob}
		if change != nil {
			change(in)
		}
		return second(server.KMS(keys).Decrypt(ctx, in))
	}
	mangled := slices.Clone(sealed.CiphertextBlob)
	mangled[len(mangled)-1] ^= 1
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"the policy names the caller":                     {encrypt(named, key, nil), ""},
		"the policy names the caller, for other actions":  {decrypt(named, sealed.CiphertextBlob, nil), "AccessDeniedException"},
		"the policy leaves it to the account, which does": {encrypt(trusting, key, nil), ""},
		"the policy leaves it to the account, which not":  {encrypt(stranger, key, nil), "AccessDeniedException"},
		"the policy leaves nothing to the account":        {encrypt(trusting, closed, nil), "AccessDeniedException"},
		"not even to its root":                            {encrypt(server.Customer.Keys, closed, nil), "AccessDeniedException"},
		"from another account":                            {encrypt(foreign, key, nil), "AccessDeniedException"},
		"of another account, and not there":               {encrypt(foreign, "arn:aws:kms:us-east-1:222222222222:key/none", nil), "AccessDeniedException"},
		"an encryption context that the policy demands":   {encrypt(trusting, bound, map[string]string{"tenant": "acme"}), ""},
		"another encryption context":                      {encrypt(trusting, bound, map[string]string{"tenant": "emca"}), "AccessDeniedException"},
		"no such key":                                     {encrypt(trusting, "none", nil), "NotFoundException"},
		"no such alias":                                   {encrypt(trusting, "alias/none", nil), "NotFoundException"},
		"another region":                                  {encrypt(trusting, strings.Replace(key, "us-east-1", "eu-west-1", 1), nil), "NotFoundException"},
		"disabled":                                        {encrypt(trusting, disabled, nil), "DisabledException"},
		"mangled":                                         {decrypt(trusting, mangled, nil), "InvalidCiphertextException"},
		"no ciphertext at all":                            {decrypt(trusting, []byte("hello"), nil), "InvalidCiphertextException"},
		"another context than when it was encrypted": {decrypt(trusting, sealed.CiphertextBlob, func(in *kms.DecryptInput) {
			in.EncryptionContext = map[string]string{"a": "b"}
		}), "InvalidCiphertextException"},
		"another key than it was encrypted with": {decrypt(trusting, sealed.CiphertextBlob, func(in *kms.DecryptInput) { in.KeyId = &bound }), "IncorrectKeyException"},
		"too much at once":                       {second(root.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: make([]byte, 4097)})), "ValidationException"},
		"a policy that locks its maker out": {second(root.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: &key, Policy: aws.String(fill(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":"kms:*","Resource":"*"}]}`, "WHO", namedARN)),
		})), "MalformedPolicyDocumentException"},
		"a policy that names nobody there is": {second(root.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: &key, Policy: aws.String(keyPolicy(server.Customer.ID, "arn:aws:iam::222222222222:user/none", "kms:*")),
		})), "MalformedPolicyDocumentException"},
		"an alias of AWS":       {second(root.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/aws/mine"), TargetKeyId: &key})), "NotAuthorizedException"},
		"a key to sign with":    {second(root.CreateKey(ctx, &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeSignVerify, KeySpec: kmstypes.KeySpecRsa2048})), "UnsupportedOperationException"},
		"a key of nobody":       {encrypt(aws.Credentials{AccessKeyID: "AKIANOBODY0000000000", SecretAccessKey: "x"}, key, nil), "UnrecognizedClientException"},
		"a wrong secret":        {encrypt(aws.Credentials{AccessKeyID: named.AccessKeyID, SecretAccessKey: "x"}, key, nil), "InvalidSignatureException"},
		"a session that is not": {encrypt(aws.Credentials{AccessKeyID: named.AccessKeyID, SecretAccessKey: named.SecretAccessKey, SessionToken: "x"}, key, nil), "UnrecognizedClientException"},
	} {
		if got := code(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q (%v)", name, got, test.want, test.err)
		}
		if test.want != "" && status(test.err) != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", name, status(test.err))
		}
	}
}

func TestKMSKeysAndAliases(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	client, ctx := server.KMS(server.Service.Keys), t.Context()
	made, err := client.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String("master"), Tags: []kmstypes.Tag{{TagKey: aws.String("team"), TagValue: aws.String("data")}}})
	if err != nil {
		t.Fatal(err)
	}
	id, other := made.KeyMetadata.KeyId, server.MustKey(t, server.Service, "")
	alias := aws.String("alias/a")
	for name, err := range map[string]error{
		"an alias":        second(client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: id})),
		"a tag":           second(client.TagResource(ctx, &kms.TagResourceInput{KeyId: id, Tags: []kmstypes.Tag{{TagKey: aws.String("env"), TagValue: aws.String("test")}}})),
		"a tag less":      second(client.UntagResource(ctx, &kms.UntagResourceInput{KeyId: id, TagKeys: []string{"team"}})),
		"a description":   second(client.UpdateKeyDescription(ctx, &kms.UpdateKeyDescriptionInput{KeyId: id, Description: aws.String("new")})),
		"rotation status": second(client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: id})),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := second(client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: &other})); code(err) != "AlreadyExistsException" {
		t.Errorf("an alias twice: %v", err)
	}
	tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: id})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].TagKey != "env" {
		t.Errorf("tags: %+v, %v", tags, err)
	}
	policy, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: id})
	if err != nil || !strings.Contains(*policy.Policy, "Enable IAM User Permissions") {
		t.Errorf("the default policy: %+v, %v", policy, err)
	}
	if _, err := client.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: alias, TargetKeyId: &other}); err != nil {
		t.Fatal(err)
	}
	described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: alias})
	if err != nil || *described.KeyMetadata.Arn != other || described.KeyMetadata.KeyState != kmstypes.KeyStateEnabled {
		t.Errorf("the alias stands for %+v, %v", described, err)
	}
	var listed []string
	pages := kms.NewListKeysPaginator(client, &kms.ListKeysInput{Limit: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Keys {
			listed = append(listed, *key.KeyArn)
		}
	}
	if len(listed) != 2 || !slices.Contains(listed, other) || !slices.Contains(listed, *made.KeyMetadata.Arn) {
		t.Errorf("keys: %v", listed)
	}
	if aliases, err := client.ListAliases(ctx, &kms.ListAliasesInput{}); err != nil || len(aliases.Aliases) != 1 {
		t.Errorf("aliases: %+v, %v", aliases, err)
	}
	if _, err := client.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: alias}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	if err := second(client.Encrypt(ctx, &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})); code(err) != "KMSInvalidStateException" {
		t.Errorf("a key that is to be deleted: %v", err)
	}
	if _, err := client.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	if err := second(client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: id})); err != nil {
		t.Errorf("enabling: %v", err)
	}
}

// TestObjectsUnderKMS reads and writes objects that a KMS key protects, in
// the caller's own name.
func TestObjectsUnderKMS(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx, admin := t.Context(), server.Customer.Keys
	server.MustBucket(t, admin, "sealed")
	reader, readerARN := server.MustUser(t, server.Customer, "reader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	key := server.MustKey(t, server.Customer, "")
	_, err := server.S3(admin).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("sealed"), Key: aws.String("a"), Body: strings.NewReader("x"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func() error {
		return second(server.S3(reader).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("sealed"), Key: aws.String("a")}))
	}
	put := func() error {
		return second(server.S3(reader).PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String("sealed"), Key: aws.String("b"), Body: strings.NewReader("x"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
		}))
	}
	decrypts := func(condition string) string {
		return fill(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"},
			{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{CONDITION}}}]}`, "WHO", readerARN, "CONDITION", condition)
	}
	for _, step := range []struct{ name, policy, get, put string }{
		{"no policy lets the reader use the key", "", "AccessDenied", "AccessDenied"},
		{"the key's policy does, by way of S3", decrypts(`"kms:ViaService":"s3.us-east-1.amazonaws.com"`), "", "AccessDenied"},
		{"only by way of another region's S3", decrypts(`"kms:ViaService":"s3.eu-west-1.amazonaws.com"`), "AccessDenied", "AccessDenied"},
		{"for this object", decrypts(`"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::sealed/a"`), "", "AccessDenied"},
		{"for another object", decrypts(`"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::sealed/b"`), "AccessDenied", "AccessDenied"},
		{"for callers of this account", decrypts(`"kms:CallerAccount":"222222222222"`), "", "AccessDenied"},
	} {
		if step.policy != "" {
			if _, err := server.KMS(admin).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: &step.policy}); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if got := code(get()); got != step.get {
			t.Errorf("%s: reading is answered %q, want %q", step.name, got, step.get)
		}
		if got := code(put()); got != step.put {
			t.Errorf("%s: writing is answered %q, want %q", step.name, got, step.put)
		}
	}
	if _, err := server.KMS(admin).DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key}); err != nil {
		t.Fatal(err)
	}
	if got := code(second(server.S3(admin).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("sealed"), Key: aws.String("a")}))); got != "KMS.DisabledException" {
		t.Errorf("under a disabled key: %q", got)
	}
}

// TestMultipartUnderKMS holds each call of a multipart upload to the
// permission on the key that AWS documents for it: data keys at its beginning,
// and from then on decryption, for S3 reads the parts again. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions.
func TestMultipartUnderKMS(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx, admin := t.Context(), server.Customer.Keys
	server.MustBucket(t, admin, "sealed")
	server.MustPut(t, admin, "sealed", "source", "text")
	writer, writerARN := server.MustUser(t, server.Customer, "writer", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	client, key := server.S3(writer), server.MustKey(t, server.Customer, "")
	let := func(actions ...string) {
		t.Helper()
		policy := keyPolicy(server.Customer.ID, writerARN, actions...)
		if _, err := server.KMS(admin).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, Policy: &policy}); err != nil {
			t.Fatal(err)
		}
	}
	bucket, name := aws.String("sealed"), aws.String("k")
	begin := func() (string, error) {
		out, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: name, ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key})
		if err != nil {
			return "", err
		}
		return *out.UploadId, nil
	}
	let("kms:Decrypt")
	if got := code(second(begin())); got != "AccessDenied" {
		t.Errorf("beginning without data keys is answered %q, want AccessDenied", got)
	}
	let("kms:GenerateDataKey")
	id, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	part := func() (*s3.UploadPartOutput, error) {
		return client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: name, UploadId: &id, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
	}
	copied := func() error {
		return second(client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: bucket, Key: name, UploadId: &id, PartNumber: aws.Int32(2), CopySource: aws.String("sealed/source")}))
	}
	if got := code(second(part())); got != "AccessDenied" {
		t.Errorf("a part without decryption is answered %q, want AccessDenied", got)
	}
	if got := code(copied()); got != "AccessDenied" {
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
		return second(client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: bucket, Key: name, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: made.ETag}}},
		}))
	}
	let("kms:GenerateDataKey")
	if got := code(complete()); got != "AccessDenied" {
		t.Errorf("completing without decryption is answered %q, want AccessDenied", got)
	}
	let("kms:Decrypt")
	if err := complete(); err != nil {
		t.Error(err)
	}
}
