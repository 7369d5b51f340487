package sigv2

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxAuthorization = 1 << 10      // maximum length of an Authorization header
	lastSecond       = 253402300799 // the end of the year 9999
)

// Parse parses the signature of a request. It returns nil and no error for a
// request without a Version 2 signature. With an error it returns the parts that
// could be parsed.
func Parse(r *http.Request) (*Signature, error) {
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS "); ok {
		return parseHeader(r, header)
	}
	if !strings.Contains(r.URL.RawQuery, "Signature=") && !strings.Contains(r.URL.RawQuery, "AWSAccessKeyId=") {
		return nil, nil //nolint:nilnil // a request that is not signed so is no error
	}
	query := r.URL.Query()
	if !query.Has("Signature") && !query.Has("AWSAccessKeyId") {
		return nil, nil //nolint:nilnil // as above: X-Amz-Signature is another version's
	}
	return parseQuery(r, query)
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	id, value, ok := strings.Cut(header, ":")
	if !ok || id == "" || value == "" || len(header) > maxAuthorization {
		return nil, &Error{Kind: Malformed, Claimed: header}
	}
	s := &Signature{AccessKeyID: id, Value: value, Token: r.Header.Get("X-Amz-Security-Token")}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
		s.stamp = date
	}
	at, err := http.ParseTime(date)
	if err != nil {
		if at, err = time.Parse(time.RFC1123Z, date); err != nil {
			return s, &Error{Kind: MissingDate}
		}
	}
	s.Time = at
	return s, nil
}

func parseQuery(r *http.Request, query url.Values) (*Signature, error) {
	for _, name := range []string{"AWSAccessKeyId", "Signature", "Expires"} {
		if len(query[name]) != 1 || query.Get(name) == "" {
			return nil, &Error{Kind: Incomplete}
		}
	}
	s := &Signature{
		Presigned:   true,
		AccessKeyID: query.Get("AWSAccessKeyId"),
		Value:       query.Get("Signature"),
		stamp:       query.Get("Expires"),
	}
	for name, values := range query {
		if strings.EqualFold(name, "x-amz-security-token") {
			s.Token = values[0]
		}
	}
	if s.Token == "" {
		s.Token = r.Header.Get("X-Amz-Security-Token")
	}
	seconds, err := strconv.ParseInt(s.stamp, 10, 64)
	if err != nil || seconds < 0 || seconds > lastSecond {
		return s, &Error{Kind: BadExpires, Claimed: s.stamp}
	}
	s.Expires = time.Unix(seconds, 0)
	return s, nil
}
