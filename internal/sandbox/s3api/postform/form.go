package postform

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// maxForm limits the size of a form's fields in bytes, without its file.
const maxForm = 20 << 10

// Form is a browser's upload form, parsed up to its file.
type Form struct {
	fields map[string]string // names in lower case
	names  []string          // in order
	file   *multipart.Part
	policy *policy // nil for an anonymous caller
}

// readForm parses the fields before the file and ignores the rest.
func readForm(r *http.Request) (*Form, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, s3error.PreconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data")
	}
	if parameters["boundary"] == "" {
		return nil, malformedPost()
	}
	form := &Form{fields: map[string]string{}}
	reader := multipart.NewReader(r.Body, parameters["boundary"])
	weight := 0
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, s3error.InvalidArgument("file", "", "POST requires exactly one file upload per request.")
		}
		if err != nil {
			return nil, malformedPost()
		}
		if strings.EqualFold(part.FormName(), "file") {
			form.file = part
			return form, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, maxForm+1))
		if err != nil {
			return nil, malformedPost()
		}
		if weight += len(value) + len(part.FormName()); weight > maxForm {
			return nil, s3error.InvalidArgument(
				"form",
				"",
				"Your POST request fields preceding the upload file were too large.",
			)
		}
		form.fields[strings.ToLower(part.FormName())] = string(value)
		form.names = append(form.names, part.FormName())
	}
}

// key returns the object's key, with the file's name in place of ${filename}.
func (f *Form) key() string {
	return strings.ReplaceAll(f.fields["key"], "${filename}", path.Base("/"+f.file.FileName()))
}

func missingField(name string) error {
	return s3error.InvalidArgument(
		name,
		"",
		"Bucket POST must contain a field named '%s'.  If it is specified, please check the order of the fields.",
		name,
	)
}

// signature returns the Version 4 signature of the form's policy, or nil.
func (f *Form) signature() (*sigv4.Signature, error) {
	names := []string{"policy", "x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm"}
	if _, keyed := f.fields["key"]; !keyed {
		return nil, missingField("key")
	}
	given := func(name string) bool { _, ok := f.fields[name]; return ok }
	if !slices.ContainsFunc(names, given) {
		return nil, nil //nolint:nilnil // an unsigned form is no error
	}
	for _, name := range names {
		if !given(name) {
			return nil, missingField(name)
		}
	}
	if algorithm := f.fields["x-amz-algorithm"]; algorithm != "AWS4-HMAC-SHA256" {
		return nil, s3error.InvalidArgument("X-Amz-Algorithm", algorithm, "Only AWS4-HMAC-SHA256 is supported")
	}
	signature, err := sigv4.FromFields(
		f.fields["x-amz-credential"],
		f.fields["x-amz-date"],
		f.fields["x-amz-signature"],
	)
	return signature, f.signatureFault(err)
}

// signatureV2 returns the Version 2 signature of the form's policy, or nil. A
// form with a Version 4 field has a Version 4 signature.
func (f *Form) signatureV2() (*sigv2.Signature, error) {
	given := func(name string) bool { _, ok := f.fields[name]; return ok }
	four := []string{"x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm"}
	if !given("awsaccesskeyid") && !given("signature") || slices.ContainsFunc(four, given) {
		return nil, nil //nolint:nilnil // a form with another signature, or with none, isn't an error
	}
	for _, name := range []string{"key", "policy", "signature", "AWSAccessKeyId"} {
		if !given(strings.ToLower(name)) {
			return nil, missingField(name)
		}
	}
	return &sigv2.Signature{
		AccessKeyID: f.fields["awsaccesskeyid"],
		Value:       f.fields["signature"],
		Token:       f.fields["x-amz-security-token"],
	}, nil
}

// signatureFault returns an error of the signature fields in S3's words.
func (f *Form) signatureFault(err error) error {
	var e *sigv4.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case sigv4.MalformedDate, sigv4.MissingDate:
		return s3error.InvalidArgument(
			"X-Amz-Date",
			f.fields["x-amz-date"],
			"X-Amz-Date must be formated via ISO8601 Long format",
		)
	case sigv4.WrongTerminator:
		return f.badCredential(`incorrect terminal "%s". This endpoint uses "aws4_request".`, s3error.Cut(e.Claimed))
	case sigv4.MalformedScopeDate, sigv4.DateMismatch:
		return f.badCredential(
			`incorrect date format "%s". This date in the credential must be in the format "yyyyMMdd".`,
			s3error.Cut(e.Claimed),
		)
	case sigv4.WrongService:
		return f.badCredential(`incorrect service "%s". This endpoint belongs to "s3".`, s3error.Cut(e.Claimed))
	default:
		return f.badCredential(
			`the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
		)
	}
}

func (f *Form) badCredential(format string, args ...any) error {
	return s3error.InvalidArgument("x-amz-credential", f.fields["x-amz-credential"], format, args...)
}

// asPut returns the equivalent PUT request: the fields as headers, without
// those that only forms have.
func (f *Form) asPut(r *http.Request) *http.Request {
	put := r.Clone(r.Context())
	put.Header = http.Header{}
	for _, name := range []string{"User-Agent", "Referer", "Origin", "X-Amz-Expected-Bucket-Owner"} {
		if value := r.Header.Get(name); value != "" {
			put.Header.Set(name, value)
		}
	}
	for name, value := range f.fields {
		switch {
		case name == "acl":
			put.Header.Set("X-Amz-Acl", value)
		case strings.HasPrefix(name, "x-amz-meta-"),
			strings.HasPrefix(name, "x-amz-") && !IsSignatureField(name),
			slices.Contains(objects.StandardHeaders, http.CanonicalHeaderKey(name)):
			put.Header.Set(name, value)
		}
	}
	return put
}

// IsSignatureField reports whether a field belongs to the signature.
func IsSignatureField(name string) bool {
	return slices.Contains(
		[]string{"x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm", "x-amz-security-token"},
		name,
	)
}
