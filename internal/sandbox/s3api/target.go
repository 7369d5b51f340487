package s3api

import (
	"net"
	"net/http"
	"strings"
)

// Target returns the bucket and the key in a request, in path style
// (/bucket/key) or virtual-host style (bucket.localhost, bucket.s3.localhost,
// bucket.s3.us-east-1.amazonaws.com).
func Target(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if bucket := hostBucket(r.Host); bucket != "" {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func hostBucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if net.ParseIP(host) != nil {
		return ""
	}
	rest, ok := strings.CutSuffix(host, ".localhost")
	if ok {
		if rest == "s3" || rest == "sts" || rest == "iam" {
			return ""
		}
		return strings.TrimSuffix(rest, ".s3")
	}
	if rest, ok = strings.CutSuffix(host, ".amazonaws.com"); !ok {
		return ""
	}
	if bucket, ok := strings.CutSuffix(rest, ".s3"); ok {
		return bucket
	}
	if at := strings.LastIndex(rest, ".s3."); at > 0 {
		return rest[:at]
	}
	return ""
}
