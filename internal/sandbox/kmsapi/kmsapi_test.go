package kmsapi_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

func TestKMSEncrypts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	key, ctx := server.MustKey(t, server.Service, ""), t.Context()
	client := server.KMS(server.Service.Keys)
	if _, err := client.CreateAlias(
		ctx,
		&kms.CreateAliasInput{AliasName: aws.String("alias/master"), TargetKeyId: &key},
	); err != nil {
		t.Fatal(err)
	}
	context := map[string]string{"tenant": "acme"}
	sealed, err := client.Encrypt(
		ctx,
		&kms.EncryptInput{KeyId: aws.String("alias/master"), Plaintext: []byte("a secret"), EncryptionContext: context},
	)
	if err != nil || *sealed.KeyId != key || bytes.Contains(sealed.CiphertextBlob, []byte("a secret")) {
		t.Fatalf("encrypting: %+v, %v", sealed, err)
	}
	data, err := client.GenerateDataKey(
		ctx,
		&kms.GenerateDataKeyInput{KeyId: &key, KeySpec: kmstypes.DataKeySpecAes256},
	)
	if err != nil || len(data.Plaintext) != 32 {
		t.Fatalf("a data key: %+v, %v", data, err)
	}
	again, err := client.ReEncrypt(
		ctx,
		&kms.ReEncryptInput{
			CiphertextBlob:          sealed.CiphertextBlob,
			SourceEncryptionContext: context,
			DestinationKeyId:        &key,
		},
	)
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
	key := server.MustKey(t, server.Customer, awstest.KeyPolicy(server.Customer.ID, namedARN, "kms:Encrypt"))
	closed := server.MustKey(
		t,
		server.Customer,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+namedARN+`"},
			"Action":"kms:Encrypt","Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},
			"Action":["kms:PutKeyPolicy","kms:DisableKey"],"Resource":"*"}]}`,
	)
	bound := server.MustKey(t, server.Customer, awstest.Fill(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},
			"Action":["kms:PutKeyPolicy","kms:DisableKey","kms:Encrypt"],"Resource":"*"},
		{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*",
			"Condition":{"StringNotEquals":{"kms:EncryptionContext:tenant":"acme"}}}]}`))
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
		return awstest.Err(
			server.KMS(keys).
				Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x"), EncryptionContext: context}),
		)
	}
	decrypt := func(keys aws.Credentials, blob []byte, change func(*kms.DecryptInput)) error {
		in := &kms.DecryptInput{CiphertextBlob: blob}
		if change != nil {
			change(in)
		}
		return awstest.Err(server.KMS(keys).Decrypt(ctx, in))
	}
	mangled := slices.Clone(sealed.CiphertextBlob)
	mangled[len(mangled)-1] ^= 1
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"the policy names the caller": {encrypt(named, key, nil), ""},
		"the policy names the caller, for other actions": {
			decrypt(named, sealed.CiphertextBlob, nil),
			"AccessDeniedException",
		},
		"the policy leaves it to the account, which does": {encrypt(trusting, key, nil), ""},
		"the policy leaves it to the account, which not":  {encrypt(stranger, key, nil), "AccessDeniedException"},
		"the policy leaves nothing to the account":        {encrypt(trusting, closed, nil), "AccessDeniedException"},
		"not even to its root": {
			encrypt(server.Customer.Keys, closed, nil),
			"AccessDeniedException",
		},
		"from another account": {encrypt(foreign, key, nil), "AccessDeniedException"},
		"of another account, and not there": {encrypt(foreign, "arn:aws:kms:us-east-1:222222222222:key"+
			"/none", nil), "AccessDeniedException"},
		"an encryption context that the policy demands": {
			encrypt(trusting, bound, map[string]string{"tenant": "acme"}),
			"",
		},
		"another encryption context": {
			encrypt(trusting, bound, map[string]string{"tenant": "emca"}),
			"AccessDeniedException",
		},
		"no such key":   {encrypt(trusting, "none", nil), "NotFoundException"},
		"no such alias": {encrypt(trusting, "alias/none", nil), "NotFoundException"},
		"another region": {
			encrypt(trusting, strings.Replace(key, "us-east-1", "eu-west-1", 1), nil),
			"NotFoundException",
		},
		"disabled":             {encrypt(trusting, disabled, nil), "DisabledException"},
		"mangled":              {decrypt(trusting, mangled, nil), "InvalidCiphertextException"},
		"no ciphertext at all": {decrypt(trusting, []byte("hello"), nil), "InvalidCiphertextException"},
		"another context than when it was encrypted": {decrypt(trusting, sealed.CiphertextBlob,
			func(in *kms.DecryptInput) {
				in.EncryptionContext = map[string]string{"a": "b"}
			}), "InvalidCiphertextException"},
		"another key than it was encrypted with": {
			decrypt(trusting, sealed.CiphertextBlob, func(in *kms.DecryptInput) { in.KeyId = &bound }),
			"IncorrectKeyException",
		},
		"too much at once": {awstest.Err(root.Encrypt(ctx,
			&kms.EncryptInput{KeyId: &key, Plaintext: make([]byte, 4097)})), "ValidationException"},
		"a policy that locks its maker out": {awstest.Err(root.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: &key, Policy: aws.String(awstest.Fill(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
				`"Principal":{"AWS":"WHO"},"Action":"kms:*","Resource":"*"}]}`, "WHO", namedARN)),
		})), "MalformedPolicyDocumentException"},
		"a policy that names nobody there is": {awstest.Err(root.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: &key, Policy: aws.String(awstest.KeyPolicy(server.Customer.ID, "arn:aws:iam::222222222222:user"+
				"/none", "kms:*")),
		})), "MalformedPolicyDocumentException"},
		"an alias of AWS": {
			awstest.Err(root.CreateAlias(ctx,
				&kms.CreateAliasInput{AliasName: aws.String("alias/aws/mine"), TargetKeyId: &key})),
			"NotAuthorizedException",
		},
		"a key to sign with": {
			awstest.Err(root.CreateKey(ctx,
				&kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeSignVerify, KeySpec: kmstypes.KeySpecRsa2048})),
			"UnsupportedOperationException",
		},
		"a key of nobody": {encrypt(aws.Credentials{AccessKeyID: "AKIANOBODY0000000000", SecretAccessKey: "x"},
			key, nil), "UnrecognizedClientException"},
		"a wrong secret": {encrypt(aws.Credentials{AccessKeyID: named.AccessKeyID, SecretAccessKey: "x"}, key,
			nil), "InvalidSignatureException"},
		"a session that is not": {encrypt(aws.Credentials{
			AccessKeyID:     named.AccessKeyID,
			SecretAccessKey: named.SecretAccessKey, SessionToken: "x",
		}, key, nil), "UnrecognizedClientException"},
	} {
		if got := awstest.Code(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q (%v)", name, got, test.want, test.err)
		}
		if test.want != "" && awstest.Status(test.err) != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", name, awstest.Status(test.err))
		}
	}
}

func TestKMSKeysAndAliases(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	client, ctx := server.KMS(server.Service.Keys), t.Context()
	made, err := client.CreateKey(
		ctx,
		&kms.CreateKeyInput{
			Description: aws.String("master"),
			Tags:        []kmstypes.Tag{{TagKey: aws.String("team"), TagValue: aws.String("data")}},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	id, other := made.KeyMetadata.KeyId, server.MustKey(t, server.Service, "")
	alias := aws.String("alias/a")
	for name, err := range map[string]error{
		"an alias": awstest.Err(client.CreateAlias(ctx,
			&kms.CreateAliasInput{AliasName: alias, TargetKeyId: id})),
		"a tag": awstest.Err(client.TagResource(ctx,
			&kms.TagResourceInput{
				KeyId: id,
				Tags:  []kmstypes.Tag{{TagKey: aws.String("env"), TagValue: aws.String("test")}},
			})),
		"a tag less": awstest.Err(client.UntagResource(ctx,
			&kms.UntagResourceInput{KeyId: id, TagKeys: []string{"team"}})),
		"a description": awstest.Err(client.UpdateKeyDescription(ctx,
			&kms.UpdateKeyDescriptionInput{KeyId: id, Description: aws.String("new")})),
		"rotation status": awstest.Err(client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: id})),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := awstest.Err(
		client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: &other}),
	); awstest.Code(
		err,
	) != "AlreadyExistsException" {
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
	if _, err := client.ScheduleKeyDeletion(
		ctx,
		&kms.ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: aws.Int32(7)},
	); err != nil {
		t.Fatal(err)
	}
	if err := awstest.Err(
		client.Encrypt(ctx, &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")}),
	); awstest.Code(
		err,
	) != "KMSInvalidStateException" {
		t.Errorf("a key that is to be deleted: %v", err)
	}
	if _, err := client.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	if err := awstest.Err(client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: id})); err != nil {
		t.Errorf("enabling: %v", err)
	}
}
