// Package postform uploads objects from browser forms, whose policy is signed
// instead of the request. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html.
package postform

import (
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/tagging"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// This file serves a browser's upload: a form whose policy is signed instead
// of the request. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html.

// Read parses the form up to the file, finds the signer of its policy, and
// turns the fields into the headers of a PUT.
func Read(c *front.Call) (*Form, error) {
	form, err := readForm(c.Request)
	if err != nil {
		return nil, err
	}
	c.Posted = true
	if err := form.authenticate(c); err != nil {
		return nil, err
	}
	c.Key = form.key()
	c.Request = form.asPut(c.Request)
	return form, nil
}

// authenticate finds the caller of a form and checks the form against the signed
// policy. A form without signature fields is anonymous.
func (f *Form) authenticate(c *front.Call) error {
	old, err := f.signatureV2()
	if err != nil {
		return err
	}
	var signer *front.Signer
	if old != nil {
		signer, err = f.signerV2(c, old)
	} else {
		signer, err = f.signer(c)
	}
	if err != nil || signer == nil {
		return err
	}
	if err := checkToken(signer.Caller, f.fields["x-amz-security-token"], signer.Caller.KeyID); err != nil {
		return err
	}
	c.Signer = *signer
	policy, err := parsePolicy(f.fields["policy"])
	if err != nil {
		return err
	}
	f.policy = policy
	return policy.validate(c.Now, c.BucketName, f)
}

// signer returns the signer of a form with Version 4, or nil for an unsigned
// form.
func (f *Form) signer(c *front.Call) (*front.Signer, error) {
	signature, err := f.signature()
	if err != nil || signature == nil {
		return nil, err
	}
	region := c.Config.Region
	if bucket := c.Config.Store.Bucket(c.BucketName); bucket != nil {
		region = bucket.Region
	}
	if got := signature.Scope.Region; got != region {
		return nil, f.badCredential(`the region "%s" is wrong; expecting "%s"`, s3error.Cut(got), region)
	}
	caller := c.Config.Directory.Caller(signature.AccessKeyID, c.Now)
	if caller == nil {
		return nil, s3error.InvalidKey(signature.AccessKeyID)
	}
	if err := sigv4.VerifyText(signature, caller.Secret, f.fields["policy"]); err != nil {
		return nil, s3error.SignatureError(err, c.Now)
	}
	c.Region = region
	return &front.Signer{Caller: caller, Signature: signature}, nil
}

// signerV2 returns the signer of a form with Version 2.
func (f *Form) signerV2(c *front.Call, signature *sigv2.Signature) (*front.Signer, error) {
	caller := c.Config.Directory.Caller(signature.AccessKeyID, c.Now)
	if caller == nil {
		return nil, s3error.InvalidKey(signature.AccessKeyID)
	}
	if err := signature.VerifyText(caller.Secret, f.fields["policy"]); err != nil {
		return nil, s3error.SignatureV2Error(err, c.Now)
	}
	return &front.Signer{Caller: caller, SignatureV2: signature}, nil
}

// checkToken verifies a caller's session token. Long-term keys have none.
func checkToken(caller *directory.Caller, token, keyID string) error {
	switch {
	case caller.Session == nil && token == "":
		return nil
	case caller.Session == nil:
		return s3error.InvalidToken()
	case token == "":
		return s3error.InvalidKey(keyID)
	case !caller.Session.HasToken(token):
		return s3error.InvalidToken()
	case caller.Expired:
		return s3error.ExpiredToken()
	}
	return nil
}

// Put stores the form's file as an object.
func (f *Form) Put(c *front.Call) error {
	v, err := objects.NewVersion(c)
	if err != nil {
		return err
	}
	if text := f.fields["tagging"]; text != "" {
		if v.Tags, err = tagging.Parse([]byte(text), tagging.MaxObject); err != nil {
			return err
		}
	}
	if err := objects.AllowPut(c, v); err != nil {
		return err
	}
	in, err := c.ReadFile(f.file, front.MaxPut)
	if err != nil {
		return err
	}
	blob, d, err := c.StoreBody(in)
	if err != nil {
		return err
	}
	if err := f.policy.checkSize(d.Size); err != nil {
		blob.Drop()
		return err
	}
	v.Size, v.ETag, v.Checksum = d.Size, hex.EncodeToString(d.MD5), d.Checksum
	v.Segments = []s3store.Segment{{Blob: blob}}
	v.Cause = c.Cause("ObjectCreated:Post")
	stored, err := c.Config.Store.Put(c.Bucket, v, nil)
	if err != nil {
		return c.StoreError(err)
	}
	return f.respond(c, stored)
}

type postResponse struct {
	XMLName  xml.Name `xml:"PostResponse"`
	Location string
	Bucket   string
	Key      string
	ETag     string
}

// respond sends the requested response: a redirect, a document, or no content.
func (f *Form) respond(c *front.Call, v *s3store.Version) error {
	c.NewVersionHeaders(v)
	encryption.WriteHeaders(c, v)
	h := c.Writer.Header()
	location := "http://" + c.Request.Host + "/" + c.BucketName + "/" + (&url.URL{Path: v.Key}).EscapedPath()
	h.Set("ETag", front.Quote(v.ETag))
	h.Set("Location", location)
	objects.WriteChecksumHeaders(c, v.Checksum)
	if to := redirectOf(f.fields); to != nil {
		query := to.Query()
		query.Set("bucket", c.BucketName)
		query.Set("key", v.Key)
		query.Set("etag", front.Quote(v.ETag))
		to.RawQuery = query.Encode()
		h.Set("Location", to.String())
		c.Writer.WriteHeader(http.StatusSeeOther)
		return nil
	}
	switch f.fields["success_action_status"] {
	case "200":
		c.Writer.WriteHeader(http.StatusOK)
		return nil
	case "201":
		return c.WriteXMLStatus(
			http.StatusCreated,
			postResponse{Location: location, Bucket: c.BucketName, Key: v.Key, ETag: front.Quote(v.ETag)},
		)
	}
	return c.NoContent()
}

func redirectOf(fields map[string]string) *url.URL {
	text := fields["success_action_redirect"]
	if text == "" {
		text = fields["redirect"]
	}
	to, err := url.Parse(text)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" {
		return nil
	}
	return to
}

func malformedPost() error {
	return awserror.New(
		http.StatusBadRequest,
		"MalformedPOSTRequest",
		"The body of your POST request is not well-formed multipart/form-data.",
	)
}
