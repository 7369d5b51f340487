package kmsapi

import (
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

const (
	maxPlaintext  = 4096
	maxCiphertext = 6144
)

type cryptInput struct {
	KeyID               string `json:"KeyId"`
	Plaintext           []byte
	CiphertextBlob      []byte
	EncryptionContext   map[string]string
	EncryptionAlgorithm string
	KeySpec             string
	NumberOfBytes       int

	SourceKeyID                  string `json:"SourceKeyId"`
	SourceEncryptionContext      map[string]string
	SourceEncryptionAlgorithm    string
	DestinationKeyID             string `json:"DestinationKeyId"`
	DestinationEncryptionContext map[string]string
}

// contextKeys returns the condition keys of an encryption context.
func contextKeys(context map[string]string) []authz.Key {
	keys := []authz.Key{authz.K("kms:EncryptionAlgorithm", keySpec)}
	names := directory.SortedNames(context)
	for _, name := range names {
		keys = append(keys, authz.K("kms:EncryptionContext:"+name, context[name]))
	}
	if len(names) > 0 {
		keys = append(keys, authz.K("kms:EncryptionContextKeys", names...))
	}
	return keys
}

// usable returns a key, and decides an action on it.
func (c *call) usable(action, name string, context map[string]string) (*directory.MasterKey, error) {
	key, keys, err := c.find(name, true)
	if err != nil {
		return nil, err
	}
	if err := c.allow(action, key, append(keys, contextKeys(context)...)...); err != nil {
		return nil, err
	}
	if key.Disabled && key.Deletion.IsZero() {
		return nil, invalid("DisabledException", "%s is disabled.", key.ARN())
	}
	return key, notPending(key)
}

func checkAlgorithm(algorithm string) error {
	if algorithm != "" && algorithm != keySpec {
		return invalid(
			"InvalidKeyUsageException",
			"Algorithm %s is incompatible with key spec %s.",
			cut(algorithm),
			keySpec,
		)
	}
	return nil
}

type cryptResult struct {
	CiphertextBlob      []byte `json:",omitempty"`
	Plaintext           []byte `json:",omitempty"`
	KeyID               string `json:"KeyId"`
	SourceKeyID         string `json:"SourceKeyId,omitempty"`
	EncryptionAlgorithm string `json:",omitempty"`
}

func (c *call) encrypt(in *cryptInput) (any, error) {
	switch n := len(in.Plaintext); {
	case n == 0:
		return nil, invalid(
			"ValidationException",
			"1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have "+
				"length greater than or equal to 1",
		)
	case n > maxPlaintext:
		return nil, tooLong("plaintext", maxPlaintext)
	}
	if err := checkAlgorithm(in.EncryptionAlgorithm); err != nil {
		return nil, err
	}
	key, err := c.usable("Encrypt", in.KeyID, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	sealed, err := seal(key, in.Plaintext, in.EncryptionContext)
	return cryptResult{CiphertextBlob: sealed, KeyID: key.ARN(), EncryptionAlgorithm: keySpec}, err
}

// open finds the key in a ciphertext, decides its use, and decrypts. If the
// caller names a key, it must be the same.
func (c *call) open(action, name string, blob []byte, context map[string]string) (*directory.MasterKey, []byte, error) {
	if len(blob) == 0 {
		return nil, nil, missing("ciphertextBlob")
	}
	if len(blob) > maxCiphertext {
		return nil, nil, tooLong("ciphertextBlob", maxCiphertext)
	}
	arn, ok := sealedBy(blob)
	if !ok {
		return nil, nil, invalidCiphertext()
	}
	if name != "" {
		key, _, err := c.find(name, true)
		if err != nil {
			return nil, nil, err
		}
		if key.ARN() != arn {
			return nil, nil, invalid(
				"IncorrectKeyException",
				"The key ID in the request does not identify a CMK that can perform this operation.",
			)
		}
	} else if name = arn; !c.exists(arn) {
		return nil, nil, denied(
			"The ciphertext refers to a customer master key that does not exist, does not exist in this region, or " +
				"you are not allowed to access.",
		)
	}
	key, err := c.usable(action, name, context)
	if err != nil {
		return nil, nil, err
	}
	plain, err := unseal(key, blob, context)
	return key, plain, err
}

func invalidCiphertext() error { return invalid("InvalidCiphertextException", "") }

func (c *call) decrypt(in *cryptInput) (any, error) {
	if err := checkAlgorithm(in.EncryptionAlgorithm); err != nil {
		return nil, err
	}
	key, plain, err := c.open("Decrypt", in.KeyID, in.CiphertextBlob, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return cryptResult{Plaintext: plain, KeyID: key.ARN(), EncryptionAlgorithm: keySpec}, nil
}

func (c *call) reEncrypt(in *cryptInput) (any, error) {
	from, plain, err := c.open("ReEncryptFrom", in.SourceKeyID, in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	to, err := c.usable("ReEncryptTo", in.DestinationKeyID, in.DestinationEncryptionContext)
	if err != nil {
		return nil, err
	}
	sealed, err := seal(to, plain, in.DestinationEncryptionContext)
	return cryptResult{CiphertextBlob: sealed, KeyID: to.ARN(), SourceKeyID: from.ARN()}, err
}

func (in *cryptInput) dataKeySize() (int, error) {
	switch {
	case (in.KeySpec == "") == (in.NumberOfBytes == 0):
		return 0, invalid("ValidationException", "Please specify either number of bytes or key spec.")
	case in.KeySpec == "AES_256":
		return 32, nil
	case in.KeySpec == "AES_128":
		return 16, nil
	case in.KeySpec != "" || in.NumberOfBytes < 1 || in.NumberOfBytes > 1024:
		return 0, invalid(
			"ValidationException",
			"1 validation error detected: Value at 'keySpec' failed to satisfy constraint: Member must satisfy enum "+
				"value set: [AES_256, AES_128]",
		)
	}
	return in.NumberOfBytes, nil
}

func (c *call) generateDataKey(in *cryptInput) (any, error) {
	size, err := in.dataKeySize()
	if err != nil {
		return nil, err
	}
	key, err := c.usable(c.Action, in.KeyID, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	plain := random(size)
	sealed, err := seal(key, plain, in.EncryptionContext)
	return cryptResult{CiphertextBlob: sealed, Plaintext: plain, KeyID: key.ARN()}, err
}

func (c *call) generateDataKeyWithoutPlaintext(in *cryptInput) (any, error) {
	result, err := c.generateDataKey(in)
	if err != nil {
		return nil, err
	}
	without, _ := result.(cryptResult)
	without.Plaintext = nil
	return without, nil
}
