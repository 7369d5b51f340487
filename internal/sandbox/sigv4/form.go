package sigv4

import (
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"
)

// FromFields returns the signature of a browser's form from its credential,
// date and signature fields. It is verified with [VerifyText] and only valid
// for S3.
func FromFields(credential, stamp, value string) (*Signature, error) {
	s := &Signature{Value: value}
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[0] == "" || parts[2] == "" {
		return nil, &Error{Kind: MalformedCredential, Claimed: credential}
	}
	s.AccessKeyID, s.Scope = parts[0], Scope{Date: parts[1], Region: parts[2], Service: parts[3]}
	switch {
	case parts[4] != terminator:
		return nil, &Error{Kind: WrongTerminator, Claimed: parts[4]}
	case s.Scope.Service != "s3":
		return nil, &Error{Kind: WrongService, Claimed: s.Scope.Service}
	}
	if _, err := time.Parse("20060102", s.Scope.Date); err != nil {
		return nil, &Error{Kind: MalformedScopeDate, Claimed: s.Scope.Date}
	}
	return s, s.setTime(stamp)
}

// VerifyText reports whether the signature of a text, such as the policy of a
// form, was made with the secret.
func VerifyText(s *Signature, secret, text string) error {
	want := hex.EncodeToString(sum(SigningKey(secret, s.Scope), text))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.Value)) != 1 {
		return &Error{Kind: Mismatch, AccessKeyID: s.AccessKeyID, Claimed: s.Value, StringToSign: text}
	}
	return nil
}
