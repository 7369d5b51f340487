// Package dir is a folder as a bucket: the objects are its files, their keys
// the paths below it with "/" between segments. It is an [object.Bucket] and
// answers as S3 does, with the same codes, so that whoever reads objects need
// not know which it has.
//
// What a folder cannot hold as S3 does: a key that ends with "/", and two
// keys of which one is a folder of the other. Files that begin with a dot, and
// what is neither a file nor a folder, are not listed.
package dir

import (
	"fmt"
	"os"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// Bucket is a folder. Its methods may be called at once from many goroutines.
// Nothing outside the folder can be reached, through links neither.
type Bucket struct {
	name string
	root *os.Root
}

// Open makes a bucket of the folder at path. The name stands in addresses and
// errors. Close it after use.
func Open(name, path string) (*Bucket, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of bucket %s: %w", name, err)
	}
	return &Bucket{name: name, root: root}, nil
}

// Close lets the folder go. Objects that are being read stay open.
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
