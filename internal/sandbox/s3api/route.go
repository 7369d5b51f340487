package s3api

import "net/http"

// subresources tell operations apart by a parameter of the query: for the
// bucket, and for an object. The first that is there decides.
type subresource struct {
	name                                        string
	get, put, post, del                         string // on a bucket
	objectGet, objectPut, objectPost, objectDel string
}

func subresources() []subresource {
	return []subresource{
		{name: "uploadId", objectGet: "ListParts", objectPut: "UploadPart", objectPost: "CompleteMultipartUpload", objectDel: "AbortMultipartUpload"},
		{name: "uploads", get: "ListMultipartUploads", objectPost: "CreateMultipartUpload"},
		{name: "policy", get: "GetBucketPolicy", put: "PutBucketPolicy", del: "DeleteBucketPolicy"},
		{name: "policyStatus", get: "GetBucketPolicyStatus"},
		{name: "location", get: "GetBucketLocation"},
		{name: "versioning", get: "GetBucketVersioning", put: "PutBucketVersioning"},
		{name: "versions", get: "ListObjectVersions"},
		{name: "delete", post: "DeleteObjects"},
		{name: "tagging", get: "GetBucketTagging", put: "PutBucketTagging", del: "DeleteBucketTagging", objectGet: "GetObjectTagging", objectPut: "PutObjectTagging", objectDel: "DeleteObjectTagging"},
		{name: "acl", get: "GetBucketAcl", put: "PutBucketAcl", objectGet: "GetObjectAcl", objectPut: "PutObjectAcl"},
		{name: "publicAccessBlock", get: "GetPublicAccessBlock", put: "PutPublicAccessBlock", del: "DeletePublicAccessBlock"},
		{name: "ownershipControls", get: "GetBucketOwnershipControls", put: "PutBucketOwnershipControls", del: "DeleteBucketOwnershipControls"},
		{name: "encryption", get: "GetBucketEncryption", put: "PutBucketEncryption", del: "DeleteBucketEncryption"},
		{name: "requestPayment", get: "GetBucketRequestPayment", put: "PutBucketRequestPayment"},
		{name: "attributes", objectGet: "GetObjectAttributes"},
		{name: "object-lock", get: "GetObjectLockConfiguration", put: "PutObjectLockConfiguration"},
		{name: "retention", objectGet: "GetObjectRetention", objectPut: "PutObjectRetention"},
		{name: "legal-hold", objectGet: "GetObjectLegalHold", objectPut: "PutObjectLegalHold"},
		{name: "restore", objectPost: "RestoreObject"},
		{name: "select", objectPost: "SelectObjectContent"},
		{name: "torrent", objectGet: "GetObjectTorrent"},
		{name: "cors", get: "GetBucketCors", put: "PutBucketCors", del: "DeleteBucketCors"},
		{name: "lifecycle", get: "GetBucketLifecycle", put: "PutBucketLifecycle", del: "DeleteBucketLifecycle"},
		{name: "logging", get: "GetBucketLogging", put: "PutBucketLogging"},
		{name: "notification", get: "GetBucketNotification", put: "PutBucketNotification"},
		{name: "website", get: "GetBucketWebsite", put: "PutBucketWebsite", del: "DeleteBucketWebsite"},
		{name: "replication", get: "GetBucketReplication", put: "PutBucketReplication", del: "DeleteBucketReplication"},
		{name: "accelerate", get: "GetBucketAccelerate", put: "PutBucketAccelerate"},
		{name: "inventory", get: "GetBucketInventory", put: "PutBucketInventory", del: "DeleteBucketInventory"},
		{name: "analytics", get: "GetBucketAnalytics", put: "PutBucketAnalytics", del: "DeleteBucketAnalytics"},
		{name: "metrics", get: "GetBucketMetrics", put: "PutBucketMetrics", del: "DeleteBucketMetrics"},
		{name: "intelligent-tiering", get: "GetBucketIntelligentTiering", put: "PutBucketIntelligentTiering", del: "DeleteBucketIntelligentTiering"},
	}
}

// route names the operation that a request asks for.
func route(c *call) (string, error) {
	method := c.Request.Method
	if c.Bucket == "" {
		if method == http.MethodGet {
			return "ListBuckets", nil
		}
		return "", methodNotAllowed(method)
	}
	for _, s := range subresources() {
		if !c.query.Has(s.name) {
			continue
		}
		if name := s.operation(method, c.Key != ""); name != "" {
			return name, nil
		}
		if method != http.MethodHead {
			return "", methodNotAllowed(method)
		}
	}
	if c.Key == "" {
		return bucketOperation(c, method)
	}
	return objectOperation(c, method)
}

func (s subresource) operation(method string, object bool) string {
	names := [4]string{s.get, s.put, s.post, s.del}
	if object {
		names = [4]string{s.objectGet, s.objectPut, s.objectPost, s.objectDel}
	}
	switch method {
	case http.MethodGet:
		return names[0]
	case http.MethodPut:
		return names[1]
	case http.MethodPost:
		return names[2]
	case http.MethodDelete:
		return names[3]
	default:
		return ""
	}
}

func bucketOperation(c *call, method string) (string, error) {
	switch method {
	case http.MethodGet:
		if c.query.Get("list-type") == "2" {
			return "ListObjectsV2", nil
		}
		return "ListObjects", nil
	case http.MethodHead:
		return "HeadBucket", nil
	case http.MethodPut:
		return "CreateBucket", nil
	case http.MethodDelete:
		return "DeleteBucket", nil
	default:
		return "", methodNotAllowed(method)
	}
}

func objectOperation(c *call, method string) (string, error) {
	switch method {
	case http.MethodGet:
		return "GetObject", nil
	case http.MethodHead:
		return "HeadObject", nil
	case http.MethodPut:
		if c.Request.Header.Get("X-Amz-Copy-Source") != "" {
			return "CopyObject", nil
		}
		return "PutObject", nil
	case http.MethodDelete:
		return "DeleteObject", nil
	default:
		return "", methodNotAllowed(method)
	}
}

// operations is S3's actions by name.
func operations() map[string]operation {
	return map[string]operation{
		"ListBuckets":       (*call).listBuckets,
		"CreateBucket":      (*call).createBucket,
		"HeadBucket":        (*call).headBucket,
		"DeleteBucket":      (*call).deleteBucket,
		"GetBucketLocation": (*call).getBucketLocation,

		"GetBucketPolicy":    (*call).getBucketPolicy,
		"PutBucketPolicy":    (*call).putBucketPolicy,
		"DeleteBucketPolicy": (*call).deleteBucketPolicy,

		"ListObjects":   (*call).listObjects,
		"ListObjectsV2": (*call).listObjectsV2,

		"PutObject":    (*call).putObject,
		"GetObject":    (*call).getObject,
		"HeadObject":   (*call).getObject,
		"DeleteObject": (*call).deleteObject,
	}
}
