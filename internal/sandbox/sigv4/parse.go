package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxAuthorization = 16 << 10 // bytes of an Authorization header that are looked at

// Parse reads the signature of a request. It answers nil and no error for a
// request that has none at all.
func Parse(r *http.Request) (*Signature, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return parseHeader(r, header)
	}
	if strings.Contains(r.URL.RawQuery, "X-Amz-Algorithm=") || strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") ||
		strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		return parseQuery(r)
	}
	return nil, nil //nolint:nilnil // an unsigned request is no error: nil is the anonymous caller's signature
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	if len(header) > maxAuthorization {
		return nil, &Error{Kind: Malformed, Part: "Authorization"}
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if name != algorithm {
		return nil, &Error{Kind: UnsupportedAlgorithm, Part: name}
	}
	s := &Signature{Token: r.Header.Get("X-Amz-Security-Token")}
	var credential, signed string
	for part := range strings.SplitSeq(rest, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, &Error{Kind: Malformed, Part: "Authorization"}
		}
		switch key {
		case "Credential":
			credential = value
		case "SignedHeaders":
			signed = value
		case "Signature":
			s.Value = value
		}
	}
	if err := s.fill(credential, signed); err != nil {
		return nil, err
	}
	stamp := r.Header.Get("X-Amz-Date")
	if stamp == "" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			stamp = date.UTC().Format(timeLayout)
		}
	}
	return s, s.setTime(stamp)
}

func parseQuery(r *http.Request) (*Signature, error) {
	query := map[string]string{}
	for _, pair := range splitQuery(r.URL.RawQuery) {
		if _, twice := query[pair.name]; twice && strings.HasPrefix(pair.name, "X-Amz-") {
			return nil, &Error{Kind: Malformed, Part: pair.name}
		}
		query[pair.name] = pair.value
	}
	if got := query["X-Amz-Algorithm"]; got != algorithm {
		if got == "" {
			return nil, &Error{Kind: Incomplete, Part: "X-Amz-Algorithm"}
		}
		return nil, &Error{Kind: UnsupportedAlgorithm, Part: got}
	}
	s := &Signature{Presigned: true, Value: query["X-Amz-Signature"], Token: query["X-Amz-Security-Token"]}
	if err := s.fill(query["X-Amz-Credential"], query["X-Amz-SignedHeaders"]); err != nil {
		return nil, err
	}
	if err := s.setTime(query["X-Amz-Date"]); err != nil {
		return nil, err
	}
	text, given := query["X-Amz-Expires"]
	if !given {
		return nil, &Error{Kind: Incomplete, Part: "X-Amz-Expires"}
	}
	seconds, err := strconv.ParseInt(text, 10, 32)
	if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > MaxExpires {
		return nil, &Error{Kind: Malformed, Part: "X-Amz-Expires"}
	}
	s.Expires = time.Duration(seconds) * time.Second
	return s, nil
}

// fill sets what both forms have: the credential with its scope, the names of
// the signed headers, and the signature, which must be there already.
func (s *Signature) fill(credential, signedHeaders string) error {
	switch {
	case credential == "":
		return &Error{Kind: Incomplete, Part: "Credential"}
	case signedHeaders == "":
		return &Error{Kind: Incomplete, Part: "SignedHeaders"}
	case s.Value == "":
		return &Error{Kind: Incomplete, Part: "Signature"}
	case len(s.Value) != 64 || strings.Trim(s.Value, "0123456789abcdef") != "":
		return &Error{Kind: Malformed, Part: "Signature"}
	}
	parts := strings.Split(credential, "/")
	if len(parts) < 5 || parts[len(parts)-1] != terminator {
		return &Error{Kind: Malformed, Part: "Credential"}
	}
	n := len(parts)
	s.AccessKeyID = strings.Join(parts[:n-4], "/")
	s.Scope = Scope{Date: parts[n-4], Region: parts[n-3], Service: parts[n-2]}
	if s.AccessKeyID == "" || len(s.Scope.Date) != 8 || s.Scope.Region == "" || s.Scope.Service == "" {
		return &Error{Kind: Malformed, Part: "Credential"}
	}
	s.SignedHeaders = strings.Split(strings.ToLower(signedHeaders), ";")
	if len(s.SignedHeaders) > 256 {
		return &Error{Kind: Malformed, Part: "SignedHeaders"}
	}
	return nil
}

func (s *Signature) setTime(stamp string) error {
	if stamp == "" {
		return &Error{Kind: Incomplete, Part: "X-Amz-Date"}
	}
	at, err := time.Parse(timeLayout, stamp)
	if err != nil {
		return &Error{Kind: Malformed, Part: "X-Amz-Date"}
	}
	if stamp[:8] != s.Scope.Date {
		return &Error{Kind: Malformed, Part: "Credential date"}
	}
	s.Time, s.stamp = at, stamp
	return nil
}
