package s3api

import (
	"crypto/md5" //nolint:gosec // S3 checks a customer's key by its MD5
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const customerHeader = "X-Amz-Server-Side-Encryption-Customer-"

// namesEncryption says whether a request asks for an encryption of its own.
func (c *call) namesEncryption() bool {
	h := c.Request.Header
	return h.Get("X-Amz-Server-Side-Encryption") != "" || h.Get(customerHeader+"Algorithm") != ""
}

// readEncryption gives a new version its encryption: what the request asks
// for, or what the bucket says. Nothing is encrypted in truth: what is kept is
// who may read.
func (c *call) readEncryption(v *s3store.Version) error {
	h := c.Request.Header
	algorithm, key := h.Get("X-Amz-Server-Side-Encryption"), h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	if h.Get(customerHeader+"Algorithm") != "" || h.Get(customerHeader+"Key") != "" {
		if algorithm != "" {
			return invalidArgument("x-amz-server-side-encryption", algorithm, "Server Side Encryption with Customer provided key is incompatible with the encryption method specified")
		}
		sum, err := c.customerKey(customerHeader)
		v.CustomerKey = sum
		return err
	}
	switch algorithm {
	case "":
		if key != "" {
			return invalidArgument("x-amz-server-side-encryption-aws-kms-key-id", key, "The x-amz-server-side-encryption header is required when x-amz-server-side-encryption-aws-kms-key-id is given")
		}
		v.Encryption = s3store.Encryption{Algorithm: "AES256"}
		if standard := c.bucket.Settings().Encryption; standard != nil {
			v.Encryption = *standard
		}
	case "AES256":
		if key != "" {
			return invalidArgument("x-amz-server-side-encryption", algorithm, "x-amz-server-side-encryption-aws-kms-key-id is only for aws:kms")
		}
		v.Encryption = s3store.Encryption{Algorithm: algorithm}
	case "aws:kms", "aws:kms:dsse":
		v.Encryption = s3store.Encryption{Algorithm: algorithm, KeyID: key, BucketKey: h.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled") == "true"}
	default:
		return invalidArgument("x-amz-server-side-encryption", algorithm, "The encryption method specified is not supported")
	}
	return c.resolveKey(&v.Encryption)
}

// resolveKey turns the name of a KMS key into its ARN.
func (c *call) resolveKey(e *s3store.Encryption) error {
	if !strings.HasPrefix(e.Algorithm, "aws:kms") {
		return nil
	}
	if e.KeyID == "" {
		e.KeyID = "alias/aws/s3"
	}
	if strings.HasPrefix(e.KeyID, "alias/aws/s3") {
		return nil // the account's own key; see allowKey
	}
	account := c.Caller.Account
	if account == "" {
		account = c.bucket.Account
	}
	return c.api.config.Directory.View(func(tx *directory.Tx) error {
		key := tx.MasterKey(account, c.bucket.Region, e.KeyID)
		if key == nil {
			return kmsError("KMS.NotFoundException", "Key '%s' does not exist", cut(e.KeyID))
		}
		if key.Region != c.bucket.Region {
			return kmsError("KMS.NotFoundException", "Invalid arn %s", key.Region)
		}
		e.KeyID = key.ARN()
		return nil
	})
}

func kmsError(code, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, code, format, args...)
}

// allowGenerate decides whether the caller may have its object encrypted.
func (c *call) allowGenerate(v *s3store.Version) error {
	return c.allowKey("kms:GenerateDataKey", v)
}

// allowDecrypt decides whether the caller may have an object decrypted.
func (c *call) allowDecrypt(v *s3store.Version) error { return c.allowKey("kms:Decrypt", v) }

func (c *call) allowKey(action string, v *s3store.Version) error {
	if !strings.HasPrefix(v.Encryption.Algorithm, "aws:kms") {
		return nil
	}
	if c.Caller.Type == iam.Anonymous {
		return accessDenied("Access Denied")
	}
	if v.Encryption.KeyID == "alias/aws/s3" {
		// AWS's own key serves everyone of the bucket's account, and nobody else.
		if c.Caller.Account != c.bucket.Account {
			return accessDenied("The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
		}
		return nil
	}
	var key *directory.MasterKey
	var policy *iam.Compiled
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		if key = tx.MasterKey(c.Caller.Account, c.bucket.Region, v.Encryption.KeyID); key != nil {
			policy = tx.Today(key.Policy, key.Principals).Compiled()
		}
		return nil
	})
	if key == nil {
		return kmsError("KMS.NotFoundException", "Key '%s' does not exist", v.Encryption.KeyID)
	}
	request := &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.region,
		Action: action, Resource: key.ARN(), ResourceAccount: key.Account, Policy: policy,
		Keys: []authz.Key{
			authz.K("aws:ViaAWSService", "true"), authz.K("kms:ViaService", "s3."+c.bucket.Region+".amazonaws.com"), authz.K("kms:CallerAccount", c.Caller.Account),
			authz.K("kms:EncryptionContext:aws:s3:arn", c.objectARN()), authz.K("kms:EncryptionContextKeys", "aws:s3:arn"),
		},
	}
	if d := c.api.config.Authorizer.Decide(c.ctx, request); !d.Allowed() {
		return accessDenied("User: %s is not authorized to perform: %s on resource: %s%s", c.Caller.ARN, action, key.ARN(), authz.Because(request, d))
	}
	if c.struck(fault.KMSDenied) {
		return accessDenied("User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action", c.Caller.ARN, action, key.ARN(), action)
	}
	switch {
	case !key.Deletion.IsZero():
		return kmsError("KMS.KMSInvalidStateException", "%s is pending deletion.", key.ARN())
	case key.Disabled:
		return kmsError("KMS.DisabledException", "%s is disabled.", key.ARN())
	}
	return nil
}

