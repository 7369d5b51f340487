package sigv4

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxAuthorization = 16 << 10 // maximum length of an Authorization header

// Parse parses the signature of a request. It returns nil and no error for an
// unsigned request. With an error it returns the parts that could be parsed.
func Parse(r *http.Request) (*Signature, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return parseHeader(r, header)
	}
	if strings.Contains(r.URL.RawQuery, "X-Amz-Algorithm=") || strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") ||
		strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		s, err := parseQuery(r)
		var e *Error
		if errors.As(err, &e) {
			e.Presigned = true
		}
		return s, err
	}
	return nil, nil //nolint:nilnil // an unsigned request is no error: nil is the anonymous caller's signature
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	if len(header) > maxAuthorization {
		return nil, &Error{Kind: Malformed, Part: "Authorization"}
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if name != algorithm {
		return nil, &Error{Kind: UnsupportedAlgorithm, Part: name, Claimed: header}
	}
	s := &Signature{Token: r.Header.Get("X-Amz-Security-Token")}
	var credential, signed string
	for part := range strings.SplitSeq(rest, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, &Error{Kind: Malformed, Part: strings.TrimSpace(part)}
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
		var e *Error
		if errors.As(err, &e) && e.Kind == Incomplete {
			e.Claimed = rest
		}
		return s, err
	}
	stamp := r.Header.Get("X-Amz-Date")
	if stamp == "" {
		stamp = r.Header.Get("Date")
		if date, err := http.ParseTime(stamp); err == nil {
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
		return s, err
	}
	if err := s.setTime(query["X-Amz-Date"]); err != nil {
		return s, err
	}
	if s.Scope.Service != "s3" {
		s.Expires = MaxSkew // other services have a fixed lifetime for URLs
		return s, nil
	}
	text, given := query["X-Amz-Expires"]
	if !given {
		return s, &Error{Kind: Incomplete, Part: "X-Amz-Expires"}
	}
	seconds, err := strconv.ParseInt(text, 10, 32)
	switch {
	case err != nil:
		return s, &Error{Kind: Malformed, Part: "X-Amz-Expires"}
	case seconds < 0:
		return s, &Error{Kind: NegativeExpires}
	case time.Duration(seconds)*time.Second > MaxExpires:
		return s, &Error{Kind: LongExpires}
	}
	s.Expires = time.Duration(seconds) * time.Second
	return s, nil
}

// fill sets the parts that headers and queries share: the credential with its
// scope, the names of the signed headers, and the signature, which is
// required.
func (s *Signature) fill(credential, signedHeaders string) error {
	switch {
	case credential == "":
		return &Error{Kind: Incomplete, Part: "Credential"}
	case signedHeaders == "":
		return &Error{Kind: Incomplete, Part: "SignedHeaders"}
	case s.Value == "":
		return &Error{Kind: Incomplete, Part: "Signature"}
	}
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return &Error{Kind: MalformedCredential, Claimed: credential}
	}
	s.AccessKeyID = parts[0]
	s.Scope = Scope{Date: parts[1], Region: parts[2], Service: parts[3]}
	if parts[4] != terminator {
		return &Error{Kind: WrongTerminator, Claimed: parts[4]}
	}
	if s.AccessKeyID == "" || s.Scope.Region == "" || s.Scope.Service == "" {
		return &Error{Kind: MalformedCredential, Claimed: credential}
	}
	if _, err := time.Parse("20060102", s.Scope.Date); err != nil {
		return &Error{Kind: MalformedScopeDate, Claimed: s.Scope.Date}
	}
	s.SignedHeaders = strings.Split(strings.ToLower(signedHeaders), ";")
	if len(s.SignedHeaders) > 256 {
		return &Error{Kind: Malformed, Part: "SignedHeaders"}
	}
	return nil
}

func (s *Signature) setTime(stamp string) error {
	if stamp == "" {
		return &Error{Kind: MissingDate}
	}
	at, err := time.Parse(timeLayout, stamp)
	if err != nil {
		return &Error{Kind: MalformedDate, Claimed: stamp}
	}
	if stamp[:8] != s.Scope.Date {
		return &Error{Kind: DateMismatch, Claimed: s.Scope.Date, Computed: stamp[:8]}
	}
	s.Time, s.stamp = at, stamp
	return nil
}
