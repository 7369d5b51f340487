package object

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
)

// Access has what a driver needs to access one bucket, from an integration or
// an access key.
type Access struct {
	Bucket        string
	Region        string // empty: learned from the bucket's responses
	Endpoint      string // empty: AWS; else an S3-compatible service, addressed in path style
	RequesterPays bool
	// Locations has the prefixes of this bucket that may be accessed.
	// Drivers refuse all other keys without a request. Nil means the whole
	// bucket.
	Locations []Location
	// Keys returns credentials that are valid now. It is called before each
	// request, and caches credentials until shortly before they expire.
	Keys func(ctx context.Context) (Keys, error)
	// Answered, optional, is called with the request ID of each successful
	// request. It may be called concurrently.
	Answered func(requestID string)
}

// Keys sign requests.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String // empty for a long-term key
	Expires         time.Time     // zero for a long-term key
}
