package object

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
)

// Access is how to reach one bucket: what an integration or an access key
// gives, and what a driver needs.
type Access struct {
	Bucket        string
	Region        string // empty: learned from the bucket's own answer
	Endpoint      string // empty: AWS; else an S3-compatible service, addressed in path style
	RequesterPays bool
	// Locations are the prefixes of this bucket that may be reached; a driver
	// refuses every other key before it asks. Nil means the whole bucket.
	Locations []Location
	// Keys returns credentials that are valid now. It is called before each
	// request and keeps what it has until shortly before it ends.
	Keys func(ctx context.Context) (Keys, error)
	// Answered, optional, is told the service's request ID of each request that
	// succeeded. It may be called from many goroutines at once.
	Answered func(requestID string)
}

// Keys sign requests.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String // empty for a long-term key
	Expires         time.Time     // zero for a long-term key
}
