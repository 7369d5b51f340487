package authz

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// sealer encrypts authorization messages. Only the sandbox that created them
// can decrypt them.
type sealer struct{ aead cipher.AEAD }

func newSealer() (sealer, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("creating the key of authorization messages: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return sealer{}, fmt.Errorf("creating the key of authorization messages: %w", err)
	}
	return sealer{aead}, nil
}

// message is the document that DecodeAuthorizationMessage returns.
type message struct {
	Allowed      bool           `json:"allowed"`
	ExplicitDeny bool           `json:"explicitDeny"`
	Context      messageContext `json:"context"`
	Explanation  string         `json:"explanation"`
}

type messageContext struct {
	Principal struct {
		ARN string `json:"arn"`
	} `json:"principal"`
	Action     string              `json:"action"`
	Resource   string              `json:"resource"`
	Conditions map[string][]string `json:"conditions"`
}

// EncodeMessage seals a decision for [Authorizer.DecodeMessage].
func (a *Authorizer) EncodeMessage(d Decision) (string, error) {
	m := message{Allowed: d.Effect == "allow", ExplicitDeny: d.Effect == "explicitDeny", Explanation: d.Explanation}
	m.Context.Principal.ARN, m.Context.Action = d.Principal, d.Action
	m.Context.Resource, m.Context.Conditions = d.Resource, d.Keys
	text, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("encoding the authorization message: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(
		a.sealer.aead.Seal(nil, nil, text, nil), //nolint:gosec // this AEAD generates its own random nonce
	), nil
}

// DecodeMessage opens a message that this authorizer encoded.
func (a *Authorizer) DecodeMessage(encoded string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(encoded) > 10240 {
		return "", errors.New("invalid message: it isn't base64")
	}
	text, err := a.sealer.aead.Open(nil, nil, raw, nil)
	if err != nil {
		return "", errors.New("invalid message: it wasn't created by this sandbox")
	}
	return string(text), nil
}
