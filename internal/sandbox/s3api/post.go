package s3api

import (
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// A browser's upload: a form whose policy is signed, not the request. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html.

// readPost reads the form up to the file, finds who signed its policy, and
// makes of the fields what they would be as headers of a PUT.
func (c *call) readPost() error {
	form, err := readForm(c.Request)
	if err != nil {
		return err
	}
	c.form = form
	if err := c.authenticatePost(); err != nil {
		return err
	}
	c.Key = form.key()
	c.Request = form.asPut(c.Request)
	return nil
}

// authenticatePost finds the caller of a form, and holds the form to the
// policy that it signed; a form without any of a signature's fields is
// anonymous.
func (c *call) authenticatePost() error {
	old, err := c.form.signatureV2()
	if err != nil {
		return err
	}
	var signer *Signer
	if old != nil {
		signer, err = c.signerOfPostV2(old)
	} else {
		signer, err = c.signerOfPost()
	}
	if err != nil || signer == nil {
		return err
	}
	if err := CheckToken(signer.Caller, c.form.fields["x-amz-security-token"], signer.Caller.KeyID); err != nil {
		return err
	}
	c.Signer = *signer
	policy, err := parsePostPolicy(c.form.fields["policy"])
	if err != nil {
		return err
	}
	c.form.policy = policy
	return policy.check(c.now, c.Bucket, c.form)
}

// signerOfPost finds who signed a form by Version 4; nil when nobody did.
func (c *call) signerOfPost() (*Signer, error) {
	signature, err := c.form.signature()
	if err != nil || signature == nil {
		return nil, err
	}
	region := c.api.config.Region
	if bucket := c.api.config.Store.Bucket(c.Bucket); bucket != nil {
		region = bucket.Region
	}
	if got := signature.Scope.Region; got != region {
		return nil, c.form.badCredential(`the region "%s" is wrong; expecting "%s"`, cut(got), region)
	}
	caller := c.api.config.Directory.Caller(signature.AccessKeyID, c.now)
	if caller == nil {
		return nil, InvalidKey(signature.AccessKeyID)
	}
	if err := sigv4.VerifyText(signature, caller.Secret, c.form.fields["policy"]); err != nil {
		return nil, SignatureError(err, c.now)
	}
	c.region = region
	return &Signer{Caller: caller, Signature: signature}, nil
}

// signerOfPostV2 finds who signed a form by Version 2.
func (c *call) signerOfPostV2(signature *sigv2.Signature) (*Signer, error) {
	caller := c.api.config.Directory.Caller(signature.AccessKeyID, c.now)
	if caller == nil {
		return nil, InvalidKey(signature.AccessKeyID)
	}
	if err := signature.VerifyText(caller.Secret, c.form.fields["policy"]); err != nil {
		return nil, SignatureV2Error(err, c.now)
	}
	return &Signer{Caller: caller, SignatureV2: signature}, nil
}

// CheckToken holds a caller to its session token, which long-term keys have
// none of.
func CheckToken(caller *directory.Caller, token, keyID string) error {
	switch {
	case caller.Session == nil && token == "":
		return nil
	case caller.Session == nil:
		return InvalidToken()
	case token == "":
		return InvalidKey(keyID)
	case !caller.Session.HasToken(token):
		return InvalidToken()
	case caller.Expired:
		return ExpiredToken()
	}
	return nil
}

func (c *call) postObject() error {
	v, err := c.newVersion()
	if err != nil {
		return err
	}
	if tagging := c.form.fields["tagging"]; tagging != "" {
		if v.Tags, err = parseTags([]byte(tagging), maxObjectTags); err != nil {
			return err
		}
	}
	if err := c.allowPut(v); err != nil {
		return err
	}
	claimed, err := claimedChecksum(c.Request)
	if err != nil {
		return err
	}
	in := &ingest{call: c, body: &sigv4.Body{Reader: c.form.file, Length: -1}, limit: maxPut, claimed: claimed}
	if in.digester, err = newDigester(in.body, -1, claimed.Algorithm); err != nil {
		return err
	}
	blob, d, err := c.store(in)
	if err != nil {
		return err
	}
	if err := c.form.policy.checkSize(d.size); err != nil {
		blob.Drop()
		return err
	}
	v.Size, v.ETag, v.Checksum = d.size, hex.EncodeToString(d.md5), d.checksum
	v.Segments = []s3store.Segment{{Blob: blob}}
	stored, err := c.api.config.Store.Put(c.bucket, v, nil)
	if err != nil {
		return c.storeError(err)
	}
	return c.answerPost(stored)
}

type postResponse struct {
	XMLName  xml.Name `xml:"PostResponse"`
	Location string
	Bucket   string
	Key      string
	ETag     string
}

// answerPost answers as the form asked: with a redirect, a document, or
// nothing.
func (c *call) answerPost(v *s3store.Version) error {
	c.newVersionHeaders(v)
	c.encryptionHeaders(v)
	h := c.Writer.Header()
	location := "http://" + c.Request.Host + "/" + c.Bucket + "/" + (&url.URL{Path: v.Key}).EscapedPath()
	h.Set("ETag", quote(v.ETag))
	h.Set("Location", location)
	c.checksumHeaders(v.Checksum)
	if to := redirectOf(c.form.fields); to != nil {
		query := to.Query()
		query.Set("bucket", c.Bucket)
		query.Set("key", v.Key)
		query.Set("etag", quote(v.ETag))
		to.RawQuery = query.Encode()
		h.Set("Location", to.String())
		c.Writer.WriteHeader(http.StatusSeeOther)
		return nil
	}
	switch c.form.fields["success_action_status"] {
	case "200":
		c.Writer.WriteHeader(http.StatusOK)
		return nil
	case "201":
		return c.writeXMLStatus(http.StatusCreated, postResponse{Location: location, Bucket: c.Bucket, Key: v.Key, ETag: quote(v.ETag)})
	}
	return c.noContent()
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
	return awserror.New(http.StatusBadRequest, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
}
