package buckets

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

type corsDocument struct {
	XMLName xml.Name   `xml:"CORSConfiguration"`
	Rules   []corsRule `xml:"CORSRule"`
}

type corsRule struct {
	ID             string
	AllowedOrigins []string `xml:"AllowedOrigin"`
	AllowedMethods []string `xml:"AllowedMethod"`
	AllowedHeaders []string `xml:"AllowedHeader"`
	ExposeHeaders  []string `xml:"ExposeHeader"`
	MaxAge         *int     `xml:"MaxAgeSeconds"`
}

// parseCORS parses and validates a configuration.
func parseCORS(text string) (*corsDocument, error) {
	var document corsDocument
	if err := xml.Unmarshal(
		[]byte(text),
		&document,
	); err != nil || len(document.Rules) == 0 ||
		len(document.Rules) > 100 {
		return nil, s3error.MalformedXML()
	}
	for _, rule := range document.Rules {
		if len(rule.AllowedOrigins) == 0 || len(rule.AllowedMethods) == 0 {
			return nil, s3error.MalformedXML()
		}
		for _, method := range rule.AllowedMethods {
			if !slices.Contains([]string{"GET", "PUT", "HEAD", "POST", "DELETE"}, method) {
				return nil, s3error.InvalidRequest(
					"Found unsupported HTTP method in CORS config. Unsupported method is %s",
					s3error.Cut(method),
				)
			}
		}
		for _, origin := range rule.AllowedOrigins {
			if strings.Count(origin, "*") > 1 {
				return nil, s3error.InvalidRequest(
					"AllowedOrigin \"%s\" can not have more than one wildcard.",
					s3error.Cut(origin),
				)
			}
		}
		for _, header := range rule.AllowedHeaders {
			if strings.Count(header, "*") > 1 {
				return nil, s3error.InvalidRequest(
					"AllowedHeader \"%s\" can not have more than one wildcard.",
					s3error.Cut(header),
				)
			}
		}
		for _, header := range slices.Concat(rule.AllowedHeaders, rule.ExposeHeaders) {
			if !headerPattern.MatchString(header) {
				return nil, s3error.InvalidRequest(
					"AllowedHeader \"%s\" contains invalid character.",
					s3error.Cut(header),
				)
			}
		}
	}
	return &document, nil
}

func checkCORS(_ *front.Call, text string) error {
	_, err := parseCORS(text)
	return err
}

// headerPattern matches the name of a header. See RFC 9110, 5.6.2.
var headerPattern = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")

// rule returns the first rule that allows an origin to use a method with
// headers.
func (d *corsDocument) rule(origin, method string, headers []string) *corsRule {
	for i := range d.Rules {
		rule := &d.Rules[i]
		if !slices.ContainsFunc(rule.AllowedOrigins, func(p string) bool { return matchesWildcard(p, origin) }) ||
			!slices.Contains(rule.AllowedMethods, method) {
			continue
		}
		refused := slices.ContainsFunc(headers, func(h string) bool {
			return !slices.ContainsFunc(
				rule.AllowedHeaders,
				func(p string) bool { return matchesWildcard(strings.ToLower(p), strings.ToLower(h)) },
			)
		})
		if !refused {
			return rule
		}
	}
	return nil
}

func matchesWildcard(pattern, text string) bool {
	before, after, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == text
	}
	return len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// WriteCORSHeaders writes the CORS headers that the bucket's configuration
// allows.
func WriteCORSHeaders(c *front.Call) {
	origin := c.Request.Header.Get("Origin")
	text := c.Bucket.Settings().Documents["cors"]
	if origin == "" || text == "" {
		return
	}
	document, err := parseCORS(text)
	if err != nil {
		return
	}
	if rule := document.rule(origin, c.Request.Method, nil); rule != nil {
		writeRule(c, rule, origin)
	}
}

func writeRule(c *front.Call, rule *corsRule, origin string) {
	h := c.Writer.Header()
	if slices.Contains(rule.AllowedOrigins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(rule.AllowedMethods, ", "))
	if len(rule.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(rule.ExposeHeaders, ", "))
	}
	if rule.MaxAge != nil {
		h.Set("Access-Control-Max-Age", strconv.Itoa(*rule.MaxAge))
	}
	h.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
}

// Preflight serves a browser's OPTIONS request, which needs no permission.
func Preflight(c *front.Call) error {
	origin, method := c.Request.Header.Get("Origin"), c.Request.Header.Get("Access-Control-Request-Method")
	forbidden := func(text string) error {
		return awserror.New(http.StatusForbidden, "AccessForbidden", "CORSResponse: %s", text).
			With("Method", s3error.Cut(method)).
			With("ResourceType", "OBJECT")
	}
	if origin == "" {
		return awserror.New(
			http.StatusBadRequest,
			"BadRequest",
			"Insufficient information. Origin request header needed.",
		)
	}
	if !slices.Contains([]string{"GET", "PUT", "HEAD", "POST", "DELETE"}, method) {
		return awserror.New(
			http.StatusBadRequest,
			"BadRequest",
			"Invalid Access-Control-Request-Method: %s",
			s3error.Cut(method),
		)
	}
	var headers []string
	for name := range strings.SplitSeq(c.Request.Header.Get("Access-Control-Request-Headers"), ",") {
		trimmed := strings.Trim(name, " ")
		if trimmed == "" {
			continue
		}
		if !headerPattern.MatchString(trimmed) {
			return awserror.New(
				http.StatusBadRequest,
				"BadRequest",
				"Access-Control-Request-Headers \"%s\" contains invalid character.",
				s3error.Cut(name),
			)
		}
		headers = append(headers, trimmed)
	}
	text := c.Bucket.Settings().Documents["cors"]
	if text == "" {
		return forbidden("CORS is not enabled for this bucket.")
	}
	document, err := parseCORS(text)
	if err != nil {
		return err
	}
	rule := document.rule(origin, method, headers)
	if rule == nil {
		return forbidden(
			"This CORS request is not allowed. This is usually because the evalution of Origin, request method / " +
				"Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the " +
				"resource's CORS spec.",
		)
	}
	writeRule(c, rule, origin)
	if len(headers) > 0 {
		c.Writer.Header().Set("Access-Control-Allow-Headers", strings.ToLower(strings.Join(headers, ", ")))
	}
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}