// customerKey reads a key that the customer brings, and gives its MD5; the key
// itself is not kept.
func (c *call) customerKey(prefix string) (string, error) {
	h := c.Request.Header
	algorithm, text, sum := h.Get(prefix+"Algorithm"), h.Get(prefix+"Key"), h.Get(prefix+"Key-Md5")
	if algorithm == "" && text == "" && sum == "" {
		return "", nil
	}
	if algorithm != "AES256" {
		return "", awserror.New(http.StatusBadRequest, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256.")
	}
	if text == "" {
		return "", invalidRequest("Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return "", invalidArgument("x-amz-server-side-encryption", algorithm, "The secret key was invalid for the specified algorithm.")
	}
	want := md5.Sum(key) //nolint:gosec // as above
	if sum != base64.StdEncoding.EncodeToString(want[:]) {
		return "", invalidArgument("x-amz-server-side-encryption", algorithm, "The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	return sum, nil
}

// checkCustomerKey holds a read to the customer's key of the object.
func (c *call) checkCustomerKey(v *s3store.Version, prefix string) error {
	sum, err := c.customerKey(prefix)
	switch {
	case err != nil:
		return err
	case v.CustomerKey == "" && sum != "":
		return invalidRequest("The encryption parameters are not applicable to this object.")
	case v.CustomerKey != "" && sum == "":
		return invalidRequest("The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	case v.CustomerKey != sum:
		return accessDenied("Access Denied")
	}
	return nil
}

// sameCustomerKey holds a part to the key of its upload.
func (c *call) sameCustomerKey(v *s3store.Version) error {
	sum, err := c.customerKey(customerHeader)
	switch {
	case err != nil:
		return err
	case v.CustomerKey != "" && sum == "":
		return invalidRequest("The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
	case v.CustomerKey != sum:
		return invalidRequest("The provided encryption parameters did not match the ones used originally.")
	}
	return nil
}

// encryptionHeaders tells how a version is encrypted.
func (c *call) encryptionHeaders(v *s3store.Version) {
	h := c.Writer.Header()
	if v.CustomerKey != "" {
		h.Set(customerHeader+"Algorithm", "AES256")
		h.Set(customerHeader+"Key-Md5", v.CustomerKey)
		return
	}
	if v.Encryption.Algorithm == "" {
		return
	}
	h.Set("X-Amz-Server-Side-Encryption", v.Encryption.Algorithm)
	if key := v.Encryption.KeyID; key != "" {
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", c.shownKey(key))
	}
	if v.Encryption.BucketKey {
		h.Set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true")
	}
}

// shownKey gives the ARN that stands for the account's own key.
func (c *call) shownKey(key string) string {
	if key != "alias/aws/s3" {
		return key
	}
	return "arn:aws:kms:" + c.bucket.Region + ":" + c.bucket.Account + ":key/aws-s3"
}

type encryptionDocument struct {
	XMLName   xml.Name `xml:"ServerSideEncryptionConfiguration"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Rules     []struct {
		Default struct {
			SSEAlgorithm   string
			KMSMasterKeyID string `xml:",omitempty"`
		} `xml:"ApplyServerSideEncryptionByDefault"`
		BucketKeyEnabled bool
	} `xml:"Rule"`
}

func (c *call) getBucketEncryption() error {
	if err := c.allowBucket("GetEncryptionConfiguration"); err != nil {
		return err
	}
	standard := c.bucket.Settings().Encryption
	if standard == nil {
		standard = &s3store.Encryption{Algorithm: "AES256"}
	}
	document := encryptionDocument{Namespace: namespace}
	document.Rules = append(document.Rules, struct {
		Default struct {
			SSEAlgorithm   string
			KMSMasterKeyID string `xml:",omitempty"`
		} `xml:"ApplyServerSideEncryptionByDefault"`
		BucketKeyEnabled bool
	}{})
	rule := &document.Rules[0]
	rule.Default.SSEAlgorithm, rule.BucketKeyEnabled = standard.Algorithm, standard.BucketKey
	if standard.KeyID != "alias/aws/s3" {
		rule.Default.KMSMasterKeyID = standard.KeyID
	}
	return c.writeXML(document)
}

func (c *call) putBucketEncryption() error {
	if err := c.allowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	var document encryptionDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || len(document.Rules) != 1 {
		return malformedXML()
	}
	rule := document.Rules[0]
	standard := &s3store.Encryption{Algorithm: rule.Default.SSEAlgorithm, KeyID: rule.Default.KMSMasterKeyID, BucketKey: rule.BucketKeyEnabled}
	switch standard.Algorithm {
	case "AES256":
		if standard.KeyID != "" {
			return invalidArgument("KMSMasterKeyID", standard.KeyID, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	case "aws:kms", "aws:kms:dsse":
	default:
		return malformedXML()
	}
	if err := c.resolveKey(standard); err != nil {
		return err
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		s.Encryption = standard
		return nil
	})
}

func (c *call) deleteBucketEncryption() error {
	if err := c.allowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Encryption = nil
		return nil
	})
}

// configure changes the bucket's settings and answers with a status.
func (c *call) configure(status int, change func(*s3store.Settings) error) error {
	if err := c.api.config.Store.Configure(c.bucket, change); err != nil {
		return c.storeError(err)
	}
	c.Writer.WriteHeader(status)
	return nil
}
