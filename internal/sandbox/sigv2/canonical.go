package sigv2

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// stringToSign returns the text to sign. In a presigned URL, x-amz- parameters
// are signed like the headers of the same name. If both exist, both values are
// signed, so that neither can be added to the other.
func (s *Signature) stringToSign(r *http.Request, path string, subresource func(string) bool) string {
	var b strings.Builder
	for _, line := range []string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), s.stamp} {
		b.WriteString(strings.TrimSpace(line))
		b.WriteByte('\n')
	}
	headers := amzHeaders(r, s.Presigned)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		b.WriteString(name + ":" + strings.Join(headers[name], ",") + "\n")
	}
	b.WriteString(path)
	writeSubresources(&b, r.URL.RawQuery, subresource)
	return b.String()
}

// amzHeaders returns the signed headers, by lower-case name.
func amzHeaders(r *http.Request, presigned bool) map[string][]string {
	headers := map[string][]string{}
	add := func(from map[string][]string) {
		for _, name := range slices.Sorted(maps.Keys(from)) {
			lower := strings.ToLower(name)
			if !strings.HasPrefix(lower, "x-amz-") {
				continue
			}
			for _, value := range from[name] {
				headers[lower] = append(headers[lower], strings.TrimSpace(value))
			}
		}
	}
	add(r.Header)
	if presigned {
		add(r.URL.Query())
	}
	return headers
}

// writeSubresources writes the signed query parameters, sorted by name, with
// unescaped values.
func writeSubresources(b *strings.Builder, raw string, subresource func(string) bool) {
	type parameter struct{ name, text string }
	var signed []parameter
	for part := range strings.SplitSeq(raw, "&") {
		name, value, valued := strings.Cut(part, "=")
		name = unescape(name)
		if part == "" || !subresource(name) {
			continue
		}
		text := name
		if valued {
			text += "=" + unescape(value)
		}
		signed = append(signed, parameter{name, text})
	}
	slices.SortStableFunc(signed, func(x, y parameter) int { return strings.Compare(x.name, y.name) })
	for i, p := range signed {
		if i == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(p.text)
	}
}

// unescape leaves invalid escapes unchanged, so that the signature can't match.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
