// Package awskms implements a master key in AWS KMS:
// "aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID". The service's own principal
// needs kms:Encrypt and kms:Decrypt on it.
package awskms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
)

// Prefix is the prefix of addresses.
const Prefix = "aws-kms://"

const patience = 15 * time.Second // of one call, including all attempts

// purpose is part of the encryption context: KMS requires it for decryption, and
// CloudTrail shows it.
const purpose = "master key of secrets"

// keyForm matches a key's ARN and captures its region. It doesn't match aliases,
// which can be moved to another key.
var keyForm = regexp.MustCompile(`^arn:aws(?:-cn|-us-gov)?:kms:([a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+$`)

// Config configures the connection to KMS.
type Config struct {
	Credentials aws.CredentialsProvider // the service's own; required
	Endpoint    string                  // replaces the address of AWS; optional
	HTTPClient  *http.Client            // default: the SDK's
}

// Key is a key in KMS. It is safe for concurrent use.
type Key struct {
	client *kms.Client
	arn    string
}

// Open parses an address. It sends no request.
func Open(address string, config Config) (*Key, error) {
	arn := strings.TrimPrefix(address, Prefix)
	match := keyForm.FindStringSubmatch(arn)
	if match == nil {
		return nil, problem.New(problem.Invalid, "The master key %q isn't the ARN of an AWS KMS key.", arn).
			WithHint("It looks like %sarn:aws:kms:eu-west-1:111122223333:key/ID; aliases aren't supported.", Prefix)
	}
	client := kms.New(kms.Options{Region: match[1], Credentials: config.Credentials}, func(o *kms.Options) {
		if config.Endpoint != "" {
			o.BaseEndpoint = aws.String(config.Endpoint)
		}
		if config.HTTPClient != nil {
			o.HTTPClient = config.HTTPClient
		}
	})
	return &Key{client, arn}, nil
}

func contextOf(associated []byte) map[string]string {
	out := map[string]string{"windlass": purpose}
	if len(associated) > 0 {
		out["associated"] = fmt.Sprintf("%x", associated)
	}
	return out
}

// Encrypt encrypts up to 4,096 bytes with KMS.
func (k *Key) Encrypt(plain, associated []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := k.client.Encrypt(ctx, &kms.EncryptInput{
		KeyId: &k.arn, Plaintext: plain,
		EncryptionContext: contextOf(associated),
	})
	if err != nil {
		return nil, fmt.Errorf("encrypting with %s: %w", k.arn, err)
	}
	return out.CiphertextBlob, nil
}

// Decrypt decrypts with KMS. It returns [seal.ErrNotMine] for data that another
// key encrypted.
func (k *Key) Decrypt(cipher, associated []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := k.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &k.arn, CiphertextBlob: cipher,
		EncryptionContext: contextOf(associated),
	})
	if err == nil {
		return out.Plaintext, nil
	}
	var answer smithy.APIError
	if errors.As(err, &answer) && (answer.ErrorCode() == "InvalidCiphertextException" ||
		answer.ErrorCode() == "IncorrectKeyException") {
		return nil, seal.ErrNotMine
	}
	return nil, fmt.Errorf("decrypting with %s: %w", k.arn, err)
}
