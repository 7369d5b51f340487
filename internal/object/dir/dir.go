// Package dir provides a folder as a bucket. The objects are its files, and
// the keys are the paths below it, with "/" between segments. It is an
// [object.Bucket] and behaves like S3, with the same codes, so that readers
// of objects needn't distinguish them.
//
// Unlike S3, a folder can't have a key that ends with "/", or two keys of
// which one is a folder of the other. It doesn't list files that begin with a
// dot, or anything that is neither a file nor a folder.
package dir

import (
	"fmt"
	"os"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// Bucket is a folder. It is safe for concurrent use. It can't access anything
// outside the folder, not even through links.
type Bucket struct {
	name string
	root *os.Root
}

// Open opens the folder at path as a bucket. Addresses and errors have the
// name. Close it after use.
func Open(name, path string) (*Bucket, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of bucket %s: %w", name, err)
	}
	return &Bucket{name: name, root: root}, nil
}

// Close closes the folder. Objects that are being read stay open.
func (b *Bucket) Close() error { return b.root.Close() }

func (b *Bucket) failure(operation, key string, status int, code, message string, cause error) *object.Failure {
	return &object.Failure{
		Operation: operation, Resource: "s3://" + b.name + "/" + key,
		Status: status, Code: code, Message: message, Cause: cause,
	}
}

// valid reports whether a key can be a file's path here.
func valid(key string) bool {
	if key == "" || strings.ContainsAny(key, "\x00\\") {
		return false
	}
	for _, segment := range strings.Split(key, "/") {
		if segment == "" || strings.HasPrefix(segment, ".") {
			return false
		}
	}
	return true
}
