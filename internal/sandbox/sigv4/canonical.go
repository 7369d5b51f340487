package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest returns the text whose hash is signed. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
func (s *Signature) canonicalRequest(r *http.Request, payloadHash string) string {
	var b strings.Builder
	b.Grow(1024)
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(s.canonicalPath(r))
	b.WriteByte('\n')
	s.writeQuery(&b, r.URL.RawQuery)
	b.WriteByte('\n')
	for _, name := range s.SignedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(headerValue(r, name))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(s.SignedHeaders, ";"))
	b.WriteByte('\n')
	b.WriteString(payloadHash)
	return b.String()
}

// canonicalPath encodes the path once for S3, where it is the key, and twice
// for every other service.
func (s *Signature) canonicalPath(r *http.Request) string {
	path := r.URL.Path
	if path == "" {
		return "/"
	}
	path = encode(path, true)
	if s.Scope.Service != "s3" {
		path = encode(path, true)
	}
	return path
}

type pair struct{ name, value string }

// splitQuery parses a query as AWS does: only "&" separates parameters, and a
// name without "=" has an empty value. Invalid escapes stay unchanged, so that
// the signature can't match.
func splitQuery(raw string) []pair {
	if raw == "" {
		return nil
	}
	pairs := make([]pair, 0, strings.Count(raw, "&")+1)
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, pair{unescape(name), unescape(value)})
	}
	return pairs
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func (s *Signature) writeQuery(b *strings.Builder, raw string) {
	pairs := splitQuery(raw)
	encoded := pairs[:0]
	for _, p := range pairs {
		if s.Presigned && p.name == "X-Amz-Signature" {
			continue
		}
		encoded = append(encoded, pair{encode(p.name, false), encode(p.value, false)})
	}
	slices.SortFunc(encoded, func(x, y pair) int {
		if c := strings.Compare(x.name, y.name); c != 0 {
			return c
		}
		return strings.Compare(x.value, y.value)
	})
	for i, p := range encoded {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(p.value)
	}
}

// headerValue returns a header as it is signed: values joined by commas, outer
// spaces trimmed, runs of spaces collapsed. It restores headers that net/http
// removes from the map.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		if v := r.Header.Get("Content-Length"); v != "" {
			return v
		}
		return strconv.FormatInt(max(r.ContentLength, 0), 10)
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	values := r.Header.Values(name)
	if len(values) == 1 && !strings.Contains(values[0], "  ") {
		return strings.TrimSpace(values[0])
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}

const upperHex = "0123456789ABCDEF"

// encode percent-encodes all but the unreserved characters, and "/" in a path.
func encode(s string, path bool) string {
	n := 0
	for i := range len(s) {
		if !plain(s[i], path) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; plain(c, path) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(b)
}

func plain(c byte, path bool) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~' || path && c == '/'
}
