package s3api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// subresource maps a query parameter to operations on buckets and objects. The
// first such parameter in the query decides.
type subresource struct {
	name                                        string
	get, put, post, del                         string // for a bucket
	objectGet, objectPut, objectPost, objectDel string
}

func subresources() []subresource {
	return []subresource{
		{
			name:       "uploadId",
			objectGet:  "ListParts",
			objectPut:  "UploadPart",
			objectPost: "CompleteMultipartUpload",
			objectDel:  "AbortMultipartUpload",
		},
		{name: "uploads", get: "ListMultipartUploads", objectPost: "CreateMultipartUpload"},
		{name: "policy", get: "GetBucketPolicy", put: "PutBucketPolicy", del: "DeleteBucketPolicy"},
		{name: "policyStatus", get: "GetBucketPolicyStatus"},
		{name: "location", get: "GetBucketLocation"},
		{name: "versioning", get: "GetBucketVersioning", put: "PutBucketVersioning"},
		{name: "versions", get: "ListObjectVersions"},
		{name: "delete", post: "DeleteObjects"},
		{
			name:      "tagging",
			get:       "GetBucketTagging",
			put:       "PutBucketTagging",
			del:       "DeleteBucketTagging",
			objectGet: "GetObjectTagging",
			objectPut: "PutObjectTagging",
			objectDel: "DeleteObjectTagging",
		},
		{name: "acl", get: "GetBucketAcl", put: "PutBucketAcl", objectGet: "GetObjectAcl", objectPut: "PutObjectAcl"},
		{
			name: "publicAccessBlock",
			get:  "GetPublicAccessBlock",
			put:  "PutPublicAccessBlock",
			del:  "DeletePublicAccessBlock",
		},
		{
			name: "ownershipControls",
			get:  "GetBucketOwnershipControls",
			put:  "PutBucketOwnershipControls",
			del:  "DeleteBucketOwnershipControls",
		},
		{
			name:      "encryption",
			get:       "GetBucketEncryption",
			put:       "PutBucketEncryption",
			del:       "DeleteBucketEncryption",
			objectPut: "UpdateObjectEncryption",
		},
		{name: "requestPayment", get: "GetBucketRequestPayment", put: "PutBucketRequestPayment"},
		{name: "attributes", objectGet: "GetObjectAttributes"},
		{name: "object-lock", get: "GetObjectLockConfiguration", put: "PutObjectLockConfiguration"},
		{name: "retention", objectGet: "GetObjectRetention", objectPut: "PutObjectRetention"},
		{name: "legal-hold", objectGet: "GetObjectLegalHold", objectPut: "PutObjectLegalHold"},
		{name: "restore", objectPost: "RestoreObject"},
		{name: "select", objectPost: "SelectObjectContent"},
		{name: "torrent", objectGet: "GetObjectTorrent"},
		{name: "renameObject", objectPut: "RenameObject"},
		{name: "session", get: "CreateSession"},
		{name: "abac", get: "GetBucketAbac", put: "PutBucketAbac"},
		{
			name: "metadataConfiguration",
			get:  "GetBucketMetadataConfiguration",
			post: "CreateBucketMetadataConfiguration",
			del:  "DeleteBucketMetadataConfiguration",
		},
		{
			name: "metadataTable",
			get:  "GetBucketMetadataTableConfiguration",
			post: "CreateBucketMetadataTableConfiguration",
			del:  "DeleteBucketMetadataTableConfiguration",
		},
		{name: "metadataInventoryTable", put: "UpdateBucketMetadataInventoryTableConfiguration"},
		{name: "metadataJournalTable", put: "UpdateBucketMetadataJournalTableConfiguration"},
		{name: "cors", get: "get cors", put: "put cors", del: "delete cors"},
		{name: "lifecycle", get: "get lifecycle", put: "put lifecycle", del: "delete lifecycle"},
		{name: "logging", get: "get logging", put: "put logging", del: "delete logging"},
		{name: "notification", get: "GetBucketNotification", put: "PutBucketNotification"},
		{name: "website", get: "get website", put: "put website", del: "delete website"},
		{name: "replication", get: "get replication", put: "put replication", del: "delete replication"},
		{name: "accelerate", get: "get accelerate", put: "put accelerate", del: "delete accelerate"},
		{name: "inventory", get: "get inventory", put: "put inventory", del: "delete inventory"},
		{name: "analytics", get: "get analytics", put: "put analytics", del: "delete analytics"},
		{name: "metrics", get: "get metrics", put: "put metrics", del: "delete metrics"},
		{
			name: "intelligent-tiering",
			get:  "get intelligent-tiering",
			put:  "put intelligent-tiering",
			del:  "delete intelligent-tiering",
		},
	}
}

// maxHeaders limits the size of a request's headers in bytes, names and values.
const maxHeaders = 8 << 10

// checkPlacement rejects misplaced headers and parameters.
func checkPlacement(c *front.Call, method string) error {
	weight := 0
	for name, values := range c.Request.Header {
		for _, value := range values {
			weight += len(name) + len(value)
		}
	}
	source := c.Request.Header.Get("X-Amz-Copy-Source")
	switch {
	case weight > maxHeaders:
		return awserror.New(http.StatusBadRequest, "RequestHeaderSectionTooLarge", "Your request header section "+
			"exceeds the maximum allowed size.").
			With("MaxSizeAllowed", strconv.Itoa(maxHeaders))
	case source != "" && method != http.MethodPut && (method != http.MethodPost || c.Query.Has("uploadId")):
		return s3error.InvalidArgument(
			"x-amz-copy-source",
			source,
			"You can only specify a copy source header for copy requests.",
		)
	case c.Key == "":
		return nil
	case front.EscapesBucket(c.Key):
		return awserror.New(http.StatusBadRequest, "400", "Bad Request")
	case method == http.MethodGet && c.Query.Has("uploads"):
		return s3error.InvalidRequest("Key is not expected for the GET method ?uploads subresource")
	case method == http.MethodGet && c.Query.Has("versions"):
		return s3error.InvalidRequest("There is no such thing as the ?versions sub-resource for a key")
	case method == http.MethodPut && c.Query.Has("partNumber") && !c.Query.Has("uploadId"):
		return s3error.InvalidArgument(
			"partNumber",
			"partNumber",
			"This operation does not accept partNumber without uploadId",
		)
	case method == http.MethodPut && c.Query.Has("uploadId") && !c.Query.Has("partNumber"):
		return s3error.MethodNotAllowed(method, "UPLOAD")
	}
	return nil
}

// route returns the operation of a request.
func (a *API) route(c *front.Call) (string, error) {
	method := c.Request.Method
	if err := checkPlacement(c, method); err != nil {
		return "", err
	}
	if c.BucketName == "" {
		if method == http.MethodGet {
			return "ListBuckets", nil
		}
		return "", s3error.MethodNotAllowed(method, "SERVICE")
	}
	if method == http.MethodOptions {
		return "Preflight", nil
	}
	for _, s := range a.subresources {
		if !c.Query.Has(s.name) {
			continue
		}
		if name := s.operation(method, c.Key != ""); name != "" {
			return name, nil
		}
		if method != http.MethodHead {
			return "", s3error.MethodNotAllowed(method, strings.ToUpper(s.name))
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

func bucketOperation(c *front.Call, method string) (string, error) {
	switch method {
	case http.MethodGet:
		if c.Query.Get("list-type") == "2" {
			return "ListObjectsV2", nil
		}
		return "ListObjects", nil
	case http.MethodHead:
		return "HeadBucket", nil
	case http.MethodPut:
		return "CreateBucket", nil
	case http.MethodDelete:
		return "DeleteBucket", nil
	case http.MethodPost:
		return "PostObject", nil
	default:
		return "", s3error.MethodNotAllowed(method, "BUCKET")
	}
}

func objectOperation(c *front.Call, method string) (string, error) {
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
		return "", s3error.MethodNotAllowed(method, "OBJECT")
	}
}
